-- How each poll was answered: one row an answer, and one with a null answer for those who left it
-- unanswered. A poll is identified by its question, a respondent by address or else user id; the
-- last answer counts.
-- grain: airmeet_id, question, answer
-- question: What did the audience say, and how much of it?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   question text: The poll's question.
--   answer text: The answer; null for those who gave none.
--   is_answered bool: False in the row of those who gave none.
--   respondents bigint: People who gave this answer last, or none.
--   share double: respondents ÷ all who answered the poll, 0 to 1; null in the row without answer.
--   participation double: All who answered the poll ÷ attended of the airmeet.
--   is_final bool: All of the airmeet's feeds are settled.
with answers as (
    select * from int_poll_answers
),

feeds_known as (
    select * from int_feeds
),

summaries as (
    select * from event_summary
),

results as (
    select airmeet_id, question, answer, count(*) as respondents
    from answers
    group by airmeet_id, question, answer
),

totals as (
    select airmeet_id, question, sum(respondents) as answered
    from results
    where answer is not null
    group by airmeet_id, question
),

final as (
    select
        results.airmeet_id,
        results.question,
        results.answer,
        results.answer is not null as is_answered,
        case when feeds_known.has_polls = 1 then results.respondents end as respondents,
        case
            when feeds_known.has_polls = 1 and results.answer is not null
                then cast(results.respondents as double) / totals.answered
        end as share,
        case
            when feeds_known.has_polls = 1
                then cast(coalesce(totals.answered, 0) as double) / nullif(summaries.attended, 0)
        end as participation,
        coalesce(feeds_known.is_final, false) as is_final
    from results
    left join feeds_known on results.airmeet_id = feeds_known.airmeet_id
    left join summaries on results.airmeet_id = summaries.airmeet_id
    left join totals
        on results.airmeet_id = totals.airmeet_id and results.question = totals.question
)

select * from final
