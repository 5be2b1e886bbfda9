-- One row a person of an airmeet's staff whose address is known: hosts, cohosts, speakers and
-- exhibitors. Sessions and booths name them by address, by user id, which event attendance ties to
-- an address, or by both; participants by their type.
with listed as (
    select airmeet_id, user_id, person
    from stg_session_people
    where role in ('host', 'cohost', 'speaker')
    union
    select airmeet_id, user_id, person
    from stg_booth_exhibitors
),

final as (
    select airmeet_id, person
    from listed
    where person is not null
    union
    select present.airmeet_id, present.person
    from stg_event_attendance as present
    inner join listed
        on present.airmeet_id = listed.airmeet_id and present.user_id = listed.user_id
    union
    select airmeet_id, person
    from stg_participants
    where user_type in ('host', 'cohost', 'co-host', 'speaker', 'exhibitor')
)

select * from final
