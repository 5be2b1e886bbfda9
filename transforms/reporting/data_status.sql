-- How complete and how fresh each airmeet is, feed by feed.
-- grain: airmeet_id
-- question: What is loaded, what is not, and can the figures be trusted?
-- columns:
--   airmeet_id text: The airmeet.
--   name text: Its name.
--   status text: CREATED, ONGOING, FINISHED, …
--   feeds_loaded bigint: Feeds that are loaded.
--   feeds_unavailable bigint: Feeds that have nothing to give yet.
--   feeds_pending bigint: Feeds that are still being prepared.
--   feeds_failed bigint: Feeds that could not be read.
--   feeds_missing bigint: Feeds that were never asked for.
--   is_final bool: All feeds are settled.
--   data_as_of timestamp: When the oldest of the feeds that are loaded was fetched.
--   last_loaded_at timestamp: When the last of the feeds was loaded.
--   sessions_status text: loaded, unavailable, pending or failed; null if never asked.
--   sessions_rows bigint: Rows loaded.
--   sessions_expected_rows bigint: Rows announced; null where none are.
--   custom_fields_status text: loaded, unavailable, pending or failed; null if never asked.
--   custom_fields_rows bigint: Rows loaded.
--   custom_fields_expected_rows bigint: Rows announced; null where none are.
--   registrations_status text: loaded, unavailable, pending or failed; null if never asked.
--   registrations_rows bigint: Rows loaded.
--   registrations_expected_rows bigint: Rows announced; null where none are.
--   participants_status text: loaded, unavailable, pending or failed; null if never asked.
--   participants_rows bigint: Rows loaded.
--   participants_expected_rows bigint: Rows announced; null where none are.
--   participant_answers_status text: As sessions_status.
--   participant_answers_rows bigint: Rows loaded.
--   participant_answers_expected_rows bigint: Rows announced; null where none are.
--   event_attendance_status text: loaded, unavailable, pending or failed; null if never asked.
--   event_attendance_rows bigint: Rows loaded.
--   event_attendance_expected_rows bigint: Rows announced; null where none are.
--   session_attendance_status text: loaded, unavailable, pending or failed; null if never asked.
--   session_attendance_rows bigint: Rows loaded.
--   session_attendance_expected_rows bigint: Rows announced; null where none are.
--   booths_status text: loaded, unavailable, pending or failed; null if never asked.
--   booths_rows bigint: Rows loaded.
--   booths_expected_rows bigint: Rows announced; null where none are.
--   booth_attendance_status text: loaded, unavailable, pending or failed; null if never asked.
--   booth_attendance_rows bigint: Rows loaded.
--   booth_attendance_expected_rows bigint: Rows announced; null where none are.
--   poll_responses_status text: loaded, unavailable, pending or failed; null if never asked.
--   poll_responses_rows bigint: Rows loaded.
--   poll_responses_expected_rows bigint: Rows announced; null where none are.
--   questions_status text: loaded, unavailable, pending or failed; null if never asked.
--   questions_rows bigint: Rows loaded.
--   questions_expected_rows bigint: Rows announced; null where none are.
with airmeets as (
    select * from stg_airmeets
),

feeds_known as (
    select * from stg_feeds
),

expected as (
    select count(*) as feeds from seed_feeds
),

