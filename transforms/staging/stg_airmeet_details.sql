-- One row an airmeet: what its own page says.
select
    airmeet_id,
    name,
    short_desc,
    start_time,
    end_time,
    timezone as time_zone
from airmeet_details
