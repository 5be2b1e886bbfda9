-- One row an airmeet that the ledger knows. A `has_` column is 1 where the feed is loaded or has
-- no data yet, else null; `has_loaded_attendance` where there is attendance to count.
with syncs as (
    select
        lines.airmeet_id,
        lines.feed,
        lines.status,
        lines.requested_at,
        lines.is_final,
        case when feeds.feed is null then 0 else 1 end as is_expected,
        case when lines.status in ('loaded', 'unavailable') then 1 end as is_known
    from stg_feed_syncs as lines
    left join seed_feeds as feeds on lines.feed = feeds.feed
),

final as (
    select
        airmeet_id,
        max(case when feed = 'sessions' then is_known end) as has_sessions,
        max(case when feed = 'booths' then is_known end) as has_booths,
        max(case when feed = 'registrations' then is_known end) as has_registrations,
        max(case when feed = 'event_attendance' then is_known end) as has_event_attendance,
        max(case when feed = 'event_attendance' and status = 'loaded' then 1 end)
            as has_loaded_attendance,
        max(case when feed = 'event_attendance' and is_known = 1 then requested_at end)
            as attendance_as_of,
        max(case when feed = 'registrations' and is_known = 1 then requested_at end)
            as registrations_as_of,
        max(case when feed = 'session_attendance' then is_known end) as has_session_attendance,
        max(case when feed = 'booth_attendance' then is_known end) as has_booth_attendance,
        max(case when feed = 'poll_responses' then is_known end) as has_polls,
        max(case when feed = 'questions' then is_known end) as has_questions,
        max(case when feed = 'replay_attendance' then is_known end) as has_replays,
        sum(is_expected) as known_feeds,
        sum(case when is_final then 0 else 1 end) as unsettled_feeds,
        min(case when status = 'loaded' then requested_at end) as data_as_of
    from syncs
    group by airmeet_id
)

select * from final
