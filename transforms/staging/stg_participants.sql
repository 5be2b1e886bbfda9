-- One row an invitee, guest or registered user; `person` is null where there is no address.
select
    airmeet_id,
    nullif(lower(trim(email)), '') as person,
    name,
    organisation,
    lower(trim(user_type)) as user_type
from participants
