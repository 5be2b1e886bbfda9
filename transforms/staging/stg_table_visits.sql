-- One row a table of the lounge that an attendee joined, as a webhook delivered it; `lounge_table`
-- is its id, else its name.
select
    delivery_id,
    "position",
    airmeet_id,
    person,
    coalesce(nullif(trim(table_id), ''), nullif(trim(table_name), '')) as lounge_table
from table_visits
where airmeet_id is not null
