-- One row a person who watched the replay of a session; `person` is null without an address.
select
    airmeet_id,
    session_id,
    id as replay_id,
    nullif(lower(trim(email)), '') as person,
    name
from replay_attendance
