-- People by the month of the first airmeet that they attended, and how many of them attended again
-- in each later month; month 0 is all of them. Months are in the airmeets' time zones.
-- grain: cohort_month, months_since
-- question: Of those who came for the first time in a month, how many come back?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   cohort_month date: First day of the month of the first airmeet attended.
--   months_since bigint: Months since then, from 0 to the last month with attendance.
--   people bigint: People of the cohort; null while attendance of its month is unknown.
--   returning_people bigint: Of those, the ones who attended in the later month.
--   retention_rate double: returning_people ÷ people, 0 to 1.
--   is_final bool: All feeds of all airmeets in both months are settled.
with appearances as (
    select * from attendee_event
),

numbers as (
    select * from int_numbers
),

airmeets as (
    select * from int_airmeets
),

feeds_known as (
    select * from int_feeds
),

events as (
    select
        airmeets.airmeet_id,
        cast(
            12 * extract(year from airmeets.start_time at time zone airmeets.time_zone)
            + extract(month from airmeets.start_time at time zone airmeets.time_zone)
            - 1 as bigint
        ) as month_number,
        cast(
            date_trunc(
                'month', cast(airmeets.start_time at time zone airmeets.time_zone as date)
            ) as date
        ) as month,
        feeds_known.has_attendance,
        coalesce(feeds_known.is_final, false) as is_final
    from airmeets
    left join feeds_known on airmeets.airmeet_id = feeds_known.airmeet_id
    where airmeets.start_time is not null
),

months as (
    select
        month_number,
        min(month) as month,
        sum(case when has_attendance = 1 then 0 else 1 end) as unknown_events,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from events
    group by month_number
),

attended_months as (
    select distinct appearances.person, events.month_number
    from appearances
    inner join events on appearances.airmeet_id = events.airmeet_id
    where appearances.attended = 1
),

firsts as (
    select person, min(month_number) as cohort
    from attended_months
    group by person
),

cohorts as (
    select cohort, count(*) as people
    from firsts
    group by cohort
),

lasts as (
    select max(month_number) as last_month from attended_months
),

returns as (
    select
        firsts.cohort,
        attended_months.month_number - firsts.cohort as months_since,
        count(*) as returning_people
    from attended_months
    inner join firsts on attended_months.person = firsts.person
    group by firsts.cohort, attended_months.month_number - firsts.cohort
),

grid as (
    select
        cohorts.cohort,
        cohorts.people,
        numbers.number as months_since
    from cohorts
    cross join lasts
    inner join numbers on numbers.number <= lasts.last_month - cohorts.cohort
),

counts as (
    select
        first_months.month as cohort_month,
        grid.months_since,
        case when first_months.unknown_events = 0 then grid.people end as people,
        case
            when first_months.unknown_events + coalesce(later_months.unknown_events, 0) = 0
                then coalesce(returns.returning_people, 0)
        end as returning_people,
        first_months.unsettled_events + coalesce(later_months.unsettled_events, 0)
            as unsettled_events
    from grid
    inner join months as first_months on grid.cohort = first_months.month_number
    left join months as later_months
        on grid.cohort + grid.months_since = later_months.month_number
    left join returns
        on grid.cohort = returns.cohort and grid.months_since = returns.months_since
),

final as (
    select
        cohort_month,
        months_since,
        people,
        returning_people,
        cast(returning_people as double) / nullif(people, 0) as retention_rate,
        unsettled_events = 0 as is_final
    from counts
)

select * from final
