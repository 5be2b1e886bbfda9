-- One row a session; the lists of its people stay JSON, as text.
select
    airmeet_id,
    session_id,
    name,
    start_time,
    status,
    duration as minutes,
    cast(host_id as varchar) as hosts,
    cast(cohost_ids as varchar) as cohosts,
    cast(speaker_id as varchar) as speakers,
    cast(speaker_list as varchar) as speaker_profiles
from sessions
