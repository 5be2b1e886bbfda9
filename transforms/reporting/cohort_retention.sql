-- People by the month of the first airmeet that they attended, and how many of them attended again
-- in each later month; month 0 is all of them. Months are in the airmeets' time zones. From a month
-- on with an airmeet whose attendance is awaited, cohorts are unknown: who seems new may have come
-- to that one. Lost airmeets are left out.
-- grain: cohort_month, months_since
-- question: Of those who came for the first time in a month, how many come back?
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   cohort_month date: First day of the month of the first airmeet attended.
--   months_since bigint: Months since then, from 0 to the last month with attendance; beyond 100
--     years only months in which somebody came back.
--   people bigint: People of the cohort; null where attendance of its month, or of one before, is
--     awaited.
--   returning_people bigint: Of those, the ones who attended in the later month; null where its
--     attendance is awaited.
--   retention_rate double: returning_people ÷ people, 0 to 1.
--   is_final bool: All feeds of all airmeets in both months are settled.
--   events_known bigint: Airmeets of the later month whose attendance is known.
--   events_lost bigint: Airmeets of the later month whose attendance is lost.
with attended_months as (
    select * from part_attended_months
),

numbers as (
    select * from int_numbers
    where number <= 1200
),

airmeets as (
    select * from int_events
),

events as (
    select
        airmeet_id,
        month_number,
        cast(date_trunc('month', start_date) as date) as month,
        attendance_state,
        is_final
    from airmeets
    where start_date is not null
),

months as (
    select
        month_number,
        min(month) as month,
        sum(case when attendance_state = 'awaited' then 1 else 0 end) as awaited_events,
        sum(case when attendance_state = 'known' then 1 else 0 end) as events_known,
        sum(case when attendance_state = 'lost' then 1 else 0 end) as events_lost,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from events
    group by month_number
),

awaited as (
    select min(case when awaited_events > 0 then month_number end) as first_month
    from months
),

cohorts as (
    select month_number as cohort, count(*) as people
    from attended_months
    where month_number = first_month_number
    group by month_number
),

lasts as (
    select max(month_number) as last_month from attended_months
),

returns as (
    select
        first_month_number as cohort,
        month_number - first_month_number as months_since,
        count(*) as returning_people
    from attended_months
    group by first_month_number, month_number - first_month_number
),

cells as (
    select cohorts.cohort, cast(numbers.number as bigint) as months_since
    from cohorts
    cross join lasts
    inner join numbers on numbers.number <= lasts.last_month - cohorts.cohort
    union
    select cohort, cast(months_since as bigint) as months_since
    from returns
),

counts as (
    select
        first_months.month as cohort_month,
        cells.months_since,
        case
            when awaited.first_month is null or cells.cohort < awaited.first_month
                then cohorts.people
        end as people,
        case
            when
                (awaited.first_month is null or cells.cohort < awaited.first_month)
                and coalesce(later_months.awaited_events, 0) = 0
                then coalesce(returns.returning_people, 0)
        end as returning_people,
        coalesce(later_months.events_known, 0) as events_known,
        coalesce(later_months.events_lost, 0) as events_lost,
        first_months.unsettled_events + coalesce(later_months.unsettled_events, 0)
            as unsettled_events
    from cells
    cross join awaited
    inner join cohorts on cells.cohort = cohorts.cohort
    inner join months as first_months on cells.cohort = first_months.month_number
    left join months as later_months
        on cells.cohort + cells.months_since = later_months.month_number
    left join returns
        on cells.cohort = returns.cohort and cells.months_since = returns.months_since
),

final as (
    select
        cohort_month,
        months_since,
        people,
        returning_people,
        cast(returning_people as double) / nullif(people, 0) as retention_rate,
        events_known,
        events_lost,
        unsettled_events = 0 as is_final
    from counts
)

select * from final
