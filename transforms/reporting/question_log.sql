-- Every question that was asked.
-- grain: airmeet_id, user_id, question_number
-- question: What does the audience want to know, and who asked?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   user_id text: The asker's Airmeet user id.
--   question_number bigint: Place in the asker's list, from 0.
--   person text: The asker: the address, trimmed, in lower case; without one
--     `user:<user id>`; null where nothing tells who it is.
--   name text: The asker's name.
--   session_id text: The session it was asked in; null where the API does not say.
--   session text: The session's name.
--   question text: The question.
--   upvotes bigint: How many voted it up.
--   rank_in_session bigint: Place among the session's questions by upvotes, from 1; equals share.
--   asked_at timestamp: When it was asked, where the API says.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with questions as (
    select * from stg_questions
),

sessions as (
    select * from stg_sessions
),

events as (
    select * from int_events
),

final as (
    select
        questions.airmeet_id,
        questions.user_id,
        questions."position" as question_number,
        questions.person,
        questions.name,
        questions.session_id,
        sessions.name as session,
        questions.question,
        questions.upvotes,
        rank() over (
            partition by questions.airmeet_id, questions.session_id
            order by questions.upvotes desc
        ) as rank_in_session,
        questions.asked_at,
        coalesce(events.is_final, false) as is_final,
        events.event_name,
        events.start_date,
        events.status
    from questions
    left join sessions
        on
            questions.airmeet_id = sessions.airmeet_id
            and questions.session_id = sessions.session_id
    left join events on questions.airmeet_id = events.airmeet_id
)

select * from final
