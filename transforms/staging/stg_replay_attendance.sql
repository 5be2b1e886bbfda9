-- One row a person who watched the replay of a session; `person` is null where nothing tells who
-- it is.
select
    airmeet_id,
    session_id,
    id as replay_id,
    person,
    nullif(name, '') as name,
    user_id
from replay_attendance
