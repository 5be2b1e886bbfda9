-- Who registered and who came, by what people say of themselves; staff are left out. A row for
-- each value that people who registered or attended have in a dimension; without such a person an
-- airmeet has no row. All these people of an airmeet are in each of its dimensions.
-- grain: airmeet_id, dimension, value
-- question: Which countries, companies, roles and answers come, stay and take part?
-- rebuilt: airmeet_id
-- follows: part_spellings on theirs.dimension = mine.dimension
--     and theirs.value_key = lower(mine.value): value = theirs.spelling
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   dimension text: country, organisation, role_group, domain_kind, campaign, attendance_type, or
--     `field: ` and the label of a custom field, without spaces around it (the field's id where
--     there is no label). Fields with the same label are one dimension. There is campaign where the
--     tags of Airmeet's gateway are loaded, attendance_type where that of one of the people is
--     known, and a field where participants are loaded and at least one of them answered it.
--   value text: What they have in common; (none) where a person's is not given or only spaces.
--     Country and organisation: as given at registration, else as of the participant; without
--     spaces around it, of several the last in the alphabet. role_group: the role_group of
--     the first row of the seed role_groups whose keyword stands in the designation (found like
--     country) as whole words, else other: both in lower case, each of ,;:./|()-_&+'" as a space,
--     up to four spaces in a row as one. domain_kind: business, free mail (the seed
--     free_mail_domains has the domain), none (no domain). campaign: of the person's last tagged
--     link, see utm_attribution. attendance_type: as in attendee_event. A field: the answers as in
--     registration_answers, without spaces around them; a person counts in each of several.
--     Spellings that differ in capitals alone are one value, shown as most people of all airmeets
--     spell it in this dimension (a person counts once an airmeet, for the first in the alphabet of
--     the spellings that they gave); of several as many, the first in the alphabet, capitals before
--     others.
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

spellings as (
    select * from part_spellings
),

counts as (
    select
        airmeet_id,
        dimension,
        value_key,
        sum(registered) as registered,
        sum(attended) as attended,
        sum(attended_registered) as attended_registered,
        sum(registered_after_end) as registered_after_end,
        sum(unknown_after_end) as unknown_after_end,
        sum(engaged) as engaged,
        sum(timed_attendees) as timed_attendees,
        sum(minutes) / nullif(sum(timed_attendees), 0) as average_minutes
    from part_segment_counts
    group by airmeet_id, dimension, value_key
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
