-- Stages of the funnel with more people than the stage before.
-- columns:
--   airmeet_id text: The airmeet.
--   stage text: The stage.
--   people bigint: Its people.
--   people_before bigint: People of the stage before.
with stages as (
    select * from event_funnel
),

final as (
    select
        stages.airmeet_id,
        stages.stage,
        stages.people,
        befores.people as people_before
    from stages
    inner join stages as befores
        on
            stages.airmeet_id = befores.airmeet_id
            and stages.stage_number = befores.stage_number + 1
    where stages.people > befores.people
)

select * from final
