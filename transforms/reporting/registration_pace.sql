-- How registrations of each airmeet to come grow, beside past airmeets at the same distance from
-- their starts, and how many are to be expected by that. A row a day from the first registration to
-- the day, in the airmeet's time zone, on which its registrations were last fetched; only the last
-- 367 of these days. Upcoming airmeets whose registrations and staff are known, and have a
-- registration; others have no rows.
--
-- Registrations are those of people who are no staff and registered up to ends_at, by the day of
-- their first one in the airmeet's time zone; people without a date are on no day and in no figure
-- here. Past airmeets are those that are over, whose start, registrations, attendance and staff are
-- known, as they are known now. The last day is counted as far as it was fetched.
-- grain: airmeet_id, day
-- question: Are we on track for the next event, and how many will register and come?
-- rebuilt: whole
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
    select * from event_summary
    where
        (phase = 'upcoming' and staff_registered is not null)
        or (attendance_rate is not null and start_date is not null)
),

schedule as (
    select * from int_schedule
),

syncs as (
    select * from stg_feed_syncs
    where feed = 'registrations'
),

numbers as (
    select * from int_numbers
    where number <= 366
),

dated as (
    select
        days.airmeet_id,
        days.day,
        days.rated_registrations as registrations
    from registration_daily as days
    inner join events on days.airmeet_id = events.airmeet_id
    where days.rated_registrations > 0
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
        cast(syncs.requested_at at time zone schedule.time_zone as date) as last_day
    from events
    inner join totals on events.airmeet_id = totals.airmeet_id
    inner join schedule on events.airmeet_id = schedule.airmeet_id
    inner join syncs on events.airmeet_id = syncs.airmeet_id
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
    where events.phase = 'over'
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
        events.attendance_rate,
        date_diff('day', running.day, events.start_date) as days_before_start,
        cast(running.registered as double) / totals.registrations as share_of_final
    from running
    inner join events on running.airmeet_id = events.airmeet_id
    inner join totals on running.airmeet_id = totals.airmeet_id
    where running.is_asked = 1
),

-- What is comparable depends on nothing but the distance and the number; each pair of these is one
-- point. There can be many millions of comparable pairs: numbers sort faster than they.
pairs as (
    select distinct days_before_start, registered
    from paces
    where phase = 'upcoming' and days_before_start is not null
),

points as (
    select
        days_before_start,
        registered,
        row_number() over (order by days_before_start, registered) as point
    from pairs
),

comparable as (
    select
        points.point,
        points.days_before_start,
        points.registered,
        past.share_of_final as share,
        past.attendance_rate as rate
    from points
    inner join paces as past on points.days_before_start = past.days_before_start
    where
        past.phase = 'over'
        and past.registered * 2 >= points.registered
        and past.registered <= points.registered * 2
),

ranked as (
    select
        comparable.*,
        cast(row_number() over (partition by point order by share) - 1 as double) as share_place,
        cast(row_number() over (partition by point order by rate) - 1 as double) as rate_place,
        cast(count(*) over (partition by point) - 1 as double) as last_place
    from comparable
),

-- How far each value is from the quartiles' places; between two values both weigh.
distant as (
    select
        ranked.*,
        abs(share_place - last_place * 0.25) as share_from_low,
        abs(share_place - last_place * 0.5) as share_from_median,
        abs(share_place - last_place * 0.75) as share_from_high,
        abs(rate_place - last_place * 0.25) as rate_from_low,
        abs(rate_place - last_place * 0.5) as rate_from_median,
        abs(rate_place - last_place * 0.75) as rate_from_high
    from ranked
),

quartiles as (
    select
        days_before_start,
        registered,
        count(*) as events,
        sum(case when share_from_low < 1 then share * (1 - share_from_low) end) as share_low,
        sum(case when share_from_median < 1 then share * (1 - share_from_median) end)
            as share_median,
        sum(case when share_from_high < 1 then share * (1 - share_from_high) end) as share_high,
        sum(case when rate_from_low < 1 then rate * (1 - rate_from_low) end) as rate_low,
        sum(case when rate_from_median < 1 then rate * (1 - rate_from_median) end) as rate_median,
        sum(case when rate_from_high < 1 then rate * (1 - rate_from_high) end) as rate_high
    from distant
    group by days_before_start, registered
),

compared as (
    select
        paces.*,
        case when paces.days_before_start is not null then coalesce(quartiles.events, 0) end
            as comparable_events,
        case when quartiles.events >= 5 then quartiles.share_low end as share_low,
        case when quartiles.events >= 5 then quartiles.share_median end as share_median,
        case when quartiles.events >= 5 then quartiles.share_high end as share_high,
        quartiles.rate_low,
        quartiles.rate_median,
        quartiles.rate_high
    from paces
    left join quartiles
        on
            paces.days_before_start = quartiles.days_before_start
            and paces.registered = quartiles.registered
    where paces.phase = 'upcoming'
),

-- ClickHouse divides by the zero behind a null, too, and takes no infinity for a whole number: a
-- null is divided by 1 and then left out.
expected as (
    select
        compared.*,
        case
            when share_median is not null
                then floor(registered / coalesce(share_median, 1) + 0.500000001)
        end as expected_registrations,
        case
            when share_high is not null
                then floor(registered / coalesce(share_high, 1) + 0.500000001)
        end as expected_registrations_low,
        case
            when share_low is not null
                then floor(registered / coalesce(share_low, 1) + 0.500000001)
        end as expected_registrations_high
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
