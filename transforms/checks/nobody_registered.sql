-- Airmeets for which nobody registered, though people attended or participants are listed.
-- severity: warning
-- mend: none is needed if it was open to all; else airmeet load --full-refresh --airmeet ID
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   attended bigint: Who attended.
--   participants bigint: Rows of its participants.
with participants as (
    select airmeet_id, count(*) as participants
    from stg_participants
    group by airmeet_id
),

final as (
    select
        summaries.airmeet_id,
        summaries.attended,
        coalesce(participants.participants, 0) as participants
    from event_summary as summaries
    left join participants on summaries.airmeet_id = participants.airmeet_id
    where
        summaries.registered = 0
        and (summaries.attended > 0 or participants.participants > 0)
)

select * from final
