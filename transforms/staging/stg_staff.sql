-- One row a person of an airmeet's staff whose address is known: hosts, cohosts, speakers and
-- exhibitors. Sessions name them by user id, which attendance ties to an address, or by address;
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
    inner join stg_numbers as numbers
        on numbers.number < quoted.strings and numbers.number < 1000
),

users as (
    select distinct airmeet_id, user_id, person from stg_event_attendance
    where person is not null and user_id is not null
    union
    select distinct airmeet_id, user_id, person from stg_session_attendance
    where person is not null and user_id is not null
),

final as (
    select airmeet_id, lower(trim(string)) as person
    from strings
    where string like '%@%'
    union
    select users.airmeet_id, users.person
    from users
    inner join strings
        on users.airmeet_id = strings.airmeet_id and users.user_id = strings.string
    union
    select airmeet_id, person
    from stg_participants
    where
        person is not null
        and user_type in ('host', 'cohost', 'co-host', 'speaker', 'exhibitor')
)

select * from final
