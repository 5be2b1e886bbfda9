-- One row an airmeet: when it is, in which zone, and whether Airmeet's list still has it.
-- `time_zone` is UTC where none is named that the database knows; `ends_at` is the end, where there
-- is none the end of the last session, else a day after the start.
-- rebuilt: whole
-- stored: build
-- key: airmeet_id
with listed as (
    select * from stg_airmeets
),

zones as (
    select * from seed_time_zones
),

last_run as (
    select max(last_listed_at) as listed_at from stg_airmeets
),

unreadable as (
    select distinct airmeet_id
    from stg_feed_syncs
    where feed = 'airmeets' and status = 'failed'
),

-- A session of more than a year is none.
session_ends as (
    select
        airmeet_id,
        max(
            start_time
            + cast(
                case when minutes between 0 and 525600 then floor(minutes * 60 + 0.5) else 0 end
                as bigint
            ) * interval '1' second
        ) as ends_at
    from stg_sessions
    group by airmeet_id
),

final as (
    select
        listed.airmeet_id,
        listed.name as event_name,
        listed.status,
        listed.start_time,
        listed.end_time,
        coalesce(
            listed.end_time, session_ends.ends_at, listed.start_time + interval '1' day
        ) as ends_at,
        coalesce(listed.end_time, session_ends.ends_at) is not null as is_end_known,
        listed.last_listed_at,
        listed.last_listed_at = last_run.listed_at or unreadable.airmeet_id is not null
            as is_listed,
        coalesce(zones.time_zone, 'UTC') as time_zone,
        zones.time_zone is not null as is_time_zone_known,
        cast(listed.start_time at time zone coalesce(zones.time_zone, 'UTC') as date)
            as start_date
    from listed
    cross join last_run
    left join zones on listed.timezone = zones.timezone
    left join session_ends on listed.airmeet_id = session_ends.airmeet_id
    left join unreadable on listed.airmeet_id = unreadable.airmeet_id
)

select * from final
