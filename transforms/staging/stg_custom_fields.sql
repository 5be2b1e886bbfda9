-- One row a custom field of a registration form; its options stay JSON, as text.
select
    airmeet_id,
    field_id,
    label,
    input_type,
    cast(options as varchar) as options
from custom_fields
