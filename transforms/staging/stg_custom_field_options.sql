-- One row a choice that a custom field offers.
select
    airmeet_id,
    field_id,
    code,
    nullif(display_value, '') as display_value
from custom_field_options
