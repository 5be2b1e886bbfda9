-- One row a resource that an attendee opened, as a webhook delivered it; `resource` is its name,
-- else its id, else its link.
select
    delivery_id,
    "position",
    airmeet_id,
    person,
    coalesce(
        nullif(trim(resource_name), ''),
        nullif(trim(resource_id), ''),
        nullif(trim(resource_link), '')
    ) as resource
from resource_views
where airmeet_id is not null
