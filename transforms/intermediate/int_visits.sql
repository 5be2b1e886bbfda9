-- One row a person's visit within a stretch of time in which the airmeet or session was held.
--
-- `scope` is `event`, or the session's id. `begins` and `ends` are the part of the visit within the
-- stretch, in seconds since 1970 (UTC); `ends` is null where Airmeet does not say how long the
-- visit took, both are null where it does not say when it began. Visits that lie outside of all
-- stretches are left out: their times cannot be those of this airmeet. Where no stretch is known
-- visits are whole. Who is in no attendance of the airmeet itself has the visits of its sessions.
-- rebuilt: airmeet_id
-- stored: build
with held as (
    select * from int_held_times
),

of_event as (
    select airmeet_id, person, entered_at, seconds_spent
    from stg_event_attendance
    where person is not null
),

of_sessions as (
    select airmeet_id, session_id, person, entered_at, seconds_spent
    from stg_session_attendance
    where person is not null
),

in_event as (
    select distinct airmeet_id, person from of_event
),

visits as (
    select airmeet_id, 'event' as scope, person, entered_at, seconds_spent from of_event
    union all
    select
        of_sessions.airmeet_id,
        'event' as scope,
        of_sessions.person,
        of_sessions.entered_at,
        of_sessions.seconds_spent
    from of_sessions
    left join in_event
        on of_sessions.airmeet_id = in_event.airmeet_id and of_sessions.person = in_event.person
    where in_event.person is null
    union all
    select airmeet_id, session_id, person, entered_at, seconds_spent from of_sessions
),

timed as (
    select
        visits.*,
        cast(floor(epoch(entered_at)) as bigint) as begins
    from visits
),

-- Who does not say when they left was there for a day at the most.
until as (
    select
        timed.*,
        begins + seconds_spent as ends,
        begins + coalesce(seconds_spent, 86400) as ends_at_most
    from timed
),

placed as (
    select
        until.airmeet_id,
        until.scope,
        until.person,
        until.entered_at,
        until.seconds_spent,
        case
            when until.begins is null or held.begins is null then until.begins
            else greatest(until.begins, held.begins)
        end as begins,
        case
            when until.ends is null or held.ends is null then until.ends
            else greatest(least(until.ends, held.ends), held.begins)
        end as ends,
        until.begins as whole_begins,
        until.ends_at_most,
        held.begins as held_begins,
        held.ends as held_ends
    from until
    left join held on until.airmeet_id = held.airmeet_id and until.scope = held.scope
),

final as (
    select
        airmeet_id,
        scope,
        person,
        entered_at,
        seconds_spent,
        begins,
        ends
    from placed
    where
        whole_begins is null
        or held_begins is null
        or (
            whole_begins < held_ends
            and (ends_at_most > held_begins or whole_begins = held_begins)
        )
)

select * from final
