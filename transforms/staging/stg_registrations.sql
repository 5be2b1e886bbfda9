-- One row a registration; `person` is null where nothing tells who it is.
select
    airmeet_id,
    person,
    name,
    city,
    country,
    organisation,
    designation,
    registration_date as registered_at
from registrations
