-- One row an airmeet; `timezone` as the API names it, `status` in capitals.
select
    airmeet_id,
    nullif(name, '') as name,
    upper(trim(status)) as status,
    start_time,
    end_time,
    timezone,
    last_listed_at
from airmeets
