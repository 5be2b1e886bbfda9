-- One row an airmeet and part of it: the text `state` changes whenever a report on the airmeet may.
--
-- Parts are the airmeet itself (with what hangs on the clock), each row of the ledger, the number
-- of rows in each table, and that of deliveries of webhooks of each kind: a load writes the ledger
-- with all that it changes, and rows that somebody adds or deletes by hand change their number. Of
-- what is the community's only reports follow that are built anew as a whole.
-- rebuilt: whole
-- stored: build
with events as (
    select * from int_events
),

syncs as (
    select * from stg_feed_syncs
),

table_rows as (
    select * from int_table_rows
),

webhook_counts as (
    select * from int_webhook_counts
),

final as (
    select
        airmeet_id,
        'airmeet' as part,
        'phase ' || phase
        || case when is_listed then ', listed' else '' end
        || case when is_final then ', final' else '' end
        || case when is_recent then ', recent' else '' end
        || case when is_end_known then ', end known' else '' end
        || case when is_time_zone_known then ', zone known' else '' end
        || ', ' || registration_state
        || ', ' || attendance_state
        || ', ' || engagement_state
        || ', ' || coalesce(cast(epoch(start_time) as varchar), 'none')
        || ', ' || coalesce(cast(epoch(end_time) as varchar), 'none')
        || ', ' || coalesce(cast(epoch(ends_at) as varchar), 'none')
        || ', ' || time_zone
        || ', ' || coalesce(status, 'none')
        || ', ' || coalesce(event_name, '')
            as state
    from events
    union all
    select
        airmeet_id,
        'feed ' || feed as part,
        coalesce(status, 'none')
        || case when is_final then ', final' else '' end
        || ', ' || coalesce(cast(loaded_rows as varchar), 'none')
        || ', ' || coalesce(cast(expected_rows as varchar), 'none')
        || ', ' || coalesce(cast(epoch(requested_at) as varchar), 'none')
        || ', ' || coalesce(cast(epoch(loaded_at) as varchar), 'none')
            as state
    from syncs
    where airmeet_id <> 'community'
    union all
    select airmeet_id, 'rows of ' || feed as part, cast(found as varchar) as state
    from table_rows
    where airmeet_id <> 'community'
    union all
    select
        airmeet_id,
        'webhooks' as part,
        coalesce(cast(clicks as varchar), 'none')
        || ', ' || coalesce(cast(resources as varchar), 'none')
        || ', ' || coalesce(cast(lounge_tables as varchar), 'none')
        || ', ' || coalesce(cast(scores as varchar), 'none')
            as state
    from webhook_counts
)

select * from final
