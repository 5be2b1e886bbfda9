-- One row a person of an airmeet's staff: hosts, cohosts, speakers, exhibitors and those whom a
-- participant's type calls so. They are known by address and by user id: rows that carry both tie
-- the one to the other.
with listed as (
    select airmeet_id, user_id, person
    from stg_session_people
    where role in ('host', 'cohost', 'speaker')
    union all
    select airmeet_id, user_id, person
    from stg_booth_exhibitors
    union all
    select participants.airmeet_id, null, participants.person
    from stg_participants as participants
    inner join seed_staff_types as types on participants.user_type = types.user_type
),

seen as (
    select airmeet_id, user_id, person from stg_event_attendance
    union all
    select airmeet_id, user_id, person from stg_session_attendance
    union all
    select airmeet_id, user_id, person from stg_booth_attendance
    union all
    select airmeet_id, user_id, person from stg_replay_attendance
    union all
    select airmeet_id, user_id, person from stg_poll_responses
    union all
    select airmeet_id, user_id, person from stg_questions
),

-- What programs write where they know no id ties nobody to anybody.
ids as (
    select airmeet_id, trim(user_id) as user_id
    from listed
    where lower(trim(user_id)) not in (select missing_id from seed_missing_ids)
    union
    select seen.airmeet_id, trim(seen.user_id)
    from seen
    inner join listed on seen.airmeet_id = listed.airmeet_id and seen.person = listed.person
    where lower(trim(seen.user_id)) not in (select missing_id from seed_missing_ids)
),

final as (
    select airmeet_id, person
    from listed
    where person is not null
    union
    select airmeet_id, 'user:' || user_id
    from ids
    union
    select seen.airmeet_id, seen.person
    from seen
    inner join ids on seen.airmeet_id = ids.airmeet_id and trim(seen.user_id) = ids.user_id
    where seen.person is not null
)

select * from final
