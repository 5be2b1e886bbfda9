-- Everybody of an airmeet, with what a sales or marketing team needs in order to write to them: who
-- registered, came, watched a replay, or of whom that is not known. Strangers of attendee_event are
-- left out; staff are in it, under a status of their own.
-- In texts that list several things each semicolon within one is read as a comma, before they are
-- told apart and put in order, so that `; ` only parts them. A text is null where there is nothing
-- to list and where that is not known; the counts say which. The alphabet is the database's, in
-- DuckDB by character code: capitals come before small letters.
-- grain: airmeet_id, person
-- question: Whom do we write to, about what, and what did they do and say?
-- rebuilt: airmeet_id
-- follows: int_next_events on theirs.person = mine.person:
--     next_airmeet_id = theirs.airmeet_id, next_event_name = theirs.event_name,
--     next_event_start = theirs.start_time
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   person text: Who: the address, trimmed, in lower case; without one `user:<user id>`.
--   person_status text: The first that is known to be so, in this order. staff: is_staff. walk_in:
--     attended and did not register. left_early: attended, and left_early of attendee_event.
--     attended_late: attended, and joined_late of attendee_event. attended: attended. on_demand:
--     attended_on_demand of attendee_event is 1. no_show: the airmeet's phase is over, and the
--     person registered, did not attend and did not register after the end. registered:
--     registered. Null where none is known to be so: while attendance is not known nobody is a
--     no_show.
--   email text: The address in person; null where person is `user:<user id>`.
--   name text: The person's name, as in attendee_event.
--   organisation text: The organisation given at registration, else the participant's; of several
--     the last in the alphabet.
--   designation text: The role in the organisation, likewise.
--   city text: The city, likewise.
--   country text: The country, likewise.
--   registered_at timestamp: When the person first registered for the airmeet.
--   joined_at timestamp: When the person first came, as in attendee_event.
--   left_at timestamp: When the person left for good, as in attendee_event.
--   minutes_attended double: Minutes of the held time during which the person was there, as in
--     attendee_event.
--   share_attended double: Share of the held time, 0 to 1, as in attendee_event.
--   minutes_on_demand double: Minutes of replays watched, as in attendee_event.
--   score double: Engagement, 0 to 100, as in attendee_event.
--   sessions_attended bigint: Distinct sessions attended; null while that is not known.
--   sessions text: Their names, by start (unknown ones last), then name, then session_id, parted
--     by `; `. Sessions without a name, or that Airmeet does not list, are left out.
--   polls_answered bigint: Distinct polls answered; null while that is not known.
--   poll_answers text: `question: answer` of each poll that the person answered, by question in
--     the alphabet, then by session_id (none first), parted by `; `. The response that counts is
--     that of poll_results; several choices are in the alphabet, parted by `, `.
--   questions_asked bigint: Questions asked; null while that is not known.
--   questions text: The questions, by time (unknown times last), then user_id, then question_number
--     of question_log, parted by `; `. Empty ones are left out.
--   booths_visited bigint: Distinct booths visited; null while that is not known.
--   booths text: Their names in the alphabet, then by booth_id, parted by `; `. Booths without a
--     name are left out.
--   wants_contact bool: Asked for contact at a booth; false without a booth, null while booth
--     attendance is not known.
--   wants_contact_at text: Names of the booths at which the person asked for contact, in the order
--     of booths.
--   utm_source text: Where the link was placed by which the person registered, as in
--     utm_attribution; null without a tag, and where tags are not loaded.
--   utm_medium text: The channel of that link; null likewise, and where the link does not say.
--   utm_campaign text: The campaign of that link; null likewise.
--   custom_answers text: `label: answer` of each field of the registration form, by label in the
--     alphabet, then by field_id, parted by `; `; field_id stands for a label that is not there.
--     Answers are those of registration_answers; distinct ones of a field are in the alphabet,
--     parted by `, `. Empty ones are left out.
--   next_airmeet_id text: Of the airmeets whose phase is upcoming and for which the person is known
--     to have registered, the one with the earliest start (unknown ones last), then the first by
--     airmeet_id. It may be this one. Null without any.
--   next_event_name text: Its name.
--   next_event_start timestamp: When it is to start.
--   domain text: The domain of the address, which is what follows the last @; null without one.
--   is_staff bool: Staff of the airmeet; null for others while its sessions or booths are not
--     known.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   is_final bool: All of the airmeet's feeds are settled.
--   cta_clicks bigint: Clicks on calls to action, as in attendee_event.
--   resources_opened bigint: Distinct resources opened, as in attendee_event.
--   engagement_score_airmeet double: The score that Airmeet gave, as in attendee_event.
--   tables_joined bigint: Distinct tables of the lounge joined, as in attendee_event.
with attendees as (
    select * from attendee_event
),

