-- One row an invitee, guest or registered user; `person` is null where nothing tells who it is.
select
    airmeet_id,
    person,
    name,
    organisation,
    lower(trim(user_type)) as user_type
from participants
