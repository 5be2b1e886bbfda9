-- Airmeets that the ledger or a raw table knows, and the table of airmeets does not.
-- mend: run airmeet load; delete the rows of airmeets that it does not bring back
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet that is gone.
--   feed text: The table; feed_syncs is the ledger.
--   orphans bigint: Its rows.
with airmeets as (
    select * from stg_airmeets
),

known as (
    select airmeet_id, feed, found as orphans
    from int_table_rows
    where airmeet_id <> 'community'
    union all
    -- Of an airmeet whose row in the list made no sense the ledger alone knows.
    select airmeet_id, 'feed_syncs' as feed, count(*) as orphans
    from stg_feed_syncs
    where feed <> 'airmeets' and airmeet_id <> 'community'
    group by airmeet_id
),

final as (
    select known.airmeet_id, known.feed, known.orphans
    from known
    left join airmeets on known.airmeet_id = airmeets.airmeet_id
    where airmeets.airmeet_id is null
)

select * from final
