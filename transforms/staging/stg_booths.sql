-- One row a booth; the addresses of its exhibitors stay JSON, as text.
select
    airmeet_id,
    booth_id,
    name,
    cast(exhibitors as varchar) as exhibitors
from booths
