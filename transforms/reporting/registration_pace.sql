-- How registrations of each airmeet to come grow, beside past airmeets at the same distance from
-- their starts, and how many are to be expected by that. A row a day from the first registration to
-- the day, in the airmeet's time zone, on which its registrations were last fetched; only the last
-- 367 of these days. Upcoming airmeets whose registrations and staff are known, and have a
-- registration; others have no rows.
--
-- Registrations are those of people who are no staff, by the day of their first one in the
-- airmeet's time zone; people without a date are on no day and in no figure here. Past airmeets are
-- those that are over, whose start, registrations, attendance and staff are known, as they are
-- known now; of them, those who registered up to ends_at. The last day is counted as far as it was
-- fetched.
-- grain: airmeet_id, day
-- question: Are we on track for the next event, and how many will register and come?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   day date: The day, in the airmeet's time zone.
--   registered bigint: People who had registered by its end.
--   days_before_start bigint: Days from this day to the day of the start; null where the start is
--     not known.
--   comparable_events bigint: Past airmeets that as many days before their start had at least half
--     and at most twice as many registrations; null where days_before_start is.
--   share_low double: Lower quartile of the share that these had by then of the registrations that
--     they had in the end, 0 to 1. Quartiles are those of Excel's QUARTILE.INC: linear between the
--     two nearest of the values in order. This one and all that follow are null where there are
--     fewer than five comparable_events.
--   share_median double: The median of these shares.
--   share_high double: Their upper quartile.
--   expected_registrations bigint: registered ÷ share_median, in whole people: rounded to the
--     nearest, halves up (what lacks a billionth to a half is one). Never below registered.
--   expected_registrations_low bigint: registered ÷ share_high, rounded likewise.
--   expected_registrations_high bigint: registered ÷ share_low, rounded likewise.
--   expected_attendance bigint: expected_registrations × the median attendance_rate of the
--     comparable airmeets, rounded likewise.
--   expected_attendance_low bigint: expected_registrations_low × the lower quartile of these rates.
--   expected_attendance_high bigint: expected_registrations_high × their upper quartile.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   is_final bool: All of the airmeet's feeds are settled.
with events as (
    select * from int_events
    where
        (phase = 'upcoming' and has_audience = 1) or (has_rates = 1 and start_date is not null)
),

numbers as (
    select * from int_numbers
    where number <= 366
),

registered_people as (
    select
        events.airmeet_id,
        events.time_zone,
        people.registered_at
    from attendee_event as people
    inner join events on people.airmeet_id = events.airmeet_id
    where
        people.registered = 1
        and people.is_staff = false
        and people.registered_at is not null
        and (events.phase = 'upcoming' or people.registered_at <= events.ends_at)
),

-- Moments of one quarter of an hour fall on one day, as in registration_daily.
quarters as (
    select
        airmeet_id,
        time_zone,
        min(registered_at) as moment,
        count(*) as registrations
    from registered_people
    group by
        airmeet_id,
        time_zone,
        date_trunc('hour', registered_at),
        floor(extract(minute from registered_at) / 15)
),

dated as (
    select
        airmeet_id,
        cast(moment at time zone time_zone as date) as day,
        sum(registrations) as registrations
    from quarters
    group by airmeet_id, cast(moment at time zone time_zone as date)
),

totals as (
    select
        airmeet_id,
        sum(registrations) as registrations,
        min(day) as first_day
    from dated
    group by airmeet_id
),

last_days as (
    select
        events.airmeet_id,
        events.start_date,
        totals.first_day,
        cast(events.registrations_as_of at time zone events.time_zone as date) as last_day
    from events
    inner join totals on events.airmeet_id = totals.airmeet_id
    where events.phase = 'upcoming'
),

upcoming_days as (
    select
        last_days.airmeet_id,
        last_days.start_date,
        cast(last_days.last_day - numbers.number * interval '1' day as date) as day
    from last_days
    cross join numbers
    where numbers.number <= date_diff('day', last_days.first_day, last_days.last_day)
),

distances as (
    select distinct date_diff('day', day, start_date) as days_before_start
    from upcoming_days
    where start_date is not null
),

past_days as (
    select
        events.airmeet_id,
        cast(events.start_date - distances.days_before_start * interval '1' day as date) as day
    from events
    inner join totals on events.airmeet_id = totals.airmeet_id
    cross join distances
    where events.has_rates = 1
),

