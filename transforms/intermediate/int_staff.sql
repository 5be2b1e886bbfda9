-- One row a person of an airmeet's staff: hosts, cohosts, speakers, exhibitors and those whom a
-- participant's type calls so. Sessions and booths name them by address, by user id, which event
-- attendance ties to an address, or by both.
with listed as (
    select airmeet_id, user_id, person, 0 as is_exhibitor
    from stg_session_people
    where role in ('host', 'cohost', 'speaker')
    union all
    select airmeet_id, user_id, person, 1
    from stg_booth_exhibitors
),

known as (
    select airmeet_id, person, is_exhibitor
    from listed
    where person is not null
    union all
    select present.airmeet_id, present.person, listed.is_exhibitor
    from stg_event_attendance as present
    inner join listed
        on present.airmeet_id = listed.airmeet_id and present.user_id = listed.user_id
    where present.person is not null
    union all
    select airmeet_id, person, case when user_type = 'exhibitor' then 1 else 0 end
    from stg_participants
    where
        person is not null
        and user_type in (
            'host', 'cohost', 'co-host', 'speaker', 'exhibitor', 'organizer', 'organiser',
            'moderator', 'team', 'team member'
        )
),

final as (
    select airmeet_id, person, max(is_exhibitor) as is_exhibitor
    from known
    group by airmeet_id, person
)

select * from final
