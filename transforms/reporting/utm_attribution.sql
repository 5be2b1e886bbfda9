-- What brought the people who registered, by the tags of the links that they came by. A person with
-- several tagged registrations counts for the last one. Only Airmeet's gateway tells tags: airmeets
-- whose tags are not loaded are not here.
-- grain: airmeet_id, source, medium, campaign
-- question: Which sources, media and campaigns bring people, and do these people come?
-- columns:
--   airmeet_id text: The airmeet.
--   source text: Where the link stood, in lower case; (untagged) where people came by no tag.
--   medium text: By what way it was spread; (none) where the link does not say.
--   campaign text: The campaign; (none) where the link does not say.
--   registered bigint: People who registered.
--   attended bigint: Of those, who attended; null until attendance is loaded.
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

told as (
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
    inner join told on attendees.airmeet_id = told.airmeet_id
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
