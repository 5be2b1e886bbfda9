-- One row a table of an airmeet: its rows with neither an address nor a user id.
with final as (
    select airmeet_id, 'registrations' as feed, count(*) as unnamed_rows
    from stg_registrations
    where person is null
    group by airmeet_id
    union all
    select airmeet_id, 'event_attendance' as feed, count(*) as unnamed_rows
    from stg_event_attendance
    where person is null
    group by airmeet_id
    union all
    select airmeet_id, 'session_attendance' as feed, count(*) as unnamed_rows
    from stg_session_attendance
    where person is null
    group by airmeet_id
    union all
    select airmeet_id, 'booth_attendance' as feed, count(*) as unnamed_rows
    from stg_booth_attendance
    where person is null
    group by airmeet_id
    union all
    select airmeet_id, 'replay_attendance' as feed, count(*) as unnamed_rows
    from stg_replay_attendance
    where person is null
    group by airmeet_id
    union all
    select airmeet_id, 'poll_responses' as feed, count(*) as unnamed_rows
    from stg_poll_responses
    where person is null
    group by airmeet_id
    union all
    select airmeet_id, 'questions' as feed, count(*) as unnamed_rows
    from stg_questions
    where person is null
    group by airmeet_id
)

select * from final
