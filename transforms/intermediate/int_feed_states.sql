-- One row an airmeet and feed: `lacks` is 0 where the feed is loaded or has no data yet, 2 while it
-- is awaited, 1 where it is lost: still not there `settle_days` after the airmeet's end, or waived.
with airmeets as (
    select * from int_schedule
),

feeds as (
    select * from seed_feeds
),

syncs as (
    select * from stg_feed_syncs
),

waived as (
    select distinct airmeet_id, feed from seed_waived_feeds
),

patience as (
    select * from seed_settle_seconds
),

clock as (
    select * from int_clock
),

final as (
    select
        airmeets.airmeet_id,
        feeds.feed,
        case
            when syncs.status in ('loaded', 'unavailable') then 0
            when waived.feed is not null then 1
            when
                date_diff('second', airmeets.ends_at, clock.last_fetch) >= patience.settle_seconds
                then 1
            else 2
        end as lacks
    from airmeets
    cross join feeds
    cross join patience
    cross join clock
    left join syncs on airmeets.airmeet_id = syncs.airmeet_id and feeds.feed = syncs.feed
    left join waived on airmeets.airmeet_id = waived.airmeet_id and feeds.feed = waived.feed
)

select * from final
