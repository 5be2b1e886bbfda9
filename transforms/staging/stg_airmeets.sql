-- One row an airmeet; `time_zone` is UTC where the API names none that is known.
with airmeets_listed as (
    select * from airmeets
),

final as (
    select
        airmeets_listed.airmeet_id,
        airmeets_listed.name,
        airmeets_listed.status,
        airmeets_listed.start_time,
        airmeets_listed.end_time,
        airmeets_listed.last_listed_at,
        coalesce(zones.time_zone, 'UTC') as time_zone
    from airmeets_listed
    left join seed_time_zones as zones on airmeets_listed.timezone = zones.timezone
)

select * from final
