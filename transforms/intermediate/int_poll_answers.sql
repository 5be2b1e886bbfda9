-- One row a poll and respondent: the last answer, null where none was given. A poll is identified
-- by its question, a respondent by address or else user id.
with ranked as (
    select
        airmeet_id,
        trim(question) as question,
        answer,
        row_number() over (
            partition by airmeet_id, coalesce(person, user_id), trim(question)
            order by
                case when answer is null then 0 else 1 end desc,
                case when answered_at is null then 0 else 1 end desc,
                answered_at desc,
                "position" desc,
                user_id desc
        ) as recency
    from stg_poll_responses
    where question is not null
),

final as (
    select airmeet_id, question, answer
    from ranked
    where recency = 1
)

select * from final
