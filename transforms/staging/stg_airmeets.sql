-- One row an airmeet; `timezone` as the API names it.
select
    airmeet_id,
    name,
    status,
    start_time,
    end_time,
    timezone,
    last_listed_at
from airmeets
