-- One row a person in a role, of a session or of the whole airmeet; `person` is null where nothing
-- tells who it is.
select
    airmeet_id,
    session_id,
    role,
    id as user_id,
    person,
    nullif(name, '') as name
from session_people
