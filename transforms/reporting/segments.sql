-- Who registered and who came, by what people say of themselves; staff are left out. A row for
-- each value that people who registered or attended have in a dimension; without such a person an
-- airmeet has no row. All these people of an airmeet are in each of its dimensions.
-- grain: airmeet_id, dimension, value
-- question: Which countries, companies, roles and answers come, stay and take part?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   dimension text: country, organisation, role_group, domain_kind, campaign, or `field: ` and the
--     label of a custom field, without spaces around it (the field's id where there is no label).
--     Fields with the same label are one dimension. There is campaign where the tags of Airmeet's
--     gateway are loaded, and a field where participants are loaded and at least one of the people
--     answered it.
--   value text: What they have in common; (none) where a person's is not given or only spaces.
--     Country and organisation: as given at registration, else as of the participant; without
--     spaces around it, of several the last in the alphabet. role_group: the role_group of
--     the first row of the seed role_groups whose keyword stands in the designation (found like
--     country) as whole words, else other: both in lower case, each of ,;:./|()-_&+'" as a space,
--     up to four spaces in a row as one. domain_kind: business, free mail (the seed
--     free_mail_domains has the domain), none (no domain). campaign: of the person's last tagged
--     link, see utm_attribution. A field: the answers as in registration_answers, without spaces
--     around them; a person counts in each of several. Spellings that differ in capitals alone are
--     one value, shown as most people of all airmeets spell it in this dimension (a person counts
--     once an airmeet, for the first in the alphabet of the spellings that they gave); of several
--     as many, the first in the alphabet, capitals before others.
--   registered bigint: People, no staff, who registered; null while registrations or staff are not
--     known.
--   attended bigint: People, no staff, who attended so far, registered or not; null before the
--     start, and while attendance or staff are not known.
--   attended_registered bigint: Of those, the ones who had registered; null while registrations are
--     not known, too.
--   registered_after_end bigint: Of registered, those who did not attend and registered after the
--     end; null where that is not known of one of them.
--   attendance_rate double: attended_registered ÷ (registered − registered_after_end), 0 to 1; null
--     where that is 0, and until the airmeet is over.
--   engaged bigint: Of attended, those in a session, poll, question or booth; null where one of
--     these is not known.
--   engagement_rate double: engaged ÷ attended, 0 to 1; null where nobody attended, and until the
--     airmeet is over.
--   timed_attendees bigint: Of attended, those whose minutes_attended is known; null where attended
--     is.
--   average_minutes double: Their mean minutes_attended so far; null where there are none.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   is_final bool: All of the airmeet's feeds are settled; spellings may change with those of other
--     airmeets.
with events as (
    select * from int_events
),

role_groups as (
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
        tags.campaign
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
    select people.airmeet_id, people.person, fields.dimension, answers.answer
    from people
    inner join fields on people.airmeet_id = fields.airmeet_id
    left join answers
        on
            people.airmeet_id = answers.airmeet_id
            and people.person = answers.person
            and fields.dimension = answers.dimension
),

-- Once a person, however many of their answers differ in capitals alone.
valued as (
    select
        airmeet_id,
        person,
        dimension,
        lower(coalesce(given_value, '(none)')) as value_key,
        min(coalesce(given_value, '(none)')) as spelling
    from given
    group by airmeet_id, person, dimension, lower(coalesce(given_value, '(none)'))
),

spellings as (
    select
        dimension,
        value_key,
        spelling,
        row_number() over (
            partition by dimension, value_key
            order by count(*) desc, spelling
        ) as place
    from valued
    group by dimension, value_key, spelling
),

counts as (
    select
        valued.airmeet_id,
        valued.dimension,
        valued.value_key,
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
        avg(case when people.attended = 1 then people.minutes_attended end) as average_minutes
    from valued
    inner join people
        on valued.airmeet_id = people.airmeet_id and valued.person = people.person
    group by valued.airmeet_id, valued.dimension, valued.value_key
),

known as (
    select
        counts.airmeet_id,
        counts.dimension,
        spellings.spelling as value,
        case when events.has_audience = 1 then counts.registered end as registered,
        counts.attended,
        case
            when events.has_attendance = 1 and events.has_registrations = 1
                then coalesce(counts.attended_registered, 0)
        end as attended_registered,
        case
            when events.has_audience = 1 and counts.unknown_after_end = 0
                then coalesce(counts.registered_after_end, 0)
        end as registered_after_end,
        counts.engaged,
        case when events.has_attendance = 1 then counts.timed_attendees end as timed_attendees,
        counts.average_minutes,
        events.has_rates,
        events.phase,
        events.event_name,
        events.start_date,
        events.status,
        events.is_final
    from counts
    inner join events on counts.airmeet_id = events.airmeet_id
    inner join spellings
        on
            counts.dimension = spellings.dimension
            and counts.value_key = spellings.value_key
            and spellings.place = 1
),

final as (
    select
        known.*,
        case
            when has_rates = 1
                then
                    cast(attended_registered as double)
                    / nullif(registered - registered_after_end, 0)
        end as attendance_rate,
        case when phase = 'over' then cast(engaged as double) / nullif(attended, 0) end
            as engagement_rate
    from known
)

select * from final
