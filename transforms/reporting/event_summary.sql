-- What came of each airmeet.
-- grain: airmeet_id
-- question: How many registered, how many came, what did they do, and is the count final?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   name text: Its name.
--   status text: CREATED, ONGOING, FINISHED, …
--   start_time timestamp: When it is to start.
--   end_time timestamp: When it is to end.
--   registered bigint: Distinct people who registered.
--   attended bigint: Distinct people in its attendance, staff left out.
--   attended_registered bigint: Of those, the ones who had registered.
--   walk_ins bigint: attended − attended_registered.
--   no_shows bigint: registered − attended_registered; null until attendance is loaded.
--   attendance_rate double: attended_registered ÷ registered, 0 to 1; null where nobody registered.
--   sessions bigint: Its sessions.
--   booth_visits bigint: Visits of its booths.
--   poll_respondents bigint: Distinct people who answered at least one poll.
--   questions_asked bigint: Questions that were asked.
--   is_final bool: All its feeds are settled: nothing here changes any more.
--   data_as_of timestamp: When the oldest of the feeds that are loaded was fetched.
--   staff_attended bigint: Distinct hosts, cohosts, speakers and exhibitors in its attendance.
--   engaged bigint: Of attended, those in a session, poll, question or booth.
--   engagement_rate double: engaged ÷ attended, 0 to 1; null where nobody attended.
--   replay_viewers bigint: Distinct people who watched a session's replay; null where Airmeet's
--     gateway was not asked.
--   start_date date: The day on which it is to start, in its own time zone.
with airmeets as (
    select * from int_airmeets
),

feeds_known as (
    select * from int_feeds
),

people as (
    select
        airmeet_id,
        sum(registered) as registered,
        sum(attended) as attended,
        sum(case when registered = 1 then attended end) as attended_registered,
        sum(staff_attended) as staff_attended,
        sum(engaged) as engaged,
        sum(case when polls_answered > 0 then 1 else 0 end) as poll_respondents,
        sum(case when replays_watched > 0 then 1 else 0 end) as replay_viewers
    from attendee_event
    group by airmeet_id
),

sessions as (
    select airmeet_id, count(*) as sessions
    from stg_sessions
    group by airmeet_id
),

booths as (
    select airmeet_id, sum(visits) as booth_visits
    from stg_booth_attendance
    group by airmeet_id
),

questions as (
    select airmeet_id, count(*) as questions_asked
    from stg_questions
    group by airmeet_id
),

counts as (
    select
        airmeets.airmeet_id,
        airmeets.name,
        airmeets.status,
        airmeets.start_time,
        cast(airmeets.start_time at time zone airmeets.time_zone as date) as start_date,
        airmeets.end_time,
        case when known.has_registrations = 1 then coalesce(people.registered, 0) end
            as registered,
        case when known.has_attendance = 1 then coalesce(people.attended, 0) end as attended,
        case
            when known.has_attendance = 1 and known.has_registrations = 1
                then coalesce(people.attended_registered, 0)
        end as attended_registered,
        case when known.has_attendance = 1 then coalesce(people.staff_attended, 0) end
            as staff_attended,
        case when known.has_sessions = 1 then coalesce(sessions.sessions, 0) end as sessions,
        case when known.has_booth_attendance = 1 then coalesce(booths.booth_visits, 0) end
            as booth_visits,
        case when known.has_polls = 1 then coalesce(people.poll_respondents, 0) end
            as poll_respondents,
        case when known.has_questions = 1 then coalesce(questions.questions_asked, 0) end
            as questions_asked,
        case when known.has_engagement = 1 then coalesce(people.engaged, 0) end as engaged,
        case when known.has_replays = 1 then coalesce(people.replay_viewers, 0) end
            as replay_viewers,
        known.has_loaded_attendance,
        coalesce(known.is_final, false) as is_final,
        known.data_as_of
    from airmeets
    left join feeds_known as known on airmeets.airmeet_id = known.airmeet_id
    left join people on airmeets.airmeet_id = people.airmeet_id
    left join sessions on airmeets.airmeet_id = sessions.airmeet_id
    left join booths on airmeets.airmeet_id = booths.airmeet_id
    left join questions on airmeets.airmeet_id = questions.airmeet_id
),

final as (
    select
        counts.*,
        attended - attended_registered as walk_ins,
        case when has_loaded_attendance = 1 then registered - attended_registered end as no_shows,
        cast(attended_registered as double) / nullif(registered, 0) as attendance_rate,
        cast(engaged as double) / nullif(attended, 0) as engagement_rate
    from counts
)

select * from final
