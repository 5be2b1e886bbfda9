-- One row a choice of a person's last response to a poll; its answer is null where the person gave
-- none. A poll is a question of a session. A response with an answer counts before one without, the
-- later before the earlier, by time, else by place; one of several choices has several rows.
-- rebuilt: airmeet_id
-- stored: build
with responses as (
    select * from stg_poll_responses
    where question is not null and person is not null
),

ranked as (
    select
        airmeet_id,
        session_id,
        question,
        person,
        answer,
        rank() over (
            partition by airmeet_id, session_id, question, person
            order by
                case when answer is null then 0 else 1 end desc,
                case when answered_at is null then 0 else 1 end desc,
                answered_at desc,
                response desc,
                user_id desc
        ) as recency
    from responses
),

final as (
    select distinct airmeet_id, session_id, question, person, answer
    from ranked
    where recency = 1
)

select * from final
