-- Registrations of each airmeet day by day, in the airmeet's own time zone: every day from the
-- first registration to the airmeet's end, or the last registration if that is later. People
-- without a registration date are on no day.
-- grain: airmeet_id, day
-- question: When do people register, and how far ahead of the start?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   day date: The day, in the airmeet's time zone.
--   registrations bigint: People who registered on this day.
--   cumulative_registrations bigint: People who had registered by its end.
--   days_before_start bigint: Days from this day to the day of the start; negative after it.
--   share_of_final double: cumulative_registrations ÷ all people registered, 0 to 1.
--   is_final bool: All of the airmeet's feeds are settled.
with airmeets as (
    select * from int_airmeets
),

feeds_known as (
    select * from int_feeds
),

registered_people as (
    select airmeet_id, registered_at
    from attendee_event
    where registered = 1
),

numbers as (
    select * from int_numbers
),

events as (
    select
        airmeets.airmeet_id,
        airmeets.time_zone,
        cast(airmeets.start_time at time zone airmeets.time_zone as date) as start_day,
        cast(airmeets.end_time at time zone airmeets.time_zone as date) as end_day,
        coalesce(feeds_known.is_final, false) as is_final
    from airmeets
    left join feeds_known on airmeets.airmeet_id = feeds_known.airmeet_id
),

-- Time zones differ from UTC by whole quarters of an hour, so all moments of one quarter fall on
-- the same day. One conversion for each quarter takes a fraction of the time.
quarters as (
    select
        airmeet_id,
        min(registered_at) as moment,
        count(*) as registrations
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
        sum(quarters.registrations) as registrations
    from quarters
    inner join events on quarters.airmeet_id = events.airmeet_id
    group by quarters.airmeet_id, cast(quarters.moment at time zone events.time_zone as date)
),

spans as (
    select
        airmeet_id,
        min(day) as first_day,
        max(day) as last_day
    from dated
    group by airmeet_id
),

totals as (
    select airmeet_id, count(*) as registered
    from registered_people
    group by airmeet_id
),

lengths as (
    select
        spans.airmeet_id,
        spans.first_day,
        date_diff(
            'day',
            spans.first_day,
            case when events.end_day > spans.last_day then events.end_day else spans.last_day end
        ) as days
    from spans
    inner join events on spans.airmeet_id = events.airmeet_id
),

days as (
    select
        lengths.airmeet_id,
        cast(lengths.first_day + numbers.number * interval '1' day as date) as day
    from lengths
    inner join numbers on numbers.number <= lengths.days
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
        date_diff('day', days.day, events.start_day) as days_before_start,
        cast(
            sum(coalesce(dated.registrations, 0)) over (
                partition by days.airmeet_id
                order by days.day
                rows between unbounded preceding and current row
            ) as double
        ) / totals.registered as share_of_final,
        events.is_final
    from days
    inner join events on days.airmeet_id = events.airmeet_id
    inner join totals on days.airmeet_id = totals.airmeet_id
    left join dated on days.airmeet_id = dated.airmeet_id and days.day = dated.day
)

select * from final
