-- What brought the people who registered, by the tags of the links that they followed; staff are
-- left out. A person with several tagged registrations counts for the last one. Only Airmeet's
-- gateway has tags; airmeets whose tags are not loaded are left out.
-- grain: airmeet_id, source, medium, campaign
-- question: Which sources, media and campaigns bring people, and do these people come?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   source text: Where the link was placed, in lower case; (untagged) where people had no tag.
--   medium text: The channel, e.g. email; (none) where the link does not say.
--   campaign text: The campaign; (none) where the link does not say.
--   registered bigint: People, no staff, who registered; null while staff are not known.
--   attended bigint: Of those, the ones who attended so far; null before the start, and until
--     attendance is loaded.
--   attendance_rate double: attended ÷ (registered − registered_after_end), 0 to 1; null until the
--     airmeet is over.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   registered_after_end bigint: Of registered, those who did not attend and registered after the
--     end.
with syncs as (
    select * from stg_feed_syncs
),

tags as (
    select * from int_registration_tags
),

attendees as (
    select * from attendee_event
    where registered = 1 and (is_staff = false or is_staff is null)
),

events as (
    select * from int_events
),

with_utms as (
    select airmeet_id
    from syncs
    where feed = 'registration_utms' and status = 'loaded'
),

people as (
    select
        attendees.airmeet_id,
        coalesce(tags.source, case when tags.person is null then '(untagged)' else '(none)' end)
            as source,
        coalesce(tags.medium, case when tags.person is null then '(untagged)' else '(none)' end)
            as medium,
        coalesce(tags.campaign, case when tags.person is null then '(untagged)' else '(none)' end)
            as campaign,
        attendees.attended,
        attendees.registered_after_end
    from attendees
    inner join with_utms on attendees.airmeet_id = with_utms.airmeet_id
    left join tags
        on attendees.airmeet_id = tags.airmeet_id and attendees.person = tags.person
),

counts as (
    select
        airmeet_id,
        source,
        medium,
        campaign,
        count(*) as registered,
        sum(attended) as attended,
        case when count(*) = count(registered_after_end) then sum(registered_after_end) end
            as registered_after_end
    from people
    group by airmeet_id, source, medium, campaign
),

final as (
    select
        counts.airmeet_id,
        counts.source,
        counts.medium,
        counts.campaign,
        case when events.has_audience = 1 then counts.registered end as registered,
        counts.attended,
        counts.registered_after_end,
        case
            when events.has_rates = 1
                then
                    cast(counts.attended as double)
                    / nullif(counts.registered - counts.registered_after_end, 0)
        end as attendance_rate,
        events.is_final,
        events.event_name,
        events.start_date,
        events.status
    from counts
    inner join events on counts.airmeet_id = events.airmeet_id
)

select * from final
