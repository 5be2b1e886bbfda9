-- One row a registration by a tagged link; tags in lower case, `person` null where nothing tells
-- who it is.
select
    airmeet_id,
    id as utm_id,
    person,
    nullif(lower(trim(utm_source)), '') as source,
    nullif(lower(trim(utm_medium)), '') as medium,
    nullif(lower(trim(utm_campaign)), '') as campaign
from registration_utms
