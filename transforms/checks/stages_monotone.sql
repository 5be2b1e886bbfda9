-- Stages of the funnel with more people than the stage before.
-- mend: run airmeet reports; if it stays, report it with airmeet explain of the airmeet
-- executed: columns are cast to the types given here, the grain is checked for duplicates
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
        previous_stage.people as people_before
    from stages
    inner join stages as previous_stage
        on
            stages.airmeet_id = previous_stage.airmeet_id
            and stages.stage_number = previous_stage.stage_number + 1
    where stages.people > previous_stage.people
)

select * from final
