-- Lines of the ledger that say what cannot be, and rows of feeds for which it has no line.
-- mend: run airmeet load; if it stays, delete the line from feed_syncs and run it once more
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   feed text: The feed.
--   fault text: What is wrong.
with syncs as (
    select * from stg_feed_syncs
),

judged as (
    select
        airmeet_id,
        feed,
        case
            when status is null or status not in ('loaded', 'pending', 'unavailable', 'failed')
                then 'unknown status'
            when requested_at is null then 'never requested'
            when is_final and status in ('pending', 'failed') then 'final, and not loaded'
            when loaded_rows < 0 or expected_rows < 0 then 'rows below zero'
        end as fault
    from syncs
    union all
    select table_rows.airmeet_id, table_rows.feed, 'rows without a line' as fault
    from int_table_rows as table_rows
    left join syncs
        on table_rows.airmeet_id = syncs.airmeet_id and table_rows.feed = syncs.feed
    where syncs.feed is null
),

final as (
    select airmeet_id, feed, fault
    from judged
    where fault is not null
)

select * from final
