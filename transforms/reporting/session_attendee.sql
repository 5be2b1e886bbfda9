-- What each person did in each session: attended it, or watched its replay.
-- grain: airmeet_id, session_id, person
-- question: Who came to which session, for how long, and who watched it later?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   session_id text: The session.
--   person text: Who: the address, trimmed, in lower case; without one `user:<user id>`.
--   name text: The person's name, as in attendee_event.
--   session text: The session's name; null where it is none of the airmeet's sessions.
--   attended bigint: 1 if in the session's attendance and no staff, else 0; null before the
--     airmeet's start, and while attendance or staff are not known.
--   is_staff bool: Whether the person is of the airmeet's staff; null while that is not known.
--   joined_at timestamp: When the person, staff too, first came: as in attendee_event, of the
--     visits of this session.
--   left_at timestamp: When the person left for good: as in attendee_event.
--   minutes_attended double: Minutes of the session as it was planned, from its start for its
--     length, during which the person was there; the whole visits where start or length are not
--     known (a length of 0 or less, or of more than 24 hours, counts as not known). Visits that
--     overlap count once, those wholly outside of the session are left out; null where one of the
--     visits does not say its time, or none is left.
--   share_attended double: minutes_attended ÷ the session's length, 0 to 1; null until the airmeet
--     is over, and where start or length are not known.
--   left_early bool: Left for good when more than a fifth of the session was still to come; null
--     where share_attended is.
--   replays bigint: Rows of the session's replay that are the person's; null where Airmeet's
--     gateway was not asked.
--   minutes_on_demand double: Minutes of its replay watched; null where replays are not known or
--     one does not say its minutes.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which the airmeet is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with events as (
    select * from int_events
),

sessions as (
    select * from stg_sessions
),

people as (
    select airmeet_id, person, name, is_staff, attended from attendee_event
),

times as (
    select * from int_time_attended
    where scope <> 'event'
),

traces as (
    select
        airmeet_id,
        session_id,
        person,
        1 as visits,
        0 as replays,
        cast(null as double) as minutes_viewed
    from stg_session_attendance
    union all
    select airmeet_id, session_id, person, 0, 1, minutes_viewed
    from stg_replay_attendance
),

attendees as (
    select
        airmeet_id,
        session_id,
        person,
        sum(visits) as visits,
        sum(replays) as replays,
        sum(minutes_viewed) as minutes_viewed,
        sum(replays) - count(minutes_viewed) as unknown_minutes
    from traces
    where person is not null
    group by airmeet_id, session_id, person
),

final as (
    select
        attendees.airmeet_id,
        attendees.session_id,
        attendees.person,
        people.name,
        sessions.name as session,
        people.is_staff,
        case
            when events.has_attendance is null then null
            when people.attended = 1 and attendees.visits > 0 then 1
            else 0
        end as attended,
        case when events.has_presence = 1 then times.joined_at end as joined_at,
        case when events.has_presence = 1 then times.left_at end as left_at,
        case when events.has_presence = 1 then cast(times.seconds as double) / 60 end
            as minutes_attended,
        case when events.has_presence = 1 and events.phase = 'over' then times.share end
            as share_attended,
        case when events.has_presence = 1 and events.phase = 'over' then times.is_early end
            as left_early,
        case when events.has_replays = 1 then attendees.replays end as replays,
        case
            when events.has_replays is null or attendees.unknown_minutes > 0 then null
            else coalesce(attendees.minutes_viewed, 0)
        end as minutes_on_demand,
        events.is_final,
        events.event_name,
        events.start_date,
        events.status
    from attendees
    inner join events on attendees.airmeet_id = events.airmeet_id
    inner join people
        on attendees.airmeet_id = people.airmeet_id and attendees.person = people.person
    left join sessions
        on
            attendees.airmeet_id = sessions.airmeet_id
            and attendees.session_id = sessions.session_id
    left join times
        on
            attendees.airmeet_id = times.airmeet_id
            and attendees.session_id = times.scope
            and attendees.person = times.person
)

select * from final
