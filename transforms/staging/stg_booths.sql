-- One row a booth.
select
    airmeet_id,
    booth_id,
    name
from booths
