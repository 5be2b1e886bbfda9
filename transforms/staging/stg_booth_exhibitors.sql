-- One row an exhibitor of a booth; `person` is null where nothing tells who it is.
select
    airmeet_id,
    booth_id,
    id as user_id,
    person
from booth_exhibitors
