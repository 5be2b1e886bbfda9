-- One row an attendee of a session; `person` is null where there is no address.
select
    airmeet_id,
    session_id,
    id as attendance_id,
    nullif(lower(trim(email)), '') as person,
    name,
    user_id
from session_attendance
