-- Everybody who registered or attended, over all airmeets.
-- grain: person
-- question: Who keeps coming back, and who registers without showing up?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   person text: The address, trimmed, in lower case; without one `user:<user id>`.
--   name text: The name as last seen.
--   organisation text: The organisation as last seen.
--   events_registered bigint: Airmeets registered for.
--   events_attended bigint: Airmeets attended, as staff left out.
--   show_rate double: Airmeets registered for and attended ÷ registered for, 0 to 1, among those
--     whose attendance is there.
--   first_event_at timestamp: Start of the first airmeet registered for or attended.
--   last_event_at timestamp: Start of the last one.
--   is_repeat bool: Attended at least two airmeets.
--   mean_score double: Mean engagement score, 0 to 100.
--   best_score double: Best engagement score, 0 to 100.
--   is_final bool: All feeds of all these airmeets are settled.
with appearances as (
    select * from attendee_event
),

feeds_known as (
    select * from int_feeds
),

flagged as (
    select
        appearances.*,
        case
            when feeds_known.has_attendance = 1 and feeds_known.has_loaded_attendance is null
                then 1
            else 0
        end as is_to_come,
        case when feeds_known.has_scores = 1 then 1 end as has_scores
    from appearances
    left join feeds_known on appearances.airmeet_id = feeds_known.airmeet_id
),

totals as (
    select
        person,
        case when count(*) = count(registered) then sum(registered) end as events_registered,
        case when count(*) = count(attended) then sum(attended) end as events_attended,
        case
            when count(*) = count(registered) and count(*) = count(attended)
                then sum(
                    case
                        when is_to_come = 0 and registered = 1 then attended + staff_attended
                        else 0
                    end
                )
        end as shown,
        sum(case when is_to_come = 0 and registered = 1 then 1 else 0 end) as expected,
        min(start_time) as first_event_at,
        max(start_time) as last_event_at,
        max(case when name is not null then start_time end) as named_at,
        max(case when organisation is not null then start_time end) as organisation_at,
        case when count(*) = count(has_scores) then avg(score) end as mean_score,
        case when count(*) = count(has_scores) then max(score) end as best_score,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from flagged
    group by person
),

latest as (
    select
        flagged.person,
        max(
            case
                when flagged.start_time = totals.named_at or totals.named_at is null
                    then flagged.name
            end
        ) as name,
        max(
            case
                when
                    flagged.start_time = totals.organisation_at
                    or totals.organisation_at is null
                    then flagged.organisation
            end
        ) as organisation
    from flagged
    inner join totals on flagged.person = totals.person
    group by flagged.person
),

final as (
    select
        totals.person,
        latest.name,
        latest.organisation,
        totals.events_registered,
        totals.events_attended,
        cast(totals.shown as double) / nullif(totals.expected, 0) as show_rate,
        totals.first_event_at,
        totals.last_event_at,
        totals.events_attended >= 2 as is_repeat,
        totals.mean_score,
        totals.best_score,
        totals.unsettled_events = 0 as is_final
    from totals
    inner join latest on totals.person = latest.person
)

select * from final
