-- Totals that differ between two reports which should agree, by airmeet.
-- mend: run airmeet reports; if it stays, report it with airmeet explain of the airmeet
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   total text: What is counted.
--   expected bigint: In event_summary.
--   found bigint: In the other report.
with summaries as (
    select * from event_summary
),

attendees as (
    select
        airmeet_id,
        sum(registered) as registered,
        sum(attended) as attended,
        sum(staff_attended) as staff_attended,
        sum(engaged) as engaged,
        sum(case when attended = 1 and sessions_attended > 0 then 1 else 0 end)
            as attended_sessions
    from attendee_event
    group by airmeet_id
),

stages as (
    select
        airmeet_id,
        max(case when stage = 'registered' then people end) as registered,
        max(case when stage = 'attended' then people end) as attended_registered
    from event_funnel
    group by airmeet_id
),

dated as (
    select airmeet_id, count(*) as registered
    from attendee_event
    where registered = 1 and registered_at is not null
    group by airmeet_id
),

days as (
    select
        airmeet_id,
        sum(registrations) as registered,
        max(cumulative_registrations) as cumulative
    from registration_daily
    group by airmeet_id
),

questions as (
    select airmeet_id, count(*) as questions
    from question_log
    group by airmeet_id
),

session_counts as (
    select airmeet_id, count(*) as sessions
    from session_engagement
    group by airmeet_id
),

lead_visits as (
    select airmeet_id, booth_id, sum(visits) as visits
    from booth_leads
    where is_staff = false
    group by airmeet_id, booth_id
),

-- Of dimensions in which everybody is once; campaign and attendance_type are not in all airmeets.
dimensions as (
    select distinct dimension from segments
    where dimension not like 'field: %'
),

segment_totals as (
    select
        airmeet_id,
        dimension,
        sum(registered) as registered,
        sum(attended) as attended
    from segments
    group by airmeet_id, dimension
),

segmented as (
    select
        summaries.airmeet_id,
        dimensions.dimension,
        summaries.registered - summaries.staff_registered as registered,
        summaries.attended,
        coalesce(totals.registered, 0) as registered_found,
        coalesce(totals.attended, 0) as attended_found
    from summaries
    cross join dimensions
    left join segment_totals as totals
        on
            summaries.airmeet_id = totals.airmeet_id
            and dimensions.dimension = totals.dimension
    where
        totals.airmeet_id is not null
        or dimensions.dimension not in ('campaign', 'attendance_type')
),

flows as (
    select
        airmeet_id,
        sum(case when from_session = '(start)' then people else 0 end) as started,
        sum(case when to_session = '(end)' then people else 0 end) as ended
    from session_flow
    group by airmeet_id
),

pairs as (
    select
        summaries.airmeet_id,
        'registered in attendee_event' as total,
        summaries.registered as expected,
        coalesce(attendees.registered, 0) as found
    from summaries
    left join attendees on summaries.airmeet_id = attendees.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'attended in attendee_event',
        summaries.attended,
        coalesce(attendees.attended, 0)
    from summaries
    left join attendees on summaries.airmeet_id = attendees.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'staff_attended in attendee_event',
        summaries.staff_attended,
        coalesce(attendees.staff_attended, 0)
    from summaries
    left join attendees on summaries.airmeet_id = attendees.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'engaged in attendee_event',
        summaries.engaged,
        coalesce(attendees.engaged, 0)
    from summaries
    left join attendees on summaries.airmeet_id = attendees.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'registered in event_funnel',
        summaries.registered - summaries.staff_registered - summaries.registered_after_end,
        coalesce(stages.registered, -1)
    from summaries
    left join stages on summaries.airmeet_id = stages.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'attended in event_funnel',
        summaries.attended_registered,
        coalesce(stages.attended_registered, -1)
    from summaries
    left join stages on summaries.airmeet_id = stages.airmeet_id
    where summaries.registered is not null
    union all
    select
        dated.airmeet_id,
        'registrations in registration_daily',
        dated.registered,
        coalesce(days.registered, 0)
    from dated
    left join days on dated.airmeet_id = days.airmeet_id
    union all
    select
        dated.airmeet_id,
        'cumulative_registrations in registration_daily',
        dated.registered,
        coalesce(days.cumulative, 0)
    from dated
    left join days on dated.airmeet_id = days.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'questions in question_log',
        summaries.questions_asked,
        coalesce(questions.questions, 0)
    from summaries
    left join questions on summaries.airmeet_id = questions.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'sessions in session_engagement',
        summaries.sessions,
        coalesce(session_counts.sessions, 0)
    from summaries
    left join session_counts on summaries.airmeet_id = session_counts.airmeet_id
    union all
    select
        booths.airmeet_id,
        'visits in booth_leads',
        booths.visits,
        coalesce(lead_visits.visits, 0)
    from booth_summary as booths
    left join lead_visits
        on
            booths.airmeet_id = lead_visits.airmeet_id
            and booths.booth_id = lead_visits.booth_id
    union all
    select airmeet_id, 'registered in segments by ' || dimension, registered, registered_found
    from segmented
    union all
    select airmeet_id, 'attended in segments by ' || dimension, attended, attended_found
    from segmented
    union all
    select
        attendees.airmeet_id,
        'first sessions in session_flow',
        attendees.attended_sessions,
        coalesce(flows.started, 0)
    from attendees
    left join flows on attendees.airmeet_id = flows.airmeet_id
    union all
    select
        attendees.airmeet_id,
        'last sessions in session_flow',
        attendees.attended_sessions,
        coalesce(flows.ended, 0)
    from attendees
    left join flows on attendees.airmeet_id = flows.airmeet_id
),

final as (
    select airmeet_id, total, expected, found
    from pairs
    where expected <> found
)

select * from final
