-- One row a person in a role, of a session or of the whole airmeet; `person` is null where there is
-- no address.
select
    airmeet_id,
    session_id,
    role,
    id as user_id,
    nullif(lower(trim(email)), '') as person,
    name
from session_people
