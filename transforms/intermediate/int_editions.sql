-- One row a series and airmeet of it, with `edition_number`: 1 for the one that starts first; of
-- several that start at once, in the order of airmeet_id. Null where the airmeet is cancelled or
-- withdrawn, or its start is not known. Where Airmeet's list never had the airmeet, its start and
-- its name are those beside the series.
with listed as (
    select
        series_id,
        airmeet_id,
        max(nullif(trim(name), '')) as event_name,
        max(upper(trim(status))) as status,
        max(start_time) as start_time
    from stg_event_series_airmeets
    where series_id is not null and airmeet_id is not null
    group by series_id, airmeet_id
),

placed as (
    select
        listed.series_id,
        listed.airmeet_id,
        coalesce(events.event_name, listed.event_name) as event_name,
        case when events.airmeet_id is null then listed.start_time else events.start_time end
            as start_time,
        case
            when events.phase in ('cancelled', 'withdrawn') then 0
            when events.airmeet_id is null and listed.status in ('CANCELLED', 'CANCELED') then 0
            else 1
        end as is_held
    from listed
    left join int_events as events on listed.airmeet_id = events.airmeet_id
),

judged as (
    select
        placed.*,
        case when is_held = 1 and start_time is not null then 1 else 0 end as is_edition
    from placed
),

final as (
    select
        series_id,
        airmeet_id,
        event_name,
        start_time,
        case
            when is_edition = 1
                then row_number() over (
                    partition by series_id, is_edition order by start_time, airmeet_id
                )
        end as edition_number
    from judged
)

select * from final
