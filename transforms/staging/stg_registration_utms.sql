-- One row a registration by a tagged link; tags in lower case, `person` null without an address.
select
    airmeet_id,
    id as utm_id,
    nullif(lower(trim(email)), '') as person,
    nullif(lower(trim(utm_source)), '') as source,
    nullif(lower(trim(utm_medium)), '') as medium,
    nullif(lower(trim(utm_campaign)), '') as campaign
from registration_utms
