-- What each session drew; staff are left out of its attendees.
-- grain: airmeet_id, session_id
-- question: Which sessions drew the audience and made it ask?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   session_id text: The session.
--   name text: The session's name.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   start_time timestamp: When the session is to start.
--   minutes double: Its length in minutes; may be null.
--   speakers bigint: Its speakers; null while sessions are not known.
--   attendees bigint: Distinct people, no staff, who attended it so far; null before the airmeet's
--     start, and while attendance or staff are not known.
--   reach double: attendees ÷ attended of the airmeet, 0 to 1; null where nobody attended.
--   questions bigint: Questions asked in it.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which the airmeet is to start, in its own time zone.
--   session_status text: The session's own status: CREATED, ONGOING, FINISHED, …
--   timed_attendees bigint: Of attendees, those whose minutes_attended in session_attendee is
--     known: the next four figures are theirs.
--   average_minutes double: Their mean minutes_attended so far; null where there are none.
--   median_minutes double: Their median; of an even number the mean of the two in the middle.
--   total_hours double: Their hours together; null where average_minutes is.
--   stayed_share double: Of them, the share with share_attended of 0.8 or more; null until the
--     airmeet is over, and where share_attended is not known.
with sessions as (
    select * from stg_sessions
),

timed as (
    select
        airmeet_id,
        session_id,
        minutes_attended,
        share_attended,
        row_number() over (partition by airmeet_id, session_id order by minutes_attended) as place,
        count(*) over (partition by airmeet_id, session_id) as places
    from session_attendee
    where attended = 1 and minutes_attended is not null
),

stayed as (
    select
        airmeet_id,
        session_id,
        count(*) as timed_attendees,
        avg(minutes_attended) as average_minutes,
        avg(case when place * 2 between places and places + 2 then minutes_attended end)
            as median_minutes,
        sum(minutes_attended) / 60 as total_hours,
        avg(
            cast(
                case when share_attended >= 0.8 then 1 when share_attended >= 0 then 0 end as double
            )
        ) as stayed_share
    from timed
    group by airmeet_id, session_id
),

events as (
    select * from int_events
),

summaries as (
    select * from event_summary
),

attendees as (
    select airmeet_id, person
    from attendee_event
    where attended = 1
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
    inner join attendees
        on present.airmeet_id = attendees.airmeet_id and present.person = attendees.person
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
        events.status,
        sessions.status as session_status,
        sessions.start_time,
        sessions.minutes,
        case when events.has_sessions = 1 then coalesce(speakers.speakers, 0) end as speakers,
        case when events.has_attendance = 1 then coalesce(attendance.attendees, 0) end
            as attendees,
        case
            when events.has_attendance = 1
                then
                    cast(coalesce(attendance.attendees, 0) as double)
                    / nullif(summaries.attended, 0)
        end as reach,
        case when events.has_questions = 1 then coalesce(questions.questions, 0) end
            as questions,
        coalesce(events.is_final, false) as is_final,
        events.event_name,
        events.start_date,
        case when events.has_attendance = 1 then coalesce(stayed.timed_attendees, 0) end
            as timed_attendees,
        stayed.average_minutes,
        stayed.median_minutes,
        stayed.total_hours,
        stayed.stayed_share
    from sessions
    left join stayed
        on
            sessions.airmeet_id = stayed.airmeet_id
            and sessions.session_id = stayed.session_id
    left join events on sessions.airmeet_id = events.airmeet_id
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
