-- What each person did at each airmeet: who registered, attended or left any other trace.
-- grain: airmeet_id, person
-- question: Who came, what did they do, and how engaged were they?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   person text: Who: the address, trimmed, in lower case; without one `user:<user id>`.
--   name text: The person's name as given at registration, else as seen at the airmeet; of several
--     the last in the alphabet.
--   organisation text: The organisation given at registration.
--   start_time timestamp: When the airmeet is to start.
--   registered_at timestamp: When the person first registered for it.
--   is_staff bool: Host, cohost, speaker, exhibitor, or staff by the participant's type; null for
--     others while the airmeet's sessions or booths are not known.
--   registered bigint: 1 if registered, else 0; staff too. Null while registrations are not known.
--   attended bigint: 1 if in the attendance of the airmeet or of one of its sessions, and no staff,
--     else 0; null before the start, and while attendance or staff are not known.
--   staff_attended bigint: 1 if in attendance and staff, else 0; null where attended is.
--   sessions_attended bigint: Distinct sessions attended.
--   polls_answered bigint: Distinct polls answered; a poll is a question of a session.
--   questions_asked bigint: Questions asked.
--   booths_visited bigint: Distinct booths visited.
--   engaged bigint: 1 if attended and seen in a session, poll, question or booth, else 0.
--   session_score double: Part of sessions, 0 to 1: attended ÷ the lesser of held and the cap.
--   poll_score double: Part of polls, 0 to 1: answered ÷ asked.
--   question_score double: Part of questions, 0 to 1: asked ÷ the cap.
--   booth_score double: Part of booths, 0 to 1: visited ÷ the cap.
--   score double: Engagement, 0 to 100: 100 × Σ(weight × part) ÷ Σ(weight) over the parts (of
--     attention, sessions, polls, questions and booths) that are not null: what the airmeet
--     offered, and attention where its time is known; null for those who did not attend.
--   score_version text: Version of the weights and caps, from the seed score_weights.
--   is_final bool: All of the airmeet's feeds are settled.
--   replays_watched bigint: Distinct sessions whose replay the person watched; null where Airmeet's
--     gateway was not asked.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   attended_by text: Whose attendance the person, staff too, is in: event, session or both; null
--     for those in neither, before the start, and while attendance is not known.
--   attended_on_demand bigint: 1 if the person watched a replay, did not attend and is no staff,
--     else 0; null where replays, attendance or staff are not known.
--   registered_after_end bigint: 1 if the person registered after the airmeet's end, did not attend
--     and is no staff, else 0; null where that is not known.
--   is_stranger bool: Neither registered, nor in attendance, nor seen watching a replay: left
--     another trace alone. Null while registrations or attendance are not known.
--   domain text: The domain of the address, which is what follows the last @; null without one.
--   joined_at timestamp: When the person, staff too, first came: the earliest start of their
--     visits, be it before the airmeet's. These are their rows in the airmeet's attendance, or, of
--     who is in none, in that of its sessions. Visits that lie wholly outside of the time in which
--     the airmeet was held (see held_minutes of event_summary) are left out; one that does not say
--     how long it took, as if it took a day. Null where one of the visits does not say when it
--     began, where none is left, before the start, while attendance is not known, and for who is
--     not in it.
--   left_at timestamp: When the person left for good: the latest end of the visits, be it behind
--     the airmeet's; an end is a start and the whole seconds spent. Null where one of the visits
--     does not say both (less than 0 or more than 31 days say nothing), and where joined_at is.
--   minutes_attended double: Minutes of the time in which the airmeet was held during which the
--     person was there, so far; visits that overlap count once. Null where left_at is.
--   share_attended double: minutes_attended ÷ held_minutes of the airmeet, 0 to 1; null until it is
--     over and where its end is not known.
--   left_early bool: Left for good when more than a fifth of the held minutes was still to come,
--     the time between two days not counted; null where share_attended is.
--   joined_late bool: First came when more than a fifth of the held minutes was over; null where
--     joined_at is, until the airmeet is over and where its end is not known.
--   minutes_on_demand double: Minutes of replays watched, 0 for who watched none; null where
--     replays are not known or one that the person watched does not say its minutes (less than 0
--     or more than 31 days say nothing).
--   attention_score double: Part of attention, 0 to 1: share_attended; null for those who did not
--     attend.
--   attendance_type text: How the person attends a hybrid airmeet, by the registration, else by the
--     participant: in person or virtual; null where neither is said.
--   cta_clicks bigint: Clicks on calls to action that webhooks delivered; 0 where others clicked
--     and the person did not, null where none was ever delivered for the airmeet: not known, then.
--   resources_opened bigint: Distinct resources opened that webhooks delivered; null likewise.
--   engagement_score_airmeet double: The engagement score that Airmeet gave the person last, as a
--     webhook delivered it. How it is made is not known, so it is not comparable with score, whose
--     parts and weights are here; null where none was delivered for the person.
--   tables_joined bigint: Distinct tables of the lounge joined that webhooks delivered; 0 and null
--     as for cta_clicks.
with airmeets as (
    select * from int_events
),

