-- One row a person of an airmeet who registered by a tagged link, with the tags of the last such
-- registration; a tag is null where the link does not say. Airmeets whose tags are not loaded have
-- none.
-- rebuilt: airmeet_id
-- stored: build
with utms as (
    select * from stg_registration_utms
    where source is not null or medium is not null or campaign is not null
),

loaded as (
    select airmeet_id
    from stg_feed_syncs
    where feed = 'registration_utms' and status = 'loaded'
),

latest as (
    select airmeet_id, person, max(utm_id) as utm_id
    from utms
    group by airmeet_id, person
    -- Not before grouping: some engines would work out each address twice.
    having count(person) > 0
),

final as (
    select latest.airmeet_id, latest.person, utms.source, utms.medium, utms.campaign
    from latest
    inner join loaded on latest.airmeet_id = loaded.airmeet_id
    inner join utms on latest.airmeet_id = utms.airmeet_id and latest.utm_id = utms.utm_id
)

select * from final
