-- One row an invitee, guest or registered user; `person` is null where nothing tells who it is.
-- `user_type` and `attendance_type` are in lower case, without spaces and hyphens.
select
    airmeet_id,
    person,
    nullif(name, '') as name,
    nullif(city, '') as city,
    nullif(country, '') as country,
    nullif(organisation, '') as organisation,
    nullif(designation, '') as designation,
    replace(replace(replace(lower(user_type), '-', ''), '_', ''), ' ', '') as user_type,
    replace(replace(replace(lower(attendance_type), '-', ''), '_', ''), ' ', '') as attendance_type
from participants
