-- Attendance and engagement month by month, from pooled numerators and denominators: a large
-- event weighs more than a small one. Cancelled and withdrawn airmeets are in none of the figures;
-- rates are over airmeets that are over. What is awaited makes a figure null, what is lost is left
-- out.
-- grain: month
-- question: Do we get better at turning registrations into attendance and engagement?
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   month date: First day of the month in which the events start, in their own time zones.
--   events bigint: Events that start in it, cancelled and withdrawn ones left out.
--   registered bigint: Sum of their registered, staff too.
--   attended bigint: Sum of their attended so far; null where none has begun.
--   attendance_rate double: Pooled attended_registered ÷ (registered − staff_registered −
--     registered_after_end), 0 to 1, over events_known; null while one that has begun is awaited.
--   engagement_rate double: Pooled engaged ÷ attended, 0 to 1, over events_engagement_known.
--   is_final bool: All feeds of all its events are settled.
--   events_known bigint: Events that are over and whose registrations and attendance are known.
--   events_engagement_known bigint: Events that are over and whose engagement is known.
--   events_lost bigint: Events whose registrations, attendance or engagement are lost.
with summaries as (
    select * from event_summary
),

states as (
    select * from int_events
),

events as (
    select
        cast(date_trunc('month', summaries.start_date) as date) as month,
        summaries.registered,
        summaries.attended,
        summaries.is_final,
        case when states.has_rates = 1 then summaries.attended_registered end
            as rated_attended_registered,
        case
            when states.has_rates = 1
                then
                    summaries.registered
                    - summaries.staff_registered
                    - summaries.registered_after_end
        end as rated_registered,
        case when states.has_engagement = 1 and states.phase = 'over' then summaries.engaged end
            as rated_engaged,
        case when states.has_engagement = 1 and states.phase = 'over' then summaries.attended end
            as rated_attended,
        states.registration_state,
        states.attendance_state,
        states.engagement_state
    from summaries
    inner join states on summaries.airmeet_id = states.airmeet_id
    where summaries.start_date is not null and states.phase not in ('cancelled', 'withdrawn')
),

months as (
    select
        month,
        count(*) as events,
        sum(registered) as registered,
        sum(attended) as attended,
        sum(rated_attended_registered) as rated_attended_registered,
        sum(rated_registered) as rated_registered,
        sum(rated_engaged) as rated_engaged,
        sum(rated_attended) as rated_attended,
        count(rated_registered) as events_known,
        count(rated_engaged) as events_engagement_known,
        sum(case when registered is null and registration_state = 'awaited' then 1 else 0 end)
            as awaited_registered,
        sum(case when attendance_state = 'awaited' then 1 else 0 end) as awaited_attendance,
        sum(
            case
                when attendance_state <> 'not yet' and registration_state = 'awaited' then 1
                when attendance_state = 'awaited' then 1
                else 0
            end
        ) as awaited_rates,
        sum(case when engagement_state = 'awaited' then 1 else 0 end) as awaited_engagement,
        sum(
            case
                when registration_state = 'lost' then 1
                when attendance_state = 'lost' or engagement_state = 'lost' then 1
                else 0
            end
        ) as events_lost,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from events
    group by month
),

final as (
    select
        month,
        events,
        case when awaited_registered = 0 then registered end as registered,
        case when awaited_attendance = 0 then attended end as attended,
        case
            when awaited_rates = 0
                then cast(rated_attended_registered as double) / nullif(rated_registered, 0)
        end as attendance_rate,
        case
            when awaited_engagement = 0
                then cast(rated_engaged as double) / nullif(rated_attended, 0)
        end as engagement_rate,
        events_known,
        events_engagement_known,
        events_lost,
        unsettled_events = 0 as is_final
    from months
)

select * from final