events as (
    select * from int_events
),

answers as (
    select * from int_last_answers
    where answer is not null
),

custom_answers as (
    select * from registration_answers
    where answer <> ''
),

registrants as (
    select
        airmeet_id,
        person,
        max(designation) as designation,
        max(city) as city,
        max(country) as country
    from stg_registrations
    group by airmeet_id, person
),

participants as (
    select
        airmeet_id,
        person,
        max(organisation) as organisation,
        max(designation) as designation,
        max(city) as city,
        max(country) as country
    from stg_participants
    group by airmeet_id, person
),

named_sessions as (
    select
        airmeet_id,
        session_id,
        replace(name, ';', ',') as session,
        row_number() over (
            partition by airmeet_id
            order by
                case when start_time is null then 1 else 0 end,
                start_time,
                replace(name, ';', ','),
                session_id
        ) as place
    from stg_sessions
    where name <> ''
),

sessions_attended as (
    select distinct airmeet_id, person, session_id
    from stg_session_attendance
),

session_texts as (
    select
        attended.airmeet_id,
        attended.person,
        string_agg(named.session, '; ' order by named.place) as sessions
    from sessions_attended as attended
    inner join named_sessions as named
        on attended.airmeet_id = named.airmeet_id and attended.session_id = named.session_id
    group by attended.airmeet_id, attended.person
),

choices as (
    select distinct
        airmeet_id,
        person,
        coalesce(session_id, '') as session_key,
        replace(question, ';', ',') as poll,
        replace(answer, ';', ',') as choice
    from answers
),

polls_answered as (
    select
        airmeet_id,
        person,
        session_key,
        poll,
        string_agg(choice, ', ' order by choice) as choices
    from choices
    group by airmeet_id, person, session_key, poll
),

poll_texts as (
    select
        airmeet_id,
        person,
        string_agg(poll || ': ' || choices, '; ' order by poll, session_key) as poll_answers
    from polls_answered
    group by airmeet_id, person
),

questions_asked as (
    select
        airmeet_id,
        person,
        replace(question, ';', ',') as asked,
        row_number() over (
            partition by airmeet_id, person
            order by
                case when asked_at is null then 1 else 0 end,
                asked_at,
                user_id,
                "position"
        ) as place
    from stg_questions
    where question is not null
),

question_texts as (
    select airmeet_id, person, string_agg(asked, '; ' order by place) as questions
    from questions_asked
    group by airmeet_id, person
),

named_booths as (
    select airmeet_id, booth_id, replace(name, ';', ',') as booth
    from stg_booths
    where name <> ''
),

booths_visited as (
    select
        visits.airmeet_id,
        visits.person,
        visits.booth_id,
        named.booth,
        max(case when visits.is_interested then 1 else 0 end) as is_interested
    from stg_booth_attendance as visits
    left join named_booths as named
        on visits.airmeet_id = named.airmeet_id and visits.booth_id = named.booth_id
    group by visits.airmeet_id, visits.person, visits.booth_id, named.booth
),

interested as (
    select airmeet_id, person, max(is_interested) as is_interested
    from booths_visited
    group by airmeet_id, person
),

booth_texts as (
    select airmeet_id, person, string_agg(booth, '; ' order by booth, booth_id) as booths
    from booths_visited
    where booth is not null
    group by airmeet_id, person
),

contact_texts as (
    select airmeet_id, person, string_agg(booth, '; ' order by booth, booth_id) as booths
    from booths_visited
    where booth is not null and is_interested = 1
    group by airmeet_id, person
),

fields_answered as (
    select distinct
        airmeet_id,
        person,
        field_id,
        replace(coalesce(label, field_id), ';', ',') as field,
        replace(answer, ';', ',') as given
    from custom_answers
),

