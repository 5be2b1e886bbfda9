-- Everybody who registered or attended, live or on demand, over all airmeets. An airmeet whose
-- registrations or attendance are awaited makes the figures that rest on it null; one of which they
-- are lost is left out of them, and events_lost says so.
-- grain: person
-- question: Who keeps coming back, and who registers without showing up?
-- rebuilt: person
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   person text: The address, trimmed, in lower case; without one `user:<user id>`.
--   name text: The person's name as last seen.
--   organisation text: The organisation as last seen.
--   events_registered bigint: Airmeets registered for, as staff left out.
--   events_attended bigint: Airmeets attended so far, as staff left out.
--   show_rate double: Airmeets registered for and attended ÷ registered for, 0 to 1, among those
--     that are over; without those registered for after the end, and those as staff.
--   first_event_at timestamp: Start of the first airmeet registered for or attended.
--   last_event_at timestamp: Start of the last one.
--   is_repeat bool: Attended at least two airmeets.
--   mean_score double: Mean engagement score, 0 to 100, over events_scored; null while engagement
--     of one of these airmeets is awaited.
--   best_score double: Best engagement score, 0 to 100; null where mean_score is.
--   is_final bool: All feeds of all these airmeets are settled.
--   events_as_staff bigint: Airmeets at which the person was staff.
--   events_scored bigint: Airmeets with a score, over which mean_score is.
--   events_known bigint: Airmeets registered for or attended of which registrations and attendance
--     are known, or have not begun.
--   events_lost bigint: Those of which registrations or attendance are lost.
with appearances as (
    select * from attendee_event
    where is_stranger = false or is_stranger is null
),

events as (
    select * from int_events
),

stated as (
    select
        appearances.airmeet_id,
        appearances.person,
        appearances.name,
        appearances.organisation,
        appearances.start_time,
        appearances.registered,
        appearances.is_staff,
        appearances.score,
        appearances.is_final,
        events.registration_state,
        events.attendance_state,
        events.engagement_state,
        case
            when events.attendance_state = 'not yet' then 0
            when events.attendance_state = 'known' then appearances.attended
        end as attended,
        case
            when
                events.has_rates = 1
                and appearances.registered = 1
                and appearances.is_staff = false
                and appearances.registered_after_end = 0
                then 1
            else 0
        end as is_expected
    from appearances
    inner join events on appearances.airmeet_id = events.airmeet_id
),

totals as (
    select
        person,
        sum(
            case
                when registration_state = 'known' and is_staff then 0
                when registration_state = 'known' then registered
            end
        ) as events_registered,
        sum(attended) as events_attended,
        sum(case when is_staff then 1 when is_staff = false then 0 end) as events_as_staff,
        sum(case when is_expected = 1 then attended end) as shown,
        sum(is_expected) as expected,
        sum(case when registration_state = 'awaited' then 1 else 0 end) as awaited_registrations,
        sum(case when attendance_state = 'awaited' then 1 else 0 end) as awaited_attendance,
        sum(case when engagement_state = 'awaited' then 1 else 0 end) as awaited_engagement,
        sum(case when registration_state = 'lost' or attendance_state = 'lost' then 1 else 0 end)
            as events_lost,
        sum(
            case
                when registration_state = 'known' and attendance_state in ('known', 'not yet')
                    then 1
                else 0
            end
        ) as events_known,
        min(start_time) as first_event_at,
        max(start_time) as last_event_at,
        max(case when name is not null then start_time end) as named_at,
        max(case when organisation is not null then start_time end) as organisation_at,
        avg(score) as mean_score,
        max(score) as best_score,
        count(score) as events_scored,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from stated
    group by person
),

latest as (
    select
        stated.person,
        max(
            case
                when stated.start_time = totals.named_at or totals.named_at is null
                    then stated.name
            end
        ) as name,
        max(
            case
                when
                    stated.start_time = totals.organisation_at
                    or totals.organisation_at is null
                    then stated.organisation
            end
        ) as organisation
    from stated
    inner join totals on stated.person = totals.person
    group by stated.person
),

final as (
    select
        totals.person,
        latest.name,
        latest.organisation,
        totals.first_event_at,
        totals.last_event_at,
        totals.events_known,
        totals.events_lost,
        case when totals.awaited_registrations = 0 then totals.events_registered end
            as events_registered,
        case when totals.awaited_attendance = 0 then totals.events_attended end
            as events_attended,
        case when totals.awaited_registrations = 0 then totals.events_as_staff end
            as events_as_staff,
        case
            when totals.awaited_registrations = 0 and totals.awaited_attendance = 0
                then cast(totals.shown as double) / nullif(totals.expected, 0)
        end as show_rate,
        case when totals.awaited_attendance = 0 then totals.events_attended >= 2 end as is_repeat,
        case when totals.awaited_engagement = 0 then totals.mean_score end as mean_score,
        case when totals.awaited_engagement = 0 then totals.best_score end as best_score,
        case when totals.awaited_engagement = 0 then totals.events_scored end as events_scored,
        totals.unsettled_events = 0 as is_final
    from totals
    inner join latest on totals.person = latest.person
)

select * from final
