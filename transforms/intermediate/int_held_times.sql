-- One row a stretch of time in which an airmeet or a session was held: seconds since 1970 (UTC).
--
-- `scope` is `event`, or the session's id. An airmeet of a day or less was held from its start to
-- its end; a longer one on each day, in its own time zone, from the first session's start to the
-- last one's end. Sessions that were not held do not count. Where an end or a length is not known
-- there is no row.
-- rebuilt: airmeet_id
-- stored: build
with schedule as (
    select * from int_schedule
),

sessions as (
    select
        airmeet_id,
        session_id,
        status,
        start_time,
        start_time + cast(floor(minutes * 60 + 0.5) as bigint) * interval '1' second as ends_at
    from stg_sessions
    where minutes > 0 and minutes <= 1440 and start_time is not null
),

attended as (
    select distinct airmeet_id, session_id from stg_session_attendance
),

held_sessions as (
    select sessions.*
    from sessions
    left join attended
        on
            sessions.airmeet_id = attended.airmeet_id
            and sessions.session_id = attended.session_id
    where sessions.status = 'FINISHED' or attended.session_id is not null
),

airmeets as (
    select
        airmeet_id,
        start_time,
        ends_at,
        time_zone,
        start_time + interval '1' day < ends_at as is_long
    from schedule
    where is_end_known and start_time < ends_at
),

days as (
    select
        airmeets.airmeet_id,
        greatest(min(held_sessions.start_time), min(airmeets.start_time)) as start_time,
        least(max(held_sessions.ends_at), max(airmeets.ends_at)) as ends_at
    from airmeets
    inner join held_sessions
        on
            airmeets.airmeet_id = held_sessions.airmeet_id
            and airmeets.ends_at > held_sessions.start_time
            and airmeets.start_time < held_sessions.ends_at
    where airmeets.is_long
    group by
        airmeets.airmeet_id,
        cast(held_sessions.start_time at time zone airmeets.time_zone as date)
),

stretches as (
    select airmeet_id, 'event' as scope, start_time, ends_at from days
    union all
    select airmeets.airmeet_id, 'event' as scope, airmeets.start_time, airmeets.ends_at
    from airmeets
    left join (select distinct airmeet_id from days) as in_days
        on airmeets.airmeet_id = in_days.airmeet_id
    where in_days.airmeet_id is null
    union all
    select airmeet_id, session_id, start_time, ends_at from sessions
),

in_seconds as (
    select
        airmeet_id,
        scope,
        cast(floor(epoch(start_time)) as bigint) as begins,
        cast(floor(epoch(ends_at)) as bigint) as ends
    from stretches
),

-- The last session of a day may run into the next day's first.
apart as (
    select
        airmeet_id,
        scope,
        ends,
        greatest(
            begins,
            coalesce(
                max(ends) over (
                    partition by airmeet_id, scope
                    order by begins, ends
                    rows between unbounded preceding and 1 preceding
                ),
                begins
            )
        ) as begins
    from in_seconds
),

final as (
    select * from apart
    where begins < ends
)

select * from final
