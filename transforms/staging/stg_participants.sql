-- One row an invitee, guest or registered user; `person` is null where nothing tells who it is.
-- `user_type` is in lower case, without spaces and hyphens.
select
    airmeet_id,
    person,
    nullif(name, '') as name,
    nullif(city, '') as city,
    nullif(country, '') as country,
    nullif(organisation, '') as organisation,
    nullif(designation, '') as designation,
    replace(replace(replace(lower(user_type), '-', ''), '_', ''), ' ', '') as user_type
from participants
