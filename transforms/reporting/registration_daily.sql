-- Registrations of each airmeet day by day, in the airmeet's own time zone, staff too: every day
-- from the first registration to the airmeet's end, or the last registration if that is later.
-- People without a registration date are on no day. Where more than 366 days in a row have no
-- registration, dates cannot be right, and these days are left out.
-- grain: airmeet_id, day
-- question: When do people register, and how far ahead of the start?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   day date: The day, in the airmeet's time zone.
--   registrations bigint: People who first registered on this day.
--   cumulative_registrations bigint: People who had registered by its end.
--   days_before_start bigint: Days from this day to the day of the start; negative after it.
--   share_of_final double: cumulative_registrations ÷ all people registered, 0 to 1.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   rated_registrations bigint: Of registrations, the people who are no staff and registered up to
--     ends_at, as event_summary has it; null while staff are not known.
with airmeets as (
    select * from int_events
),

registered_people as (
    select
        people.airmeet_id,
        people.registered_at,
        case
            when people.is_staff or people.registered_at > airmeets.ends_at then 0
            when airmeets.has_audience = 1 then 1
        end as is_rated
    from attendee_event as people
    inner join airmeets on people.airmeet_id = airmeets.airmeet_id
    where people.registered = 1
),

numbers as (
    select * from int_numbers
    where number <= 366
),

events as (
    select
        airmeet_id,
        event_name,
        status,
        start_date,
        time_zone,
        has_audience,
        cast(ends_at at time zone time_zone as date) as end_day,
        is_final
    from airmeets
),

-- Time zones differ from UTC by whole quarters of an hour, so all moments of one quarter fall on
-- the same day. One conversion for each quarter takes a fraction of the time.
quarters as (
    select
        airmeet_id,
        min(registered_at) as moment,
        count(*) as registrations,
        sum(is_rated) as rated_registrations
    from registered_people
    where registered_at is not null
    group by
        airmeet_id,
        date_trunc('hour', registered_at),
        floor(extract(minute from registered_at) / 15)
),

dated as (
    select
        quarters.airmeet_id,
        cast(quarters.moment at time zone events.time_zone as date) as day,
        sum(quarters.registrations) as registrations,
        sum(quarters.rated_registrations) as rated_registrations
    from quarters
    inner join events on quarters.airmeet_id = events.airmeet_id
    group by quarters.airmeet_id, cast(quarters.moment at time zone events.time_zone as date)
),

totals as (
    select airmeet_id, count(*) as registered
    from registered_people
    group by airmeet_id
),

-- The days with registrations, and the end behind them; each is followed by those up to the next.
marked as (
    select airmeet_id, day from dated
    union all
    select events.airmeet_id, events.end_day
    from events
    inner join (select airmeet_id, max(day) as day from dated group by airmeet_id) as lasts
        on events.airmeet_id = lasts.airmeet_id
    where events.end_day > lasts.day and date_diff('day', lasts.day, events.end_day) <= 366
),

followed as (
    select
        airmeet_id,
        day,
        date_diff(
            'day', day, lead(day) over (partition by airmeet_id order by day)
        ) as days
    from marked
),

days as (
    select airmeet_id, day from marked
    union all
    select
        followed.airmeet_id,
        cast(followed.day + numbers.number * interval '1' day as date) as day
    from followed
    inner join numbers on numbers.number < followed.days
    where numbers.number > 0 and followed.days between 2 and 367
),

final as (
    select
        days.airmeet_id,
        days.day,
        coalesce(dated.registrations, 0) as registrations,
        sum(coalesce(dated.registrations, 0)) over (
            partition by days.airmeet_id
            order by days.day
            rows between unbounded preceding and current row
        ) as cumulative_registrations,
        date_diff('day', days.day, events.start_date) as days_before_start,
        cast(
            sum(coalesce(dated.registrations, 0)) over (
                partition by days.airmeet_id
                order by days.day
                rows between unbounded preceding and current row
            ) as double
        ) / totals.registered as share_of_final,
        events.is_final,
        events.event_name,
        events.start_date,
        events.status,
        case when events.has_audience = 1 then coalesce(dated.rated_registrations, 0) end
            as rated_registrations
    from days
    inner join events on days.airmeet_id = events.airmeet_id
    inner join totals on days.airmeet_id = totals.airmeet_id
    left join dated on days.airmeet_id = dated.airmeet_id and days.day = dated.day
)

select * from final
