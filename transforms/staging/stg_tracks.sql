-- One row a track: a series of sessions.
select
    airmeet_id,
    track_id,
    name
from tracks
