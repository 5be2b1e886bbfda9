-- One row a registration; `person` is null where there is no address.
select
    airmeet_id,
    nullif(lower(trim(email)), '') as person,
    name,
    city,
    country,
    organisation,
    designation,
    registration_date as registered_at
from registrations
