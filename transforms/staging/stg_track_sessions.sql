-- One row a session of a track.
select
    airmeet_id,
    track_id,
    session_id
from track_sessions
