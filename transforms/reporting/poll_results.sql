-- How each poll was answered: one row an answer, and one with a null answer for those who left it
-- unanswered. A poll is a question of a session, where the session is known. A person's last
-- response counts, by time, else by place; a response of several choices is in several rows. What
-- has no question is no poll.
-- Responses without an address and a user id are in none: see without_identity of event_summary.
-- grain: airmeet_id, result_key
-- question: What did the audience say, and how much of it?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   question text: The poll's question.
--   answer text: The answer; null for those who gave none.
--   is_answered bool: False in the row of those who gave none.
--   respondents bigint: People who gave this answer last, or none; staff too.
--   share double: respondents ÷ answered, 0 to 1; null in the row without answer. Shares add up to
--     more than 1 where people could choose several.
--   participation double: People, no staff, who answered the poll ÷ attended of the airmeet; null
--     where nobody attended, above 1 where more answered than are in attendance.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   session_id text: The session of the poll; null where the API does not say.
--   session text: The session's name.
--   answered bigint: People who answered the poll, staff too.
--   result_key text: Session, question and answer in one, never null.
with latest as (
    select * from int_last_answers
),

events as (
    select * from int_events
),

sessions as (
    select * from stg_sessions
),

audience as (
    select airmeet_id, person
    from attendee_event
    where is_staff = false
),

summaries as (
    select * from event_summary
),

results as (
    select airmeet_id, session_id, question, answer, count(*) as respondents
    from latest
    group by airmeet_id, session_id, question, answer
),

answerers as (
    select distinct airmeet_id, session_id, question, person
    from latest
    where answer is not null
),

polls as (
    select
        answerers.airmeet_id,
        coalesce(answerers.session_id, '') as session_key,
        answerers.question,
        count(*) as answered,
        count(audience.person) as audience
    from answerers
    left join audience
        on
            answerers.airmeet_id = audience.airmeet_id
            and answerers.person = audience.person
    group by
        answerers.airmeet_id,
        coalesce(answerers.session_id, ''),
        answerers.question
),

final as (
    select
        results.airmeet_id,
        results.session_id,
        sessions.name as session,
        results.question,
        results.answer,
        results.answer is not null as is_answered,
        -- Slashes that stand alone part the key.
        replace(coalesce(results.session_id, ''), '/', '//')
        || ' / '
        || replace(results.question, '/', '//')
        || case
            when results.answer is null then ''
            else ' / ' || replace(results.answer, '/', '//')
        end as result_key,
        case when events.has_polls = 1 then results.respondents end as respondents,
        case when events.has_polls = 1 then coalesce(polls.answered, 0) end as answered,
        case
            when events.has_polls = 1 and results.answer is not null
                then cast(results.respondents as double) / polls.answered
        end as share,
        case
            when events.has_polls = 1
                then cast(coalesce(polls.audience, 0) as double) / nullif(summaries.attended, 0)
        end as participation,
        coalesce(events.is_final, false) as is_final,
        events.event_name,
        events.start_date,
        events.status
    from results
    left join events on results.airmeet_id = events.airmeet_id
    left join summaries on results.airmeet_id = summaries.airmeet_id
    left join sessions
        on
            results.airmeet_id = sessions.airmeet_id
            and results.session_id = sessions.session_id
    left join polls
        on
            results.airmeet_id = polls.airmeet_id
            and coalesce(results.session_id, '') = polls.session_key
            and results.question = polls.question
)

select * from final
