-- One row an attendee of an airmeet; `person` is null where nothing tells who it is.
select
    airmeet_id,
    id as attendance_id,
    person,
    nullif(name, '') as name,
    user_id
from event_attendance
