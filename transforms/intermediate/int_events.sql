-- One row an airmeet: when it is, how far it is, and what of it can be counted.
--
-- `phase` is upcoming, ongoing (or paused before its end), over, cancelled, or withdrawn (it left
-- Airmeet's list, or was archived, before it began), at the moment when attendance was fetched:
-- what came later is not in it. A `has_` column
-- is 1 where the figures that rest on it are known, else null. A `_state` column says why not:
-- known; not yet (nothing to count so far); awaited; lost. `month_number` is the month in
-- which it is to start, in its own time zone, counted from January of the year 0.
-- rebuilt: whole
-- stored: build
-- key: airmeet_id
with schedule as (
    select * from int_schedule
),

ledger as (
    select * from int_ledger
),

feed_states as (
    select * from int_feed_states
),

expected as (
    select count(*) as feeds from seed_feeds
),

clock as (
    select * from int_clock
),

-- Of several feeds the one that is awaited decides.
lacking as (
    select
        airmeet_id,
        max(case when feed in ('sessions', 'booths', 'registrations') then lacks end)
            as registrations,
        max(
            case
                when feed in ('sessions', 'booths', 'event_attendance', 'session_attendance')
                    then lacks
            end
        ) as attendance,
        max(
            case
                when
                    feed in (
                        'sessions',
                        'booths',
                        'event_attendance',
                        'session_attendance',
                        'poll_responses',
                        'questions',
                        'booth_attendance'
                    )
                    then lacks
            end
        ) as engagement
    from feed_states
    group by airmeet_id
),

phased as (
    select
        schedule.*,
        ledger.has_registrations,
        ledger.has_session_attendance,
        ledger.has_booth_attendance,
        ledger.has_sessions,
        ledger.has_booths,
        ledger.has_polls,
        ledger.has_questions,
        ledger.has_replays,
        ledger.has_event_attendance,
        ledger.data_as_of,
        ledger.attendance_as_of,
        case when ledger.has_sessions = 1 and ledger.has_booths = 1 then 1 end as has_staff,
        case
            when ledger.has_loaded_attendance = 1 and ledger.has_session_attendance = 1 then 1
        end as has_loaded_attendance,
        case
            when ledger.has_event_attendance = 1 and ledger.has_loaded_attendance is null then 1
        end as is_refused,
        coalesce(
            ledger.unsettled_feeds = 0 and ledger.known_feeds >= expected.feeds, false
        ) as is_final,
        case
            when schedule.status in ('CANCELLED', 'CANCELED') then 'cancelled'
            when schedule.status = 'ONGOING' then 'ongoing'
            when schedule.status = 'FINISHED' then 'over'
            -- Whatever has begun and was put away does not go on.
            when
                schedule.status in ('ARCHIVE', 'ARCHIVED')
                and schedule.start_time
                <= coalesce(ledger.attendance_as_of, schedule.last_listed_at)
                then 'over'
            when schedule.status in ('ARCHIVE', 'ARCHIVED') then 'withdrawn'
            when schedule.ends_at <= coalesce(ledger.attendance_as_of, schedule.last_listed_at)
                then 'over'
            when schedule.start_time <= coalesce(ledger.attendance_as_of, schedule.last_listed_at)
                then 'ongoing'
            when schedule.is_listed = false then 'withdrawn'
            else 'upcoming'
        end as phase,
        lacking.registrations as lacks_registrations,
        lacking.attendance as lacks_attendance,
        lacking.engagement as lacks_engagement,
        coalesce(
            schedule.start_time > clock.last_fetch - interval '90' day
            and schedule.start_time <= clock.last_fetch,
            false
        ) as is_recent
    from schedule
    cross join expected
    cross join clock
    left join ledger on schedule.airmeet_id = ledger.airmeet_id
    left join lacking on schedule.airmeet_id = lacking.airmeet_id
),

begun as (
    select
        phased.*,
        case when has_registrations = 1 and has_staff = 1 then 1 end as has_audience,
        case when phase in ('ongoing', 'over') and has_loaded_attendance = 1 then 1 end
            as has_presence,
        case
            when phase in ('ongoing', 'over') and has_loaded_attendance = 1 and has_staff = 1 then 1
        end as has_attendance,
        case when phase in ('upcoming', 'cancelled', 'withdrawn') or is_refused = 1 then 1 end
            as is_not_yet
    from phased
),

final as (
    select
        begun.*,
        cast(
            12 * extract(year from start_date) + extract(month from start_date) - 1 as bigint
        ) as month_number,
        case when has_attendance = 1 and has_registrations = 1 and phase = 'over' then 1 end
            as has_rates,
        case
            when
                has_attendance = 1
                and has_polls = 1
                and has_questions = 1
                and has_booth_attendance = 1
                then 1
        end as has_engagement,
        case
            when lacks_registrations = 0 then 'known'
            when lacks_registrations = 1 then 'lost'
            else 'awaited'
        end as registration_state,
        case
            when is_not_yet = 1 then 'not yet'
            when lacks_attendance = 0 then 'known'
            when lacks_attendance = 1 then 'lost'
            else 'awaited'
        end as attendance_state,
        case
            when is_not_yet = 1 then 'not yet'
            when lacks_engagement = 0 then 'known'
            when lacks_engagement = 1 then 'lost'
            else 'awaited'
        end as engagement_state
    from begun
)

select * from final
