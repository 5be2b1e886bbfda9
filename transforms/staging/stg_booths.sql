-- One row a booth.
select
    airmeet_id,
    booth_id,
    nullif(name, '') as name
from booths
