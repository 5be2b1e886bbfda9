-- One row an airmeet, dimension of segments and spelling of one of its values, as people gave it:
-- what there is to count of them. Staff and strangers are left out; `value_key` is in small
-- letters.
-- rebuilt: airmeet_id
-- stored: kept
-- key: airmeet_id
with role_groups as (
    select * from seed_role_groups
),

loaded as (
    select airmeet_id, feed
    from stg_feed_syncs
    where status = 'loaded'
),

people as (
    select * from attendee_event
    where (is_staff = false or is_staff is null) and (registered = 1 or attended = 1)
),

registrants as (
    select
        airmeet_id,
        person,
        max(nullif(trim(country), '')) as country,
        max(nullif(trim(organisation), '')) as organisation,
        max(nullif(trim(designation), '')) as designation
    from stg_registrations
    group by airmeet_id, person
),

participants as (
    select
        airmeet_id,
        person,
        max(nullif(trim(country), '')) as country,
        max(nullif(trim(organisation), '')) as organisation,
        max(nullif(trim(designation), '')) as designation
    from stg_participants
    group by airmeet_id, person
),

profiles as (
    select
        people.airmeet_id,
        people.person,
        coalesce(registrants.country, participants.country) as country,
        coalesce(registrants.organisation, participants.organisation) as organisation,
        coalesce(registrants.designation, participants.designation) as designation,
        case
            when people.domain is null then 'none'
            when free_mail.domain is not null then 'free mail'
            else 'business'
        end as domain_kind,
        tags.campaign,
        people.attendance_type
    from people
    left join registrants
        on people.airmeet_id = registrants.airmeet_id and people.person = registrants.person
    left join participants
        on people.airmeet_id = participants.airmeet_id and people.person = participants.person
    left join seed_free_mail_domains as free_mail on people.domain = free_mail.domain
    left join int_registration_tags as tags
        on people.airmeet_id = tags.airmeet_id and people.person = tags.person
),

designations as (
    select distinct designation from profiles
    where designation is not null
),

-- Between spaces, so that whole words are found.
spaced as (
    select
        designation,
        ' ' || replace(
            replace(translate(lower(designation), ',;:./|()-_&+''"', '              '), '  ', ' '),
            '  ',
            ' '
        ) || ' ' as words
    from designations
),

matched as (
    select spaced.designation, min(role_groups.place) as place
    from spaced
    cross join role_groups
    where strpos(spaced.words, ' ' || role_groups.keyword || ' ') > 0
    group by spaced.designation
),

roles as (
    select matched.designation, role_groups.role_group
    from matched
    inner join role_groups on matched.place = role_groups.place
),

answers as (
    select
        people.airmeet_id,
        people.person,
        'field: ' || coalesce(nullif(trim(answers.label), ''), answers.field_id) as dimension,
        trim(answers.answer) as answer
    from people
    inner join registration_answers as answers
        on people.airmeet_id = answers.airmeet_id and people.person = answers.person
    inner join loaded on people.airmeet_id = loaded.airmeet_id and loaded.feed = 'participants'
    where trim(answers.answer) <> ''
),

fields as (
    select distinct airmeet_id, dimension from answers
),

hybrid as (
    select distinct airmeet_id from people
    where attendance_type is not null
),

-- Of each person's answers to a field once, however many of them differ in capitals alone.
answered as (
    select
        people.airmeet_id,
        people.person,
        fields.dimension,
        lower(coalesce(answers.answer, '(none)')) as value_key,
        min(coalesce(answers.answer, '(none)')) as spelling
    from people
    inner join fields on people.airmeet_id = fields.airmeet_id
    left join answers
        on
            people.airmeet_id = answers.airmeet_id
            and people.person = answers.person
            and fields.dimension = answers.dimension
    group by
        people.airmeet_id,
        people.person,
        fields.dimension,
        lower(coalesce(answers.answer, '(none)'))
),

given as (
    select airmeet_id, person, 'country' as dimension, country as given_value from profiles
    union all
    select airmeet_id, person, 'organisation', organisation from profiles
    union all
    select
        profiles.airmeet_id,
        profiles.person,
        'role_group',
        case
            when profiles.designation is not null then coalesce(roles.role_group, 'other')
        end
    from profiles
    left join roles on profiles.designation = roles.designation
    union all
    select airmeet_id, person, 'domain_kind', domain_kind from profiles
    union all
    select profiles.airmeet_id, profiles.person, 'campaign', profiles.campaign
    from profiles
    inner join loaded
        on profiles.airmeet_id = loaded.airmeet_id and loaded.feed = 'registration_utms'
    union all
    select profiles.airmeet_id, profiles.person, 'attendance_type', profiles.attendance_type
    from profiles
    inner join hybrid on profiles.airmeet_id = hybrid.airmeet_id
    union all
    select airmeet_id, person, dimension, spelling from answered
),

final as (
    select
        given.airmeet_id,
        given.dimension,
        coalesce(given.given_value, '(none)') as spelling,
        lower(coalesce(given.given_value, '(none)')) as value_key,
        count(*) as people,
        sum(people.registered) as registered,
        sum(people.attended) as attended,
        sum(case when people.registered = 1 then people.attended end) as attended_registered,
        sum(people.registered_after_end) as registered_after_end,
        sum(
            case
                when people.registered = 1 and people.registered_after_end is null then 1 else 0
            end
        ) as unknown_after_end,
        sum(people.engaged) as engaged,
        count(case when people.attended = 1 then people.minutes_attended end) as timed_attendees,
        sum(case when people.attended = 1 then people.minutes_attended end) as minutes
    from given
    inner join people
        on given.airmeet_id = people.airmeet_id and given.person = people.person
    group by given.airmeet_id, given.dimension, coalesce(given.given_value, '(none)')
)

select * from final
