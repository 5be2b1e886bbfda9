-- Keys of a report that several of its rows bear.
-- columns:
--   report text: The report.
--   row_key text: The columns of its grain, joined by slashes.
--   copies bigint: Rows that bear it.
with final as (
    select
        'accounts' as report,
        coalesce(cast(domain as varchar), '') as row_key,
        count(*) as copies
    from accounts
    group by domain
    having count(*) > 1
    union all
    select
        'attendee_event' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(person as varchar), '') as row_key,
        count(*) as copies
    from attendee_event
    group by airmeet_id, person
    having count(*) > 1
    union all
    select
        'booth_leads' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(booth_id as varchar), '')
        || '/' || coalesce(cast(person as varchar), '') as row_key,
        count(*) as copies
    from booth_leads
    group by airmeet_id, booth_id, person
    having count(*) > 1
    union all
    select
        'booth_summary' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(booth_id as varchar), '') as row_key,
        count(*) as copies
    from booth_summary
    group by airmeet_id, booth_id
    having count(*) > 1
    union all
    select
        'cohort_retention' as report,
        coalesce(cast(cohort_month as varchar), '')
        || '/' || coalesce(cast(months_since as varchar), '') as row_key,
        count(*) as copies
    from cohort_retention
    group by cohort_month, months_since
    having count(*) > 1
    union all
    select
        'conversion_trend' as report,
        coalesce(cast(month as varchar), '') as row_key,
        count(*) as copies
    from conversion_trend
    group by month
    having count(*) > 1
    union all
    select
        'data_status' as report,
        coalesce(cast(airmeet_id as varchar), '') as row_key,
        count(*) as copies
    from data_status
    group by airmeet_id
    having count(*) > 1
    union all
    select
        'event_funnel' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(stage as varchar), '') as row_key,
        count(*) as copies
    from event_funnel
    group by airmeet_id, stage
    having count(*) > 1
    union all
    select
        'event_summary' as report,
        coalesce(cast(airmeet_id as varchar), '') as row_key,
        count(*) as copies
    from event_summary
    group by airmeet_id
    having count(*) > 1
    union all
    select
        'people' as report,
        coalesce(cast(person as varchar), '') as row_key,
        count(*) as copies
    from people
    group by person
    having count(*) > 1
    union all
    select
        'poll_results' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(question as varchar), '')
        || '/' || coalesce(cast(answer as varchar), '') as row_key,
        count(*) as copies
    from poll_results
    group by airmeet_id, question, answer
    having count(*) > 1
    union all
    select
        'question_log' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(user_id as varchar), '')
        || '/' || coalesce(cast(question_number as varchar), '') as row_key,
        count(*) as copies
    from question_log
    group by airmeet_id, user_id, question_number
    having count(*) > 1
    union all
    select
        'registration_answers' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(person as varchar), '')
        || '/' || coalesce(cast(field_id as varchar), '')
        || '/' || coalesce(cast(value as varchar), '') as row_key,
        count(*) as copies
    from registration_answers
    group by airmeet_id, person, field_id, value
    having count(*) > 1
    union all
    select
        'registration_daily' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(day as varchar), '') as row_key,
        count(*) as copies
    from registration_daily
    group by airmeet_id, day
    having count(*) > 1
    union all
    select
        'session_engagement' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(session_id as varchar), '') as row_key,
        count(*) as copies
    from session_engagement
    group by airmeet_id, session_id
    having count(*) > 1
    union all
    select
        'utm_attribution' as report,
        coalesce(cast(airmeet_id as varchar), '')
        || '/' || coalesce(cast(source as varchar), '')
        || '/' || coalesce(cast(medium as varchar), '')
        || '/' || coalesce(cast(campaign as varchar), '') as row_key,
        count(*) as copies
    from utm_attribution
    group by airmeet_id, source, medium, campaign
    having count(*) > 1
)

select * from final