staff as (
    select * from int_staff
),

attendance_types as (
    select * from int_attendance_types
),

times as (
    select * from int_time_attended
    where scope = 'event'
),

weights as (
    select
        max(score_version) as score_version,
        max(case when component = 'attention' then weight end) as attention_weight,
        max(case when component = 'sessions' then weight end) as session_weight,
        max(case when component = 'sessions' then cap end) as session_cap,
        max(case when component = 'polls' then weight end) as poll_weight,
        max(case when component = 'questions' then weight end) as question_weight,
        max(case when component = 'questions' then cap end) as question_cap,
        max(case when component = 'booths' then weight end) as booth_weight,
        max(case when component = 'booths' then cap end) as booth_cap
    from seed_score_weights
),

held_sessions as (
    select airmeet_id, session_id from stg_sessions
    where status = 'FINISHED'
    union
    select airmeet_id, session_id from stg_session_attendance
),

sessions_offered as (
    select airmeet_id, count(*) as sessions
    from held_sessions
    group by airmeet_id
),

polls as (
    select airmeet_id, session_id, question
    from stg_poll_responses
    where question is not null
    group by airmeet_id, session_id, question
),

polls_offered as (
    select airmeet_id, count(*) as polls
    from polls
    group by airmeet_id
),

questions_offered as (
    select distinct airmeet_id
    from stg_questions
),

booths_offered as (
    select distinct airmeet_id
    from stg_booths
),

polls_answered as (
    select airmeet_id, person, session_id, question, max(name) as name
    from stg_poll_responses
    where answer is not null and question is not null
    group by airmeet_id, person, session_id, question
),

sessions_attended as (
    select airmeet_id, person, session_id, max(name) as name
    from stg_session_attendance
    group by airmeet_id, person, session_id
),

booths_visited as (
    select airmeet_id, person, booth_id, max(name) as name
    from stg_booth_attendance
    group by airmeet_id, person, booth_id
),

replays_watched as (
    select airmeet_id, person, session_id, max(name) as name
    from stg_replay_attendance
    group by airmeet_id, person, session_id
),

on_demand as (
    select
        airmeet_id,
        person,
        sum(minutes_viewed) as minutes,
        count(*) - count(minutes_viewed) as unknown_minutes
    from stg_replay_attendance
    group by airmeet_id, person
),

webhook_counts as (
    select * from int_webhook_counts
),

delivered as (
    select * from int_person_webhooks
),

