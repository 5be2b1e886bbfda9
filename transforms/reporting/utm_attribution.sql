-- What brought the people who registered, by the tags of the links that they followed. A person
-- with several tagged registrations counts for the last one. Only Airmeet's gateway has tags;
-- airmeets whose tags are not loaded are left out.
-- grain: airmeet_id, source, medium, campaign
-- question: Which sources, media and campaigns bring people, and do these people come?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   source text: Where the link was placed, in lower case; (untagged) where people had no tag.
--   medium text: The channel, e.g. email; (none) where the link does not say.
--   campaign text: The campaign; (none) where the link does not say.
--   registered bigint: People who registered.
--   attended bigint: Of those, the ones who attended; null until attendance is loaded.
--   attendance_rate double: attended ÷ registered, 0 to 1.
--   is_final bool: All of the airmeet's feeds are settled.
with syncs as (
    select * from stg_feed_syncs
),

utms as (
    select * from stg_registration_utms
),

attendees as (
    select * from attendee_event
),

with_utms as (
    select airmeet_id
    from syncs
    where feed = 'registration_utms' and status = 'loaded'
),

latest as (
    select airmeet_id, person, max(utm_id) as utm_id
    from utms
    where source is not null or medium is not null or campaign is not null
    group by airmeet_id, person
),

tagged as (
    select
        latest.airmeet_id,
        latest.person,
        coalesce(utms.source, '(none)') as source,
        coalesce(utms.medium, '(none)') as medium,
        coalesce(utms.campaign, '(none)') as campaign
    from latest
    inner join utms on latest.airmeet_id = utms.airmeet_id and latest.utm_id = utms.utm_id
),

people as (
    select
        attendees.airmeet_id,
        coalesce(tagged.source, '(untagged)') as source,
        coalesce(tagged.medium, '(untagged)') as medium,
        coalesce(tagged.campaign, '(untagged)') as campaign,
        attendees.attended,
        attendees.is_final
    from attendees
    inner join with_utms on attendees.airmeet_id = with_utms.airmeet_id
    left join tagged
        on attendees.airmeet_id = tagged.airmeet_id and attendees.person = tagged.person
    where attendees.registered = 1
),

final as (
    select
        airmeet_id,
        source,
        medium,
        campaign,
        count(*) as registered,
        sum(attended) as attended,
        cast(sum(attended) as double) / count(*) as attendance_rate,
        min(case when is_final then 1 else 0 end) = 1 as is_final
    from people
    group by airmeet_id, source, medium, campaign
)

select * from final
