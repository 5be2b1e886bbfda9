-- One row a person of an airmeet's staff whose address is known: hosts, cohosts, speakers and
-- exhibitors. Sessions name them by address or by user id, which event attendance ties to one;
-- booths by address; participants by their type.
-- Lists are JSON as text: what stands between each second pair of quotes is one of its strings,
-- up to the 1000th.
with lists as (
    select airmeet_id, hosts as list from stg_sessions
    union
    select airmeet_id, cohosts as list from stg_sessions
    union
    select airmeet_id, speakers as list from stg_sessions
    union
    select airmeet_id, speaker_profiles as list from stg_sessions
    union
    select airmeet_id, exhibitors as list from stg_booths
),

quoted as (
    select
        airmeet_id,
        replace(list, '\"', '') as list,
        (length(replace(list, '\"', '')) - length(replace(replace(list, '\"', ''), '"', ''))) / 2
            as strings
    from lists
    where list like '%"%'
),

strings as (
    select distinct
        quoted.airmeet_id,
        split_part(quoted.list, '"', cast(2 * numbers.number + 2 as integer)) as string
    from quoted
    inner join int_numbers as numbers
        on numbers.number < quoted.strings and numbers.number < 1000
),

final as (
    select airmeet_id, lower(trim(string)) as person
    from strings
    where string like '%@%'
    union
    select present.airmeet_id, present.person
    from stg_event_attendance as present
    inner join strings
        on present.airmeet_id = strings.airmeet_id and present.user_id = strings.string
    union
    select airmeet_id, person
    from stg_participants
    where user_type in ('host', 'cohost', 'co-host', 'speaker', 'exhibitor')
)

select * from final
