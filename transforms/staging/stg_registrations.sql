-- One row a registration; `person` is null where nothing tells who it is.
select
    airmeet_id,
    person,
    nullif(name, '') as name,
    nullif(city, '') as city,
    nullif(country, '') as country,
    nullif(organisation, '') as organisation,
    nullif(designation, '') as designation,
    registration_date as registered_at
from registrations