-- One row a trace; of the columns from registration to replay, the one of its kind is 1.
traces as (
    select
        airmeet_id,
        person,
        1 as registration,
        cast(null as integer) as attendance,
        cast(null as integer) as session,
        cast(null as integer) as poll,
        cast(null as integer) as question,
        cast(null as integer) as booth,
        cast(null as integer) as replay,
        name as registered_name,
        organisation,
        registered_at,
        cast(null as varchar) as seen_name
    from stg_registrations
    union all
    select airmeet_id, person, null, 1, null, null, null, null, null, null, null, null, name
    from stg_event_attendance
    union all
    select airmeet_id, person, null, null, 1, null, null, null, null, null, null, null, name
    from sessions_attended
    union all
    select airmeet_id, person, null, null, null, 1, null, null, null, null, null, null, name
    from polls_answered
    union all
    select airmeet_id, person, null, null, null, null, 1, null, null, null, null, null, name
    from stg_questions
    union all
    select airmeet_id, person, null, null, null, null, null, 1, null, null, null, null, name
    from booths_visited
    union all
    select airmeet_id, person, null, null, null, null, null, null, 1, null, null, null, name
    from replays_watched
),

people as (
    select
        airmeet_id,
        person,
        case when count(registration) > 0 then 1 else 0 end as registered,
        case when count(attendance) > 0 then 1 else 0 end as in_attendance,
        count(session) as sessions_attended,
        count(poll) as polls_answered,
        count(question) as questions_asked,
        count(booth) as booths_visited,
        count(replay) as replays_watched,
        coalesce(max(registered_name), max(seen_name)) as name,
        max(organisation) as organisation,
        min(registered_at) as registered_at
    from traces
    group by airmeet_id, person
    -- Not before grouping: some engines would compute each address twice.
    having count(person) > 0
),

offers as (
    select
        airmeets.*,
        weights.score_version,
        weights.attention_weight,
        weights.session_weight,
        weights.poll_weight,
        weights.question_weight,
        weights.booth_weight,
        weights.question_cap,
        weights.booth_cap,
        case
            when airmeets.has_sessions is null then null
            when sessions_offered.sessions < weights.session_cap then sessions_offered.sessions
            when sessions_offered.sessions > 0 then weights.session_cap
        end as sessions_wanted,
        case when polls_offered.polls > 0 then polls_offered.polls end as polls_wanted,
        case when questions_offered.airmeet_id is not null then 1 end as offers_questions,
        case when booths_offered.airmeet_id is not null then airmeets.has_booths end
            as offers_booths
    from airmeets
    cross join weights
    left join sessions_offered on airmeets.airmeet_id = sessions_offered.airmeet_id
    left join polls_offered on airmeets.airmeet_id = polls_offered.airmeet_id
    left join questions_offered on airmeets.airmeet_id = questions_offered.airmeet_id
    left join booths_offered on airmeets.airmeet_id = booths_offered.airmeet_id
),

-- What is known of each person; rows of a feed that is not known count as none.
present as (
    select
        offers.*,
        people.person,
        people.name,
        people.organisation,
        people.registered_at,
        attendance_types.attendance_type,
        case when staff.person is not null then 1 when offers.has_staff = 1 then 0 end as staff,
        case when offers.has_registrations = 1 then people.registered end as registered,
        case when offers.has_session_attendance = 1 then people.sessions_attended end
            as sessions_attended,
        case when offers.has_polls = 1 then people.polls_answered end as polls_answered,
        case when offers.has_questions = 1 then people.questions_asked end as questions_asked,
        case when offers.has_booth_attendance = 1 then people.booths_visited end
            as booths_visited,
        case when offers.has_replays = 1 then people.replays_watched end as replays_watched,
        case
            when offers.has_replays is null or on_demand.unknown_minutes > 0 then null
            else coalesce(on_demand.minutes, 0)
        end as minutes_on_demand,
        case when webhook_counts.clicks > 0 then coalesce(delivered.clicks, 0) end as cta_clicks,
        case when webhook_counts.resources > 0 then coalesce(delivered.resources, 0) end
            as resources_opened,
        case when webhook_counts.lounge_tables > 0 then coalesce(delivered.lounge_tables, 0) end
            as tables_joined,
        delivered.score as engagement_score_airmeet,
        case when offers.has_presence = 1 then times.joined_at end as joined_at,
        case when offers.has_presence = 1 then times.left_at end as left_at,
        case when offers.has_presence = 1 then cast(times.seconds as double) / 60 end
            as minutes_attended,
        case when offers.has_presence = 1 and offers.phase = 'over' then times.share end
            as share_attended,
        case when offers.has_presence = 1 and offers.phase = 'over' then times.is_early end
            as left_early,
        case when offers.has_presence = 1 and offers.phase = 'over' then times.is_late end
            as joined_late,
        case
            when offers.has_presence is null then null
            when people.in_attendance = 1 and people.sessions_attended > 0 then 'both'
            when people.in_attendance = 1 then 'event'
            when people.sessions_attended > 0 then 'session'
        end as attended_by
    from people
    inner join offers on people.airmeet_id = offers.airmeet_id
    left join staff on people.airmeet_id = staff.airmeet_id and people.person = staff.person
    left join attendance_types
        on
            people.airmeet_id = attendance_types.airmeet_id
            and people.person = attendance_types.person
    left join times on people.airmeet_id = times.airmeet_id and people.person = times.person
    left join on_demand
        on people.airmeet_id = on_demand.airmeet_id and people.person = on_demand.person
    left join webhook_counts on people.airmeet_id = webhook_counts.airmeet_id
    left join delivered
        on people.airmeet_id = delivered.airmeet_id and people.person = delivered.person
),

