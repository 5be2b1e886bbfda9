-- Times that do not fit together: an end before the start, sessions and attendance more than a
-- month outside of their airmeet, an airmeet that is finished and was still to start.
-- severity: warning
-- mend: see what Airmeet shows; if it shows other times, airmeet load --full-refresh --airmeet ID
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   feed text: The table.
--   offending bigint: Its rows.
with airmeets as (
    select * from stg_airmeets
),

clock as (
    select max(requested_at) as last_fetch from stg_feed_syncs
),

final as (
    select airmeets.airmeet_id, 'airmeets' as feed, 1 as offending
    from airmeets
    cross join clock
    where
        airmeets.end_time < airmeets.start_time
        or (
            airmeets.status = 'FINISHED'
            and airmeets.start_time > clock.last_fetch + 1 * interval '1' day
        )
    union all
    select sessions.airmeet_id, 'sessions' as feed, count(*) as offending
    from stg_sessions as sessions
    inner join airmeets on sessions.airmeet_id = airmeets.airmeet_id
    where
        sessions.start_time < airmeets.start_time - 31 * interval '1' day
        or sessions.start_time
        > coalesce(airmeets.end_time, airmeets.start_time) + 31 * interval '1' day
    group by sessions.airmeet_id
    union all
    select attendance.airmeet_id, 'event_attendance' as feed, count(*) as offending
    from event_attendance as attendance
    inner join airmeets on attendance.airmeet_id = airmeets.airmeet_id
    where attendance.time_stamp < airmeets.start_time - 31 * interval '1' day
    group by attendance.airmeet_id
    union all
    select attendance.airmeet_id, 'session_attendance' as feed, count(*) as offending
    from session_attendance as attendance
    inner join airmeets on attendance.airmeet_id = airmeets.airmeet_id
    where attendance.time_stamp < airmeets.start_time - 31 * interval '1' day
    group by attendance.airmeet_id
)

select * from final