-- One row a day that is asked for or has registrations.
marks as (
    select airmeet_id, day, registrations, 0 as is_asked from dated
    union all
    select airmeet_id, day, 0, 1 from upcoming_days
    union all
    select airmeet_id, day, 0, 1 from past_days
),

marked as (
    select
        airmeet_id,
        day,
        sum(registrations) as registrations,
        max(is_asked) as is_asked
    from marks
    group by airmeet_id, day
),

running as (
    select
        airmeet_id,
        day,
        is_asked,
        sum(registrations) over (
            partition by airmeet_id
            order by day
            rows between unbounded preceding and current row
        ) as registered
    from marked
),

paces as (
    select
        running.airmeet_id,
        running.day,
        running.registered,
        events.phase,
        events.event_name,
        events.start_date,
        events.status,
        events.is_final,
        date_diff('day', running.day, events.start_date) as days_before_start,
        cast(running.registered as double) / totals.registrations as share_of_final
    from running
    inner join events on running.airmeet_id = events.airmeet_id
    inner join totals on running.airmeet_id = totals.airmeet_id
    where running.is_asked = 1
),

-- What is comparable depends on nothing but the distance and the number.
points as (
    select distinct days_before_start, registered
    from paces
    where phase = 'upcoming' and days_before_start is not null
),

past as (
    select
        paces.days_before_start,
        paces.registered,
        paces.share_of_final as share,
        summaries.attendance_rate
    from paces
    inner join event_summary as summaries on paces.airmeet_id = summaries.airmeet_id
    where paces.phase = 'over'
),

comparable as (
    select
        points.days_before_start,
        points.registered,
        past.share,
        past.attendance_rate
    from points
    inner join past on points.days_before_start = past.days_before_start
    where past.registered * 2 >= points.registered and past.registered <= points.registered * 2
),

measured as (
    select days_before_start, registered, 'share' as measure, share as value from comparable
    union all
    select days_before_start, registered, 'rate', attendance_rate from comparable
),

ranked as (
    select
        days_before_start,
        registered,
        measure,
        value,
        row_number() over (
            partition by days_before_start, registered, measure order by value
        ) - 1 as place,
        count(*) over (partition by days_before_start, registered, measure) as places
    from measured
),

-- How far each value is from the quartiles' places; between two values both weigh.
distant as (
    select
        ranked.*,
        abs(place - (places - 1) * 0.25) as from_low,
        abs(place - (places - 1) * 0.5) as from_median,
        abs(place - (places - 1) * 0.75) as from_high
    from ranked
),

quartiles as (
    select
        days_before_start,
        registered,
        measure,
        count(*) as events,
        sum(case when from_low < 1 then value * (1 - from_low) end) as low,
        sum(case when from_median < 1 then value * (1 - from_median) end) as median,
        sum(case when from_high < 1 then value * (1 - from_high) end) as high
    from distant
    group by days_before_start, registered, measure
),

compared as (
    select
        paces.*,
        case when paces.days_before_start is not null then coalesce(shares.events, 0) end
            as comparable_events,
        case when shares.events >= 5 then shares.low end as share_low,
        case when shares.events >= 5 then shares.median end as share_median,
        case when shares.events >= 5 then shares.high end as share_high,
        rates.low as rate_low,
        rates.median as rate_median,
        rates.high as rate_high
    from paces
    left join quartiles as shares
        on
            paces.days_before_start = shares.days_before_start
            and paces.registered = shares.registered
            and shares.measure = 'share'
    left join quartiles as rates
        on
            paces.days_before_start = rates.days_before_start
            and paces.registered = rates.registered
            and rates.measure = 'rate'
    where paces.phase = 'upcoming'
),

expected as (
    select
        compared.*,
        floor(registered / share_median + 0.500000001) as expected_registrations,
        floor(registered / share_high + 0.500000001) as expected_registrations_low,
        floor(registered / share_low + 0.500000001) as expected_registrations_high
    from compared
),

final as (
    select
        expected.*,
        floor(expected_registrations * rate_median + 0.500000001) as expected_attendance,
        floor(expected_registrations_low * rate_low + 0.500000001) as expected_attendance_low,
        floor(expected_registrations_high * rate_high + 0.500000001) as expected_attendance_high
    from expected
)

select * from final
