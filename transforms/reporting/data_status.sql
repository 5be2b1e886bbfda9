-- How complete and how fresh each airmeet is, feed by feed.
-- grain: airmeet_id
-- question: What is loaded, what is not, and can the figures be trusted?
-- generated: lines with each_feed, once for every feed declared in sources/airmeet/feeds.py
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   name text: The airmeet's name.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   feeds_loaded bigint: Feeds that are loaded.
--   feeds_unavailable bigint: Feeds that have no data yet.
--   feeds_pending bigint: Feeds that are still being prepared.
--   feeds_failed bigint: Feeds that could not be read.
--   feeds_missing bigint: Feeds that were never requested.
--   is_final bool: All feeds are settled.
--   data_as_of timestamp: When the oldest of the feeds that are loaded was fetched.
--   last_loaded_at timestamp: When the last of the feeds was loaded.
--   event_name text: The airmeet's name, as in the other reports.
--   start_date date: The day on which it is to start, in its own time zone.
--   is_listed bool: Whether Airmeet's list still had it when it was last read.
--   last_listed_at timestamp: When a run last saw it in the list; as of the build, and a run that
--     finds all as it was builds nothing.
--   each_feed_status text: loaded, unavailable, pending or failed; null if never asked.
--   each_feed_rows bigint: Rows loaded.
--   each_feed_expected_rows bigint: Rows announced; null where none are.
with airmeets as (
    select * from int_events
),

syncs as (
    select
        lines.*,
        case when feeds.feed is null then 0 else 1 end as is_expected
    from stg_feed_syncs as lines
    left join seed_feeds as feeds on lines.feed = feeds.feed
),

expected as (
    select count(*) as feeds from seed_feeds
),

by_airmeet as (
    select
        airmeet_id,
        sum(case when status = 'loaded' then 1 else 0 end) as feeds_loaded,
        sum(case when status = 'unavailable' then 1 else 0 end) as feeds_unavailable,
        sum(case when status = 'pending' then 1 else 0 end) as feeds_pending,
        sum(case when status = 'failed' then 1 else 0 end) as feeds_failed,
        sum(is_expected) as feeds_requested,
        max(case when feed = 'each_feed' then status end) as each_feed_status,
        max(case when feed = 'each_feed' then loaded_rows end)
            as each_feed_rows,
        max(case when feed = 'each_feed' then expected_rows end)
            as each_feed_expected_rows,
        max(loaded_at) as last_loaded_at
    from syncs
    group by airmeet_id
),

final as (
    select
        airmeets.airmeet_id,
        airmeets.event_name as name,
        airmeets.event_name,
        airmeets.start_date,
        airmeets.is_listed,
        airmeets.last_listed_at,
        airmeets.status,
        coalesce(by_airmeet.feeds_loaded, 0) as feeds_loaded,
        coalesce(by_airmeet.feeds_unavailable, 0) as feeds_unavailable,
        coalesce(by_airmeet.feeds_pending, 0) as feeds_pending,
        coalesce(by_airmeet.feeds_failed, 0) as feeds_failed,
        case
            when expected.feeds > coalesce(by_airmeet.feeds_requested, 0)
                then expected.feeds - coalesce(by_airmeet.feeds_requested, 0)
            else 0
        end as feeds_missing,
        airmeets.is_final,
        airmeets.data_as_of,
        by_airmeet.each_feed_status,
        by_airmeet.each_feed_rows,
        by_airmeet.each_feed_expected_rows,
        by_airmeet.last_loaded_at
    from airmeets
    cross join expected
    left join by_airmeet on airmeets.airmeet_id = by_airmeet.airmeet_id
)

select * from final
