-- Where people went from one session: straight to the next that they attended; staff are left out.
-- Airmeets whose attendance is not known, or has not begun, have no rows.
-- grain: airmeet_id, from_session, to_session
-- question: Which session loses people, and where do they go next?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   from_session text: The id of the session from which they went; (start) before a person's first.
--   to_session text: The id of the session that they attended next; (end) behind a person's last,
--     so far. A person's sessions are in the order of joined_at of session_attendee, in the place
--     of one that is null the session's start; where that is not known either, last. At one
--     moment, and without any, by session_id.
--   people bigint: People who did so: those of session_attendee with attended = 1.
--   share double: people ÷ all people who left from_session, to (end) too, 0 to 1; from (start) all
--     who attended a session.
--   from_session_name text: The session's name, (start) for that; null where it is none of the
--     airmeet's sessions.
--   to_session_name text: The same of the other session, or (end).
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   is_final bool: All of the airmeet's feeds are settled.
with events as (
    select * from int_events
),

sessions as (
    select * from stg_sessions
),

attended as (
    select
        attendees.airmeet_id,
        attendees.session_id,
        attendees.person,
        coalesce(attendees.joined_at, sessions.start_time) as came_at
    from session_attendee as attendees
    left join sessions
        on
            attendees.airmeet_id = sessions.airmeet_id
            and attendees.session_id = sessions.session_id
    where attendees.attended = 1
),

placed as (
    select
        airmeet_id,
        session_id,
        person,
        row_number() over (
            partition by airmeet_id, person
            order by case when came_at is null then 1 else 0 end, came_at, session_id
        ) as place
    from attended
),

steps as (
    select
        airmeet_id,
        person,
        session_id as from_session,
        coalesce(
            lead(session_id) over (partition by airmeet_id, person order by place), '(end)'
        ) as to_session
    from placed
    union all
    select airmeet_id, person, '(start)' as from_session, session_id as to_session
    from placed
    where place = 1
),

counts as (
    select airmeet_id, from_session, to_session, count(*) as people
    from steps
    group by airmeet_id, from_session, to_session
),

final as (
    select
        counts.airmeet_id,
        counts.from_session,
        counts.to_session,
        counts.people,
        cast(counts.people as double)
        / sum(counts.people) over (partition by counts.airmeet_id, counts.from_session) as share,
        case
            when counts.from_session = '(start)' then '(start)'
            else origins.name
        end as from_session_name,
        case when counts.to_session = '(end)' then '(end)' else targets.name end
            as to_session_name,
        events.event_name,
        events.start_date,
        events.status,
        events.is_final
    from counts
    inner join events on counts.airmeet_id = events.airmeet_id
    left join sessions as origins
        on counts.airmeet_id = origins.airmeet_id and counts.from_session = origins.session_id
    left join sessions as targets
        on counts.airmeet_id = targets.airmeet_id and counts.to_session = targets.session_id
)

select * from final
