-- Feeds whose table does not hold the rows that the ledger says, or that the API announced.
-- mend: nothing: the next airmeet load fetches them again, if Airmeet still lists the airmeet
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   feed text: The feed.
--   expected_rows bigint: Rows announced; null where the API announces none.
--   loaded_rows bigint: Rows loaded, by the ledger.
--   found bigint: Rows of the airmeet in the table.
with syncs as (
    select * from stg_feed_syncs
),

table_rows as (
    select * from int_table_rows
),

counted as (
    select
        syncs.airmeet_id,
        syncs.feed,
        syncs.expected_rows,
        syncs.status,
        -- What has nothing to give keeps the rows of an earlier load, and the ledger counts them.
        case
            when syncs.status = 'unavailable' then coalesce(syncs.loaded_rows, 0)
            else syncs.loaded_rows
        end as loaded_rows,
        coalesce(table_rows.found, 0) as found
    from syncs
    left join table_rows
        on syncs.airmeet_id = table_rows.airmeet_id and syncs.feed = table_rows.feed
    where syncs.feed <> 'airmeets'
),

final as (
    select airmeet_id, feed, expected_rows, loaded_rows, found
    from counted
    where loaded_rows <> found or (status = 'loaded' and expected_rows <> loaded_rows)
)

select * from final
