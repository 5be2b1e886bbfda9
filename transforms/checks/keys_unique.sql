-- Keys of a report that several of its rows bear.
-- columns:
--   report text: The report.
--   row_key text: The columns of its grain, joined by slashes.
--   copies bigint: Rows that bear it.
with row_keys as (
    select 'accounts' as report, coalesce(cast(domain as varchar), '') as row_key
    from accounts
    union all
    select
        'attendee_event' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(person as varchar), '') as row_key
    from attendee_event
    union all
    select
        'booth_leads' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(booth_id as varchar), '')
        || '/' || coalesce(cast(person as varchar), '') as row_key
    from booth_leads
    union all
    select
        'booth_summary' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(booth_id as varchar), '') as row_key
    from booth_summary
    union all
    select
        'cohort_retention' as report,
        coalesce(cast(cohort_month as varchar), '')
        || '/' || coalesce(cast(months_since as varchar), '') as row_key
    from cohort_retention
    union all
    select 'conversion_trend' as report, coalesce(cast(month as varchar), '') as row_key
    from conversion_trend
    union all
    select 'data_status' as report, coalesce(cast(airmeet_id as varchar), '') as row_key
    from data_status
    union all
    select
        'event_funnel' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(stage as varchar), '') as row_key
    from event_funnel
    union all
    select 'event_summary' as report, coalesce(cast(airmeet_id as varchar), '') as row_key
    from event_summary
    union all
    select 'people' as report, coalesce(cast(person as varchar), '') as row_key
    from people
    union all
    select
        'poll_results' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(question as varchar), '')
        || '/' || coalesce(cast(answer as varchar), '') as row_key
    from poll_results
    union all
    select
        'question_log' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(user_id as varchar), '')
        || '/' || coalesce(cast(question_number as varchar), '') as row_key
    from question_log
    union all
    select
        'registration_answers' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(person as varchar), '')
        || '/' || coalesce(cast(field_id as varchar), '')
        || '/' || coalesce(cast(value as varchar), '') as row_key
    from registration_answers
    union all
    select
        'registration_daily' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(day as varchar), '') as row_key
    from registration_daily
    union all
    select
        'session_engagement' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(session_id as varchar), '') as row_key
    from session_engagement
    union all
    select
        'utm_attribution' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(source as varchar), '')
        || '/' || coalesce(cast(medium as varchar), '')
        || '/' || coalesce(cast(campaign as varchar), '') as row_key
    from utm_attribution
),

final as (
    select report, row_key, count(*) as copies
    from row_keys
    group by report, row_key
    having count(*) > 1
)

select * from final
