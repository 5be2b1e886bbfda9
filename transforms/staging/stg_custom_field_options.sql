-- One row a choice that a custom field offers.
select
    airmeet_id,
    field_id,
    code,
    display_value
from custom_field_options
