-- Airmeets with people at polls, questions or booths who are in no attendance, though it is known.
-- severity: warning
-- mend: none is needed for a few; if nearly all lack, airmeet load --full-refresh --airmeet ID
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   people bigint: Who left a trace, and is in no attendance.
with final as (
    select airmeet_id, count(*) as people
    from attendee_event
    where
        attended_by is null
        and attended is not null
        and coalesce(polls_answered, 0) + coalesce(questions_asked, 0) + coalesce(booths_visited, 0)
        > 0
    group by airmeet_id
)

select * from final