syncs as (
    select
        airmeet_id,
        sum(case when status = 'loaded' then 1 else 0 end) as feeds_loaded,
        sum(case when status = 'unavailable' then 1 else 0 end) as feeds_unavailable,
        sum(case when status = 'pending' then 1 else 0 end) as feeds_pending,
        sum(case when status = 'failed' then 1 else 0 end) as feeds_failed,
        count(*) as feeds_asked,
        max(loaded_at) as last_loaded_at,
        max(case when feed = 'sessions' then status end) as sessions_status,
        max(case when feed = 'sessions' then loaded_rows end) as sessions_rows,
        max(case when feed = 'sessions' then expected_rows end)
            as sessions_expected_rows,
        max(case when feed = 'custom_fields' then status end) as custom_fields_status,
        max(case when feed = 'custom_fields' then loaded_rows end) as custom_fields_rows,
        max(case when feed = 'custom_fields' then expected_rows end)
            as custom_fields_expected_rows,
        max(case when feed = 'registrations' then status end) as registrations_status,
        max(case when feed = 'registrations' then loaded_rows end) as registrations_rows,
        max(case when feed = 'registrations' then expected_rows end)
            as registrations_expected_rows,
        max(case when feed = 'participants' then status end) as participants_status,
        max(case when feed = 'participants' then loaded_rows end) as participants_rows,
        max(case when feed = 'participants' then expected_rows end)
            as participants_expected_rows,
        max(case when feed = 'participant_answers' then status end) as participant_answers_status,
        max(case when feed = 'participant_answers' then loaded_rows end)
            as participant_answers_rows,
        max(case when feed = 'participant_answers' then expected_rows end)
            as participant_answers_expected_rows,
        max(case when feed = 'event_attendance' then status end) as event_attendance_status,
        max(case when feed = 'event_attendance' then loaded_rows end) as event_attendance_rows,
        max(case when feed = 'event_attendance' then expected_rows end)
            as event_attendance_expected_rows,
        max(case when feed = 'session_attendance' then status end) as session_attendance_status,
        max(case when feed = 'session_attendance' then loaded_rows end) as session_attendance_rows,
        max(case when feed = 'session_attendance' then expected_rows end)
            as session_attendance_expected_rows,
        max(case when feed = 'booths' then status end) as booths_status,
        max(case when feed = 'booths' then loaded_rows end) as booths_rows,
        max(case when feed = 'booths' then expected_rows end)
            as booths_expected_rows,
        max(case when feed = 'booth_attendance' then status end) as booth_attendance_status,
        max(case when feed = 'booth_attendance' then loaded_rows end) as booth_attendance_rows,
        max(case when feed = 'booth_attendance' then expected_rows end)
            as booth_attendance_expected_rows,
        max(case when feed = 'poll_responses' then status end) as poll_responses_status,
        max(case when feed = 'poll_responses' then loaded_rows end) as poll_responses_rows,
        max(case when feed = 'poll_responses' then expected_rows end)
            as poll_responses_expected_rows,
        max(case when feed = 'questions' then status end) as questions_status,
        max(case when feed = 'questions' then loaded_rows end) as questions_rows,
        max(case when feed = 'questions' then expected_rows end)
            as questions_expected_rows
    from stg_feed_syncs
    group by airmeet_id
),

final as (
    select
        airmeets.airmeet_id,
        airmeets.name,
        airmeets.status,
        coalesce(syncs.feeds_loaded, 0) as feeds_loaded,
        coalesce(syncs.feeds_unavailable, 0) as feeds_unavailable,
        coalesce(syncs.feeds_pending, 0) as feeds_pending,
        coalesce(syncs.feeds_failed, 0) as feeds_failed,
        case
            when expected.feeds > coalesce(syncs.feeds_asked, 0)
                then expected.feeds - coalesce(syncs.feeds_asked, 0)
            else 0
        end as feeds_missing,
        coalesce(feeds_known.is_final, false) as is_final,
        feeds_known.data_as_of,
        syncs.last_loaded_at,
        syncs.sessions_status,
        syncs.sessions_rows,
        syncs.sessions_expected_rows,
        syncs.custom_fields_status,
        syncs.custom_fields_rows,
        syncs.custom_fields_expected_rows,
        syncs.registrations_status,
        syncs.registrations_rows,
        syncs.registrations_expected_rows,
        syncs.participants_status,
        syncs.participants_rows,
        syncs.participants_expected_rows,
        syncs.participant_answers_status,
        syncs.participant_answers_rows,
        syncs.participant_answers_expected_rows,
        syncs.event_attendance_status,
        syncs.event_attendance_rows,
        syncs.event_attendance_expected_rows,
        syncs.session_attendance_status,
        syncs.session_attendance_rows,
        syncs.session_attendance_expected_rows,
        syncs.booths_status,
        syncs.booths_rows,
        syncs.booths_expected_rows,
        syncs.booth_attendance_status,
        syncs.booth_attendance_rows,
        syncs.booth_attendance_expected_rows,
        syncs.poll_responses_status,
        syncs.poll_responses_rows,
        syncs.poll_responses_expected_rows,
        syncs.questions_status,
        syncs.questions_rows,
        syncs.questions_expected_rows
    from airmeets
    cross join expected
    left join feeds_known on airmeets.airmeet_id = feeds_known.airmeet_id
    left join syncs on airmeets.airmeet_id = syncs.airmeet_id
)

select * from final
