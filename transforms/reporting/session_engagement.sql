-- What each session drew; staff are left out of its attendees.
-- grain: airmeet_id, session_id
-- question: Which sessions drew the audience and made it ask?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   session_id text: The session.
--   name text: Its name.
--   status text: CREATED, ONGOING, FINISHED, …
--   start_time timestamp: When it is to start.
--   minutes double: Its length in minutes; may be null.
--   speakers bigint: Its speakers.
--   attendees bigint: Distinct people who attended it.
--   reach double: attendees ÷ attended of the airmeet; null where nobody attended.
--   questions bigint: Questions asked in it.
--   is_final bool: All of the airmeet's feeds are settled.
with sessions as (
    select * from stg_sessions
),

feeds_known as (
    select * from int_feeds
),

summaries as (
    select * from event_summary
),

staff as (
    select airmeet_id, person
    from attendee_event
    where is_staff
),

speakers as (
    select
        airmeet_id,
        session_id,
        count(*) as speakers
    from stg_session_people
    where role = 'speaker'
    group by airmeet_id, session_id
),

attendance as (
    select
        present.airmeet_id,
        present.session_id,
        count(distinct present.person) as attendees
    from stg_session_attendance as present
    left join staff
        on present.airmeet_id = staff.airmeet_id and present.person = staff.person
    where staff.person is null
    group by present.airmeet_id, present.session_id
),

questions as (
    select airmeet_id, session_id, count(*) as questions
    from stg_questions
    group by airmeet_id, session_id
),

final as (
    select
        sessions.airmeet_id,
        sessions.session_id,
        sessions.name,
        sessions.status,
        sessions.start_time,
        sessions.minutes,
        coalesce(speakers.speakers, 0) as speakers,
        case when feeds_known.has_session_attendance = 1 then coalesce(attendance.attendees, 0) end
            as attendees,
        case
            when feeds_known.has_session_attendance = 1
                then
                    cast(coalesce(attendance.attendees, 0) as double)
                    / nullif(summaries.attended, 0)
        end as reach,
        case when feeds_known.has_questions = 1 then coalesce(questions.questions, 0) end
            as questions,
        coalesce(feeds_known.is_final, false) as is_final
    from sessions
    left join feeds_known on sessions.airmeet_id = feeds_known.airmeet_id
    left join summaries on sessions.airmeet_id = summaries.airmeet_id
    left join speakers
        on
            sessions.airmeet_id = speakers.airmeet_id
            and sessions.session_id = speakers.session_id
    left join attendance
        on
            sessions.airmeet_id = attendance.airmeet_id
            and sessions.session_id = attendance.session_id
    left join questions
        on
            sessions.airmeet_id = questions.airmeet_id
            and sessions.session_id = questions.session_id
)

select * from final
