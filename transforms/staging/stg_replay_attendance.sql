-- One row a person who watched the replay of a session; `person` is null where nothing tells who
-- it is.
select
    airmeet_id,
    session_id,
    id as replay_id,
    person,
    nullif(name, '') as name,
    user_id,
    case when duration_viewed between 0 and 44640 then duration_viewed end as minutes_viewed
from replay_attendance
