-- One row an airmeet; `time_zone` is UTC where the API names none that is known.
with listed as (
    select * from stg_airmeets
),

zones as (
    select * from seed_time_zones
),

final as (
    select
        listed.airmeet_id,
        listed.name,
        listed.status,
        listed.start_time,
        listed.end_time,
        listed.last_listed_at,
        coalesce(zones.time_zone, 'UTC') as time_zone
    from listed
    left join zones on listed.timezone = zones.timezone
)

select * from final