field_texts as (
    select
        airmeet_id,
        person,
        field_id,
        field,
        string_agg(given, ', ' order by given) as answers
    from fields_answered
    group by airmeet_id, person, field_id, field
),

custom_texts as (
    select
        airmeet_id,
        person,
        string_agg(field || ': ' || answers, '; ' order by field, field_id) as custom_answers
    from field_texts
    group by airmeet_id, person
),

upcoming as (
    select * from int_next_events
),

final as (
    select
        attendees.airmeet_id,
        attendees.person,
        case
            when attendees.is_staff then 'staff'
            when attendees.attended = 1 and attendees.registered = 0 then 'walk_in'
            when attendees.attended = 1 and attendees.left_early then 'left_early'
            when attendees.attended = 1 and attendees.joined_late then 'attended_late'
            when attendees.attended = 1 then 'attended'
            when attendees.attended_on_demand = 1 then 'on_demand'
            when
                events.phase = 'over'
                and attendees.attended = 0
                and attendees.registered = 1
                and attendees.registered_after_end = 0
                then 'no_show'
            when attendees.registered = 1 then 'registered'
        end as person_status,
        case
            when attendees.person not like 'user:%' or attendees.person like '%@%'
                then attendees.person
        end as email,
        attendees.name,
        coalesce(attendees.organisation, participants.organisation) as organisation,
        coalesce(registrants.designation, participants.designation) as designation,
        coalesce(registrants.city, participants.city) as city,
        coalesce(registrants.country, participants.country) as country,
        attendees.registered_at,
        attendees.joined_at,
        attendees.left_at,
        attendees.minutes_attended,
        attendees.share_attended,
        attendees.minutes_on_demand,
        attendees.score,
        attendees.sessions_attended,
        case when events.has_session_attendance = 1 then session_texts.sessions end as sessions,
        attendees.polls_answered,
        case when events.has_polls = 1 then poll_texts.poll_answers end as poll_answers,
        attendees.questions_asked,
        case when events.has_questions = 1 then question_texts.questions end as questions,
        attendees.booths_visited,
        case when events.has_booth_attendance = 1 then booth_texts.booths end as booths,
        case
            when events.has_booth_attendance = 1 then coalesce(interested.is_interested, 0) = 1
        end as wants_contact,
        case when events.has_booth_attendance = 1 then contact_texts.booths end
            as wants_contact_at,
        tags.source as utm_source,
        tags.medium as utm_medium,
        tags.campaign as utm_campaign,
        custom_texts.custom_answers,
        upcoming.airmeet_id as next_airmeet_id,
        upcoming.event_name as next_event_name,
        upcoming.start_time as next_event_start,
        attendees.domain,
        attendees.is_staff,
        attendees.event_name,
        attendees.start_date,
        attendees.status,
        attendees.is_final,
        attendees.cta_clicks,
        attendees.resources_opened,
        attendees.engagement_score_airmeet,
        attendees.tables_joined
    from attendees
    inner join events on attendees.airmeet_id = events.airmeet_id
    left join registrants
        on
            attendees.airmeet_id = registrants.airmeet_id
            and attendees.person = registrants.person
    left join participants
        on
            attendees.airmeet_id = participants.airmeet_id
            and attendees.person = participants.person
    left join session_texts
        on
            attendees.airmeet_id = session_texts.airmeet_id
            and attendees.person = session_texts.person
    left join poll_texts
        on
            attendees.airmeet_id = poll_texts.airmeet_id
            and attendees.person = poll_texts.person
    left join question_texts
        on
            attendees.airmeet_id = question_texts.airmeet_id
            and attendees.person = question_texts.person
    left join booth_texts
        on
            attendees.airmeet_id = booth_texts.airmeet_id
            and attendees.person = booth_texts.person
    left join interested
        on
            attendees.airmeet_id = interested.airmeet_id
            and attendees.person = interested.person
    left join contact_texts
        on
            attendees.airmeet_id = contact_texts.airmeet_id
            and attendees.person = contact_texts.person
    left join int_registration_tags as tags
        on attendees.airmeet_id = tags.airmeet_id and attendees.person = tags.person
    left join custom_texts
        on
            attendees.airmeet_id = custom_texts.airmeet_id
            and attendees.person = custom_texts.person
    left join upcoming on attendees.person = upcoming.person
    where attendees.is_stranger = false or attendees.is_stranger is null
)

select * from final
