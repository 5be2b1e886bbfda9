-- One row a value given for a custom field; `person` is null where there is no address.
select
    airmeet_id,
    nullif(lower(trim(email)), '') as person,
    field_id,
    value
from participant_answers
