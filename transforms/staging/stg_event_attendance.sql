-- One row an attendee of an airmeet; `person` is null where there is no address.
select
    airmeet_id,
    id as attendance_id,
    nullif(lower(trim(email)), '') as person,
    name,
    user_id
from event_attendance
