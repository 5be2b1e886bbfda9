-- Polls and booths at which more people were seen than attended the airmeet.
-- severity: warning
-- mend: see the check traces_without_attendance
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   report text: The report.
--   found double: The share.
with final as (
    select airmeet_id, 'poll_results' as report, participation as found
    from poll_results
    where participation > 1.000001
    union all
    select airmeet_id, 'booth_summary' as report, share_of_attended as found
    from booth_summary
    where share_of_attended > 1.000001
)

select * from final
