-- Attendance and engagement month by month, from pooled numerators and denominators: a large
-- event weighs more than a small one. Rates leave out events whose attendance is not there yet.
-- grain: month
-- question: Do we get better at turning registrations into attendance and engagement?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   month date: First day of the month in which the events start, in their own time zones.
--   events bigint: Events that start in it.
--   registered bigint: Sum of their registered; null if it is unknown for one of them.
--   attended bigint: Sum of their attended; null if it is unknown for one of them.
--   attendance_rate double: Pooled attended_registered ÷ registered, 0 to 1.
--   engagement_rate double: Pooled engaged ÷ attended, 0 to 1.
--   is_final bool: All feeds of all its events are settled.
with summaries as (
    select * from event_summary
),

feeds_known as (
    select * from int_feeds
),

events as (
    select
        cast(date_trunc('month', summaries.start_date) as date) as month,
        summaries.registered,
        summaries.attended,
        summaries.attended_registered,
        summaries.engaged,
        summaries.is_final,
        case
            when feeds_known.has_attendance = 1 and feeds_known.has_loaded_attendance is null
                then 1
            else 0
        end as is_to_come
    from summaries
    left join feeds_known on summaries.airmeet_id = feeds_known.airmeet_id
    where summaries.start_date is not null
),

months as (
    select
        month,
        count(*) as events,
        case when count(*) = count(registered) then sum(registered) end as registered,
        case when count(*) = count(attended) then sum(attended) end as attended,
        case
            when count(*) = count(registered) and count(*) = count(attended_registered)
                then sum(case when is_to_come = 0 then attended_registered end)
        end as attended_registered,
        sum(case when is_to_come = 0 then registered end) as rated_registered,
        case
            when count(*) = count(attended) and count(*) = count(engaged)
                then sum(case when is_to_come = 0 then engaged end)
        end as engaged,
        sum(case when is_to_come = 0 then attended end) as rated_attended,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from events
    group by month
),

final as (
    select
        month,
        events,
        registered,
        attended,
        cast(attended_registered as double) / nullif(rated_registered, 0) as attendance_rate,
        cast(engaged as double) / nullif(rated_attended, 0) as engagement_rate,
        unsettled_events = 0 as is_final
    from months
)

select * from final
