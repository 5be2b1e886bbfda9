-- One row an attendee of an airmeet; `person` is null where nothing tells who it is.
select
    airmeet_id,
    id as attendance_id,
    person,
    nullif(name, '') as name,
    user_id,
    time_stamp as entered_at,
    -- A stay of more than a month cannot be true.
    case
        when time_spent between 0 and 2678400000
            then cast(floor(cast(time_spent as double) / 1000) as bigint)
    end as seconds_spent
from event_attendance
