-- Feeds with one row a person whose rows are not their people and the rows that name nobody.
-- mend: run airmeet load --full-refresh --airmeet ID
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   feed text: The feed.
--   expected bigint: Rows of the table.
--   found bigint: Distinct people, and rows without identity.
with registrations as (
    select airmeet_id, count(*) as listed, count(*) - count(person) as unnamed
    from stg_registrations
    group by airmeet_id
),

participants as (
    select
        airmeet_id,
        count(*) as listed,
        count(distinct person) + count(*) - count(person) as people
    from stg_participants
    group by airmeet_id
),

counted as (
    select
        registrations.airmeet_id,
        'registrations' as feed,
        registrations.listed as expected,
        summaries.registered + registrations.unnamed as found
    from registrations
    inner join event_summary as summaries on registrations.airmeet_id = summaries.airmeet_id
    union all
    select airmeet_id, 'participants' as feed, listed as expected, people as found
    from participants
),

final as (
    select airmeet_id, feed, expected, found
    from counted
    where expected <> found
)

select * from final
