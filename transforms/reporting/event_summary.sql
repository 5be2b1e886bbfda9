-- What came of each airmeet.
-- grain: airmeet_id
-- question: How many registered, how many came, what did they do, and is the count final?
-- rebuilt: airmeet_id
-- follows: int_events on theirs.airmeet_id = mine.airmeet_id:
--     last_listed_at = theirs.last_listed_at
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   name text: The airmeet's name.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   start_time timestamp: When it is to start.
--   end_time timestamp: When it is to end.
--   registered bigint: Distinct people who registered, staff too.
--   attended bigint: Distinct people, no staff, in the attendance of the airmeet or of one of its
--     sessions, so far; null before the start, and while attendance or staff are not known.
--   attended_registered bigint: Of those, the ones who had registered.
--   walk_ins bigint: attended − attended_registered.
--   no_shows bigint: registered − staff_registered − registered_after_end − attended_registered;
--     null until attendance is loaded and the airmeet is over.
--   attendance_rate double: attended_registered ÷ (registered − staff_registered −
--     registered_after_end), 0 to 1; null where that is 0, and until the airmeet is over.
--   sessions bigint: Its sessions.
--   booth_visits bigint: Visits of its booths, everybody's; a visitor without a number of visits
--     that can be true came once.
--   poll_respondents bigint: Distinct people who answered at least one poll, staff too.
--   questions_asked bigint: Questions that were asked, by anybody.
--   is_final bool: All its feeds are settled: nothing here changes by itself.
--   data_as_of timestamp: When the oldest of the feeds that are loaded was fetched.
--   staff_attended bigint: Distinct people of its staff in attendance.
--   engaged bigint: Of attended, those in a session, poll, question or booth.
--   engagement_rate double: engaged ÷ attended, 0 to 1; null where nobody attended, and until the
--     airmeet is over.
--   replay_viewers bigint: Distinct people who watched a session's replay, staff too; null where
--     Airmeet's gateway was not asked.
--   start_date date: The day on which it is to start, in its own time zone.
--   event_name text: The airmeet's name, as in the other reports.
--   staff_registered bigint: Of registered, the staff: hosts, cohosts, speakers, exhibitors and
--     those whom their participant's type calls staff; null while sessions or booths are not known.
--   registered_after_end bigint: Of registered, those who are no staff, did not attend and
--     registered after the end; null where that is not known.
--   attended_on_demand bigint: Distinct people, no staff, who watched a replay and did not attend;
--     null where replays are not known.
--   total_audience bigint: attended + attended_on_demand: live or on demand.
--   without_identity bigint: Rows of registrations, attendance, booths, replays, polls and
--     questions with neither an address nor a user id: they are in no count of people.
--   is_listed bool: Whether Airmeet's list still had it when it was last read; archived and deleted
--     airmeets leave the list.
--   last_listed_at timestamp: When a run last saw it in the list; as of the build, and a run that
--     finds all as it was builds nothing.
--   ends_at timestamp: When it is over: its end, without one the end of its last session, without
--     sessions a day after its start. A session without a length ends when it starts.
--   phase text: upcoming, ongoing (or PAUSED before its end), over, cancelled, or withdrawn (it
--     left Airmeet's list, or was archived, before it began), at the moment when attendance was
--     last asked for.
--   registration_state text: Whether registrations and staff are known, awaited or lost (still not
--     there settle_days after the end, or waived).
--   attendance_state text: The same of attendance; not yet where it has not begun.
--   engagement_state text: The same of sessions, polls, questions and booths together.
--   is_time_zone_known bool: False where days are counted in UTC, as the database does not know
--     the time zone that the API names, or none is named.
--   held_minutes double: Minutes for which it was held: from its start to ends_at; of one longer
--     than a day the sum of its days, each, in its time zone, from the first session's start to the
--     last one's end, within start and ends_at (sessions that are FINISHED or were attended, with a
--     length of more than 0 and up to 24 hours, not wholly before the start or behind ends_at;
--     where there is none, the whole). Stretches that overlap count once. Null where neither an
--     end nor a session tells ends_at, and where that is not after the start.
--   timed_attendees bigint: Of attended, those whose minutes_attended is known: the next four
--     figures are theirs.
--   average_minutes double: Their mean minutes_attended so far; null where there are none.
--   median_minutes double: Their median: half of them stayed longer; of an even number the mean of
--     the two in the middle.
--   total_hours double: Their hours together; null where average_minutes is.
--   stayed_share double: Of them, the share with share_attended of 0.8 or more; null until the
--     airmeet is over and where its end is not known.
--   peak_attendees bigint: The largest people_present of the airmeet's attendance_curve.
--   peak_at timestamp: The beginning of the first five minutes with that many.
--   average_minutes_on_demand double: Mean minutes_on_demand of those, no staff, who watched a
--     replay, whether they attended or not; null where nobody did, where one's is not known,
--     and while staff are not known.
--   registered_in_person bigint: Of registered, those who are to attend in person; null where no
--     registrant is known to attend in person or virtually, as of an airmeet that is not hybrid.
--   registered_virtual bigint: Of registered, those who are to attend virtually; null likewise.
--   attended_in_person bigint: Of attended, those who were to attend in person; null where
--     registered_in_person is.
--   attended_virtual bigint: Of attended, those who were to attend virtually; null likewise.
--   time_zone text: The airmeet's time zone, in which its days are counted; UTC where the database
--     knows none of its name.
with events as (
    select * from int_events
),

