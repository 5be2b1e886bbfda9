-- One row an exhibitor of a booth; `person` is null where there is no address.
select
    airmeet_id,
    booth_id,
    id as user_id,
    nullif(lower(trim(email)), '') as person
from booth_exhibitors
