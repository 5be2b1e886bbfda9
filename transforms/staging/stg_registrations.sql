-- One row a registration; `person` is null where nothing tells who it is. `attendance_type` is in
-- lower case, without spaces and hyphens.
select
    airmeet_id,
    person,
    nullif(name, '') as name,
    nullif(city, '') as city,
    nullif(country, '') as country,
    nullif(organisation, '') as organisation,
    nullif(designation, '') as designation,
    registration_date as registered_at,
    replace(replace(replace(lower(attendance_type), '-', ''), '_', ''), ' ', '') as attendance_type
from registrations
