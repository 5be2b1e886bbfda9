-- One row a custom field of a registration form.
select
    airmeet_id,
    field_id,
    nullif(label, '') as label,
    input_type
from custom_fields
