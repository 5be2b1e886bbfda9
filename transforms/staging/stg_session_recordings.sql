-- One row a recording of a session; the link to it is never loaded.
select
    airmeet_id,
    session_id,
    position as recording_position,
    session_name
from session_recordings
