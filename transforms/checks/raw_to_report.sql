-- Figures of event_summary that differ from what the raw tables hold, by airmeet.
-- mend: run airmeet reports; if it stays, report it with airmeet explain of the airmeet
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet; null where whole airmeets are lost.
--   total text: What is counted.
--   expected bigint: In the raw tables.
--   found bigint: In event_summary; null where a row is missing.
with summaries as (
    select * from event_summary
),

airmeets as (
    select * from stg_airmeets
),

registrations as (
    select airmeet_id, count(distinct person) as people
    from stg_registrations
    group by airmeet_id
),

attendance as (
    select airmeet_id, count(distinct person) as people
    from (
        select airmeet_id, person from stg_event_attendance
        union all
        select airmeet_id, person from stg_session_attendance
    ) as present
    group by airmeet_id
),

booths as (
    select airmeet_id, sum(visits) as visits
    from stg_booth_attendance
    group by airmeet_id
),

polls as (
    select airmeet_id, count(distinct person) as people
    from stg_poll_responses
    where answer is not null and question is not null
    group by airmeet_id
),

questions as (
    select airmeet_id, count(*) as questions
    from stg_questions
    group by airmeet_id
),

figures as (
    select
        airmeets.airmeet_id,
        'airmeets' as total,
        1 as expected,
        case when summaries.airmeet_id is null then 0 else 1 end as found
    from airmeets
    left join summaries on airmeets.airmeet_id = summaries.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'registered',
        coalesce(registrations.people, 0),
        summaries.registered
    from summaries
    left join registrations on summaries.airmeet_id = registrations.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'attended and staff_attended',
        coalesce(attendance.people, 0),
        summaries.attended + summaries.staff_attended
    from summaries
    left join attendance on summaries.airmeet_id = attendance.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'booth_visits',
        coalesce(booths.visits, 0),
        summaries.booth_visits
    from summaries
    left join booths on summaries.airmeet_id = booths.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'poll_respondents',
        coalesce(polls.people, 0),
        summaries.poll_respondents
    from summaries
    left join polls on summaries.airmeet_id = polls.airmeet_id
    union all
    select
        summaries.airmeet_id,
        'questions_asked',
        coalesce(questions.questions, 0),
        summaries.questions_asked
    from summaries
    left join questions on summaries.airmeet_id = questions.airmeet_id
),

final as (
    select airmeet_id, total, expected, found
    from figures
    where expected <> found
)

select * from final
