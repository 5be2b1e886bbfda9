-- Rates and scores outside their bounds, and counts below zero.
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   report text: The report.
--   row_key text: Its row.
--   metric text: The column.
--   found double: Its value.
with metrics as (
    select
        'event_summary' as report,
        airmeet_id as row_key,
        'attendance_rate' as metric,
        attendance_rate as found,
        1 as ceiling
    from event_summary
    union all
    select 'event_summary', airmeet_id, 'engagement_rate', engagement_rate, 1
    from event_summary
    union all
    select 'event_summary', airmeet_id, 'walk_ins', walk_ins, 1000000000
    from event_summary
    union all
    select 'event_summary', airmeet_id, 'no_shows', no_shows, 1000000000
    from event_summary
    union all
    select 'event_funnel', airmeet_id || '/' || stage, 'share_of_registered', share_of_registered, 1
    from event_funnel
    union all
    select 'attendee_event', airmeet_id || '/' || person, 'score', score, 100
    from attendee_event
    union all
    select 'registration_daily', airmeet_id, 'share_of_final', share_of_final, 1
    from registration_daily
    union all
    select 'poll_results', airmeet_id || '/' || question, 'share', share, 1
    from poll_results
    union all
    select 'people', person, 'show_rate', show_rate, 1
    from people
    union all
    select 'cohort_retention', cast(cohort_month as varchar), 'retention_rate', retention_rate, 1
    from cohort_retention
),

final as (
    select report, row_key, metric, found
    from metrics
    where found < 0 or found > ceiling + 0.000001
)

select * from final
