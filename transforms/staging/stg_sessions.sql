-- One row a session.
select
    airmeet_id,
    session_id,
    nullif(name, '') as name,
    start_time,
    status,
    duration as minutes
from sessions
