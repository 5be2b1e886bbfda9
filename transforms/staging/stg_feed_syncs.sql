-- One row a feed of an airmeet: how its last fetch ended.
select
    airmeet_id,
    feed,
    status,
    "rows" as loaded_rows,
    expected_rows,
    requested_at,
    loaded_at,
    coalesce(is_final, false) as is_final,
    error
from feed_syncs
