-- One row an exhibitor of an airmeet, by address; an exhibitor who is named by user id alone has
-- the one that event attendance gives.
with listed as (
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
    where listed.person is null and present.person is not null
)

select * from final
