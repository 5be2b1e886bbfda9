-- Loaded feeds whose table does not hold the rows that the ledger says, or that the API announced.
-- columns:
--   airmeet_id text: The airmeet.
--   feed text: The feed.
--   expected_rows bigint: Rows announced; null where the API announces none.
--   loaded_rows bigint: Rows loaded, by the ledger.
--   found bigint: Rows of the airmeet in the table.
with syncs as (
    select * from stg_feed_syncs
),

counts as (
    select airmeet_id, 'sessions' as feed, count(*) as found
    from stg_sessions
    group by airmeet_id
    union all
    select airmeet_id, 'custom_fields' as feed, count(*) as found
    from stg_custom_fields
    group by airmeet_id
    union all
    select airmeet_id, 'custom_field_options' as feed, count(*) as found
    from stg_custom_field_options
    group by airmeet_id
    union all
    select airmeet_id, 'registrations' as feed, count(*) as found
    from stg_registrations
    group by airmeet_id
    union all
    select airmeet_id, 'participants' as feed, count(*) as found
    from stg_participants
    group by airmeet_id
    union all
    select airmeet_id, 'participant_answers' as feed, count(*) as found
    from stg_participant_answers
    group by airmeet_id
    union all
    select airmeet_id, 'event_attendance' as feed, count(*) as found
    from stg_event_attendance
    group by airmeet_id
    union all
    select airmeet_id, 'session_attendance' as feed, count(*) as found
    from stg_session_attendance
    group by airmeet_id
    union all
    select airmeet_id, 'booths' as feed, count(*) as found
    from stg_booths
    group by airmeet_id
    union all
    select airmeet_id, 'booth_exhibitors' as feed, count(*) as found
    from stg_booth_exhibitors
    group by airmeet_id
    union all
    select airmeet_id, 'booth_tags' as feed, count(*) as found
    from stg_booth_tags
    group by airmeet_id
    union all
    select airmeet_id, 'booth_attendance' as feed, count(*) as found
    from stg_booth_attendance
    group by airmeet_id
    union all
    select airmeet_id, 'poll_responses' as feed, count(*) as found
    from stg_poll_responses
    group by airmeet_id
    union all
    select airmeet_id, 'questions' as feed, count(*) as found
    from stg_questions
    group by airmeet_id
    union all
    select airmeet_id, 'tracks' as feed, count(*) as found
    from stg_tracks
    group by airmeet_id
    union all
    select airmeet_id, 'track_sessions' as feed, count(*) as found
    from stg_track_sessions
    group by airmeet_id
    union all
    select airmeet_id, 'registration_utms' as feed, count(*) as found
    from stg_registration_utms
    group by airmeet_id
    union all
    select airmeet_id, 'session_recordings' as feed, count(*) as found
    from stg_session_recordings
    group by airmeet_id
    union all
    select airmeet_id, 'replay_attendance' as feed, count(*) as found
    from stg_replay_attendance
    group by airmeet_id
    union all
    select airmeet_id, 'airmeet_details' as feed, count(*) as found
    from stg_airmeet_details
    group by airmeet_id
    union all
    select airmeet_id, 'session_people' as feed, count(*) as found
    from stg_session_people
    group by airmeet_id
),

final as (
    select
        syncs.airmeet_id,
        syncs.feed,
        syncs.expected_rows,
        syncs.loaded_rows,
        coalesce(counts.found, 0) as found
    from syncs
    left join counts on syncs.airmeet_id = counts.airmeet_id and syncs.feed = counts.feed
    where
        syncs.status = 'loaded'
        and (
            syncs.loaded_rows <> coalesce(counts.found, 0)
            or syncs.expected_rows <> syncs.loaded_rows
        )
)

select * from final