counted as (
    select
        present.*,
        staff = 1 as is_staff,
        case
            when has_attendance = 1
                then case when staff = 0 and attended_by is not null then 1 else 0 end
        end as attended,
        case
            when has_attendance = 1
                then case when staff = 1 and attended_by is not null then 1 else 0 end
        end as staff_attended,
        case
            when has_attendance = 1 and has_replays = 1
                then case
                    when staff = 0 and attended_by is null and replays_watched > 0 then 1
                    else 0
                end
        end as attended_on_demand,
        case
            when registered is null or staff is null then null
            when registered = 0 or staff = 1 then 0
            when registered_at is null or ends_at is null or registered_at <= ends_at then 0
            when has_attendance = 1 then case when attended_by is null then 1 else 0 end
        end as registered_after_end,
        case
            when registered = 1 or attended_by is not null or replays_watched > 0 then false
            when registered = 0 and (has_presence = 1 or is_not_yet = 1) then true
        end as is_stranger
    from present
),

parts as (
    select
        counted.*,
        case
            when has_engagement = 1
                then case
                    when
                        attended = 1
                        and sessions_attended + polls_answered + questions_asked + booths_visited
                        > 0
                        then 1
                    else 0
                end
        end as engaged,
        case when attended = 1 then share_attended end as attention_score,
        case
            when attended = 1 and sessions_attended >= sessions_wanted then 1.0
            when attended = 1 then cast(sessions_attended as double) / sessions_wanted
        end as session_score,
        case when attended = 1 then cast(polls_answered as double) / polls_wanted end
            as poll_score,
        case
            when attended = 1 and offers_questions = 1 and questions_asked >= question_cap then 1.0
            when attended = 1 and offers_questions = 1
                then cast(questions_asked as double) / question_cap
        end as question_score,
        case
            when attended = 1 and offers_booths = 1 and booths_visited >= booth_cap then 1.0
            when attended = 1 and offers_booths = 1
                then cast(booths_visited as double) / booth_cap
        end as booth_score
    from counted
),

final as (
    select
        parts.*,
        case when person like '%@%' then nullif(regexp_replace(person, '^.*@', ''), '') end
            as domain,
        case
            when has_engagement = 1
                then 100 * (
                    coalesce(attention_weight * attention_score, 0)
                    + coalesce(session_weight * session_score, 0)
                    + coalesce(poll_weight * poll_score, 0)
                    + coalesce(question_weight * question_score, 0)
                    + coalesce(booth_weight * booth_score, 0)
                ) / nullif(
                    case when attention_score is null then 0 else coalesce(attention_weight, 0) end
                    + case when session_score is null then 0 else session_weight end
                    + case when poll_score is null then 0 else poll_weight end
                    + case when question_score is null then 0 else question_weight end
                    + case when booth_score is null then 0 else booth_weight end,
                    0
                )
        end as score
    from parts
)

select * from final