held as (
    select airmeet_id, cast(sum(ends - begins) as double) / 60 as held_minutes
    from int_held_times
    where scope = 'event'
    group by airmeet_id
),

timed as (
    select
        airmeet_id,
        minutes_attended,
        share_attended,
        row_number() over (partition by airmeet_id order by minutes_attended) as place,
        count(*) over (partition by airmeet_id) as places
    from attendee_event
    where attended = 1 and minutes_attended is not null
),

stayed as (
    select
        airmeet_id,
        count(*) as timed_attendees,
        avg(minutes_attended) as average_minutes,
        avg(case when place * 2 between places and places + 2 then minutes_attended end)
            as median_minutes,
        sum(minutes_attended) / 60 as total_hours,
        avg(
            cast(
                case when share_attended >= 0.8 then 1 when share_attended >= 0 then 0 end as double
            )
        ) as stayed_share
    from timed
    group by airmeet_id
),

peaks as (
    select
        airmeet_id,
        people_present,
        step_at,
        row_number() over (partition by airmeet_id order by people_present desc, step_at) as place
    from attendance_curve
    where session_id is null
),

people as (
    select
        airmeet_id,
        sum(registered) as registered,
        sum(case when is_staff then registered else 0 end) as staff_registered,
        sum(registered_after_end) as registered_after_end,
        sum(case when registered is not null and registered_after_end is null then 1 else 0 end)
            as unknown_after_end,
        sum(attended) as attended,
        sum(case when registered = 1 then attended end) as attended_registered,
        sum(staff_attended) as staff_attended,
        sum(attended_on_demand) as attended_on_demand,
        sum(engaged) as engaged,
        sum(case when polls_answered > 0 then 1 else 0 end) as poll_respondents,
        sum(case when replays_watched > 0 then 1 else 0 end) as replay_viewers,
        sum(
            case when registered = 1 and attendance_type is not null then 1 else 0 end
        ) as registered_by_type,
        sum(case when registered = 1 and attendance_type = 'in person' then 1 else 0 end)
            as registered_in_person,
        sum(case when registered = 1 and attendance_type = 'virtual' then 1 else 0 end)
            as registered_virtual,
        sum(case when attended = 1 and attendance_type = 'in person' then 1 else 0 end)
            as attended_in_person,
        sum(case when attended = 1 and attendance_type = 'virtual' then 1 else 0 end)
            as attended_virtual,
        avg(case when is_staff = false and replays_watched > 0 then minutes_on_demand end)
            as average_minutes_on_demand,
        sum(
            case
                when
                    replays_watched > 0
                    and (is_staff is null or (is_staff = false and minutes_on_demand is null))
                    then 1
                else 0
            end
        ) as unknown_on_demand
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

unnamed as (
    select airmeet_id, sum(unnamed_rows) as unnamed_rows
    from int_unnamed_rows
    group by airmeet_id
),

counts as (
    select
        events.*,
        case when events.has_registrations = 1 then coalesce(people.registered, 0) end
            as registered,
        case when events.has_audience = 1 then coalesce(people.staff_registered, 0) end
            as staff_registered,
        case
            when events.has_audience = 1 and coalesce(people.unknown_after_end, 0) = 0
                then coalesce(people.registered_after_end, 0)
        end as registered_after_end,
        case when events.has_attendance = 1 then coalesce(people.attended, 0) end as attended,
        case
            when events.has_attendance = 1 and events.has_registrations = 1
                then coalesce(people.attended_registered, 0)
        end as attended_registered,
        case when events.has_attendance = 1 then coalesce(people.staff_attended, 0) end
            as staff_attended,
        case
            when events.has_attendance = 1 and events.has_replays = 1
                then coalesce(people.attended_on_demand, 0)
        end as attended_on_demand,
        case when events.has_sessions = 1 then coalesce(sessions.sessions, 0) end as sessions,
        case when events.has_booth_attendance = 1 then coalesce(booths.booth_visits, 0) end
            as booth_visits,
        case when events.has_polls = 1 then coalesce(people.poll_respondents, 0) end
            as poll_respondents,
        case when events.has_questions = 1 then coalesce(questions.questions_asked, 0) end
            as questions_asked,
        case when events.has_engagement = 1 then coalesce(people.engaged, 0) end as engaged,
        case when events.has_replays = 1 then coalesce(people.replay_viewers, 0) end
            as replay_viewers,
        coalesce(unnamed.unnamed_rows, 0) as without_identity,
        case when people.unknown_on_demand = 0 then people.average_minutes_on_demand end
            as average_minutes_on_demand,
        case when people.registered_by_type > 0 then people.registered_in_person end
            as registered_in_person,
        case when people.registered_by_type > 0 then people.registered_virtual end
            as registered_virtual,
        case
            when events.has_attendance = 1 and people.registered_by_type > 0
                then people.attended_in_person
        end as attended_in_person,
        case
            when events.has_attendance = 1 and people.registered_by_type > 0
                then people.attended_virtual
        end as attended_virtual,
        held.held_minutes,
        case when events.has_attendance = 1 then coalesce(stayed.timed_attendees, 0) end
            as timed_attendees,
        stayed.average_minutes,
        stayed.median_minutes,
        stayed.total_hours,
        stayed.stayed_share,
        peaks.people_present as peak_attendees,
        peaks.step_at as peak_at
    from events
    left join people on events.airmeet_id = people.airmeet_id
    left join sessions on events.airmeet_id = sessions.airmeet_id
    left join booths on events.airmeet_id = booths.airmeet_id
    left join questions on events.airmeet_id = questions.airmeet_id
    left join unnamed on events.airmeet_id = unnamed.airmeet_id
    left join held on events.airmeet_id = held.airmeet_id
    left join stayed on events.airmeet_id = stayed.airmeet_id
    left join peaks on events.airmeet_id = peaks.airmeet_id and peaks.place = 1
),

final as (
    select
        counts.*,
        event_name as name,
        attended - attended_registered as walk_ins,
        attended + attended_on_demand as total_audience,
        case
            when has_rates = 1
                then registered - staff_registered - registered_after_end - attended_registered
        end as no_shows,
        case
            when has_rates = 1
                then
                    cast(attended_registered as double)
                    / nullif(registered - staff_registered - registered_after_end, 0)
        end as attendance_rate,
        case when phase = 'over' then cast(engaged as double) / nullif(attended, 0) end
            as engagement_rate
    from counts
)

select * from final
