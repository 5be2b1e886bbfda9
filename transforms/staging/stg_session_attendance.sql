-- One row an attendee of a session; `person` is null where nothing tells who it is.
select
    airmeet_id,
    session_id,
    id as attendance_id,
    person,
    nullif(name, '') as name,
    user_id
from session_attendance
