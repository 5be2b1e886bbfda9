-- One row a registration; `person` is null where nothing tells who it is.
select
    airmeet_id,
    person,
    nullif(name, '') as name,
    city,
    country,
    nullif(organisation, '') as organisation,
    designation,
    registration_date as registered_at
from registrations
