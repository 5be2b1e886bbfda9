-- Loaded feeds whose table does not hold the rows that the ledger says, or that the API announced.
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

final as (
    select
        syncs.airmeet_id,
        syncs.feed,
        syncs.expected_rows,
        syncs.loaded_rows,
        coalesce(table_rows.found, 0) as found
    from syncs
    left join table_rows
        on syncs.airmeet_id = table_rows.airmeet_id and syncs.feed = table_rows.feed
    where
        syncs.status = 'loaded'
        and (
            syncs.loaded_rows <> coalesce(table_rows.found, 0)
            or syncs.expected_rows <> syncs.loaded_rows
        )
)

select * from final
