-- How many were there, five minutes by five minutes, at each airmeet and in each of its sessions:
-- those who attended, no staff, and whose minutes are known (timed_attendees of event_summary and
-- session_engagement say how many these are). Each stretch of time in which it was held has all its
-- steps; while it is ongoing up to the one in which event attendance was last asked for. Where
-- nobody's minutes are known there are no rows, nor for a stretch of more than seven days, nor
-- where it is not known when it was held.
-- grain: airmeet_id, scope, step_at
-- question: When were most people there, and when did they leave?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   scope text: `event`, or the session's id.
--   session_id text: The session; null for the whole airmeet.
--   step_at timestamp: When the five minutes begin: a full five minutes of the clock.
--   local_day date: The day of that moment in the airmeet's time zone.
--   minute_of_day bigint: Minutes since midnight there: 545 is 9:05 am.
--   time_zone text: The airmeet's time zone; UTC where the database knows none of its name.
--   people_present bigint: Distinct people who were there at any moment of the five minutes, as far
--     as the airmeet or session was held; who left in the second in which they came, was there.
--   people_joined bigint: Of all who were there, those who came in these minutes: whose first
--     moment within the held time lies in them.
--   people_left bigint: Those who left for good in them: whose last moment within the held time
--     lies in them. Who leaves as the minutes begin left in those before.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which the airmeet is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with events as (
    select * from int_events
),

epoch as (
    select cast('1970-01-01 00:00:00+00:00' as timestamptz) as began_at
),

numbers as (
    select * from int_numbers
    where number <= 2016
),

timed as (
    select airmeet_id, 'event' as scope, person
    from attendee_event
    where attended = 1 and minutes_attended is not null
    union all
    select airmeet_id, session_id as scope, person
    from session_attendee
    where attended = 1 and minutes_attended is not null
),

-- Both of a person's visits and of stretches the last moment is the one before the end.
visits as (
    select
        visits.airmeet_id,
        visits.scope,
        visits.person,
        cast(floor(cast(visits.begins as double) / 300) as bigint) as first_step,
        cast(floor(cast(greatest(visits.ends - 1, visits.begins) as double) / 300) as bigint)
            as last_step
    from int_visits as visits
    inner join timed
        on
            visits.airmeet_id = timed.airmeet_id
            and visits.scope = timed.scope
            and visits.person = timed.person
),

drawn as (
    select distinct airmeet_id, scope from visits
),

stretches as (
    select
        held.airmeet_id,
        held.scope,
        cast(floor(cast(held.begins as double) / 300) as bigint) as first_step,
        cast(
            floor(
                cast(
                    least(
                        held.ends - 1,
                        case
                            when events.phase = 'over' then held.ends
                            else cast(floor(epoch(events.attendance_as_of)) as bigint)
                        end
                    ) as double
                ) / 300
            ) as bigint
        ) as last_step
    from int_held_times as held
    inner join drawn on held.airmeet_id = drawn.airmeet_id and held.scope = drawn.scope
    inner join events on held.airmeet_id = events.airmeet_id
    where held.ends - held.begins <= 604800
),

steps as (
    select distinct
        stretches.airmeet_id,
        stretches.scope,
        stretches.first_step + numbers.number as step
    from stretches
    inner join numbers on stretches.last_step - stretches.first_step >= numbers.number
),

-- Who was there in several visits counts once in a step: each visit adds the steps behind those of
-- the visits that began before it.
added as (
    select
        airmeet_id,
        scope,
        last_step,
        greatest(
            first_step,
            coalesce(
                1 + max(last_step) over (
                    partition by airmeet_id, scope, person
                    order by first_step, last_step
                    rows between unbounded preceding and 1 preceding
                ),
                first_step
            )
        ) as first_step
    from visits
),

people as (
    select
        airmeet_id,
        scope,
        person,
        min(first_step) as first_step,
        max(last_step) as last_step
    from visits
    group by airmeet_id, scope, person
),

changes as (
    select
        airmeet_id,
        scope,
        first_step as step,
        1 as change,
        0 as joined,
        0 as departed,
        0 as is_step
    from added
    where first_step <= last_step
    union all
    select airmeet_id, scope, last_step + 1, -1, 0, 0, 0
    from added
    where first_step <= last_step
    union all
    select airmeet_id, scope, first_step, 0, 1, 0, 0
    from people
    union all
    select airmeet_id, scope, last_step, 0, 0, 1, 0
    from people
    union all
    select airmeet_id, scope, step, 0, 0, 0, 1
    from steps
),

by_step as (
    select
        airmeet_id,
        scope,
        step,
        sum(change) as change,
        sum(joined) as people_joined,
        sum(departed) as people_left,
        max(is_step) as is_step
    from changes
    group by airmeet_id, scope, step
),

-- Databases count the parts of an interval in 32 bits: seconds would not reach the year 2039.
running as (
    select
        by_step.*,
        cast(floor(cast(step as double) / 12) as bigint) as hours,
        sum(change) over (
            partition by airmeet_id, scope
            order by step
            rows between unbounded preceding and current row
        ) as people_present
    from by_step
),

placed as (
    select
        running.airmeet_id,
        running.scope,
        running.people_present,
        running.people_joined,
        running.people_left,
        epoch.began_at
        + running.hours * interval '1' hour
        + (running.step - 12 * running.hours) * 5 * interval '1' minute as step_at
    from running
    cross join epoch
    where running.is_step = 1
),

final as (
    select
        placed.airmeet_id,
        placed.scope,
        placed.step_at,
        placed.people_present,
        placed.people_joined,
        placed.people_left,
        events.time_zone,
        events.is_final,
        events.event_name,
        events.start_date,
        events.status,
        case when placed.scope <> 'event' then placed.scope end as session_id,
        cast(placed.step_at at time zone events.time_zone as date) as local_day,
        60 * extract(hour from placed.step_at at time zone events.time_zone)
        + extract(minute from placed.step_at at time zone events.time_zone) as minute_of_day
    from placed
    inner join events on placed.airmeet_id = events.airmeet_id
)

select * from final
