-- One row a value given for a custom field; `person` is null where nothing tells who it is.
select
    airmeet_id,
    person,
    field_id,
    value
from participant_answers
