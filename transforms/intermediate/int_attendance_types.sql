-- One row an airmeet and person of whom it is known how they attend a hybrid airmeet: `in person`
-- or `virtual`, by the registration, else by the participant.
with spellings as (
    select 'inperson' as spelling, 'in person' as attendance_type
    union all select 'onsite', 'in person'
    union all select 'physical', 'in person'
    union all select 'virtual', 'virtual'
    union all select 'online', 'virtual'
    union all select 'remote', 'virtual'
),

given as (
    select
        airmeet_id,
        person,
        attendance_type as registered_as,
        cast(null as varchar) as participates_as
    from stg_registrations
    union all
    select airmeet_id, person, null, attendance_type
    from stg_participants
),

understood as (
    select
        given.airmeet_id,
        given.person,
        registered.attendance_type as registered_as,
        participates.attendance_type as participates_as
    from given
    left join spellings as registered on given.registered_as = registered.spelling
    left join spellings as participates on given.participates_as = participates.spelling
),

final as (
    select
        airmeet_id,
        person,
        coalesce(max(registered_as), max(participates_as)) as attendance_type
    from understood
    group by airmeet_id, person
    having count(registered_as) + count(participates_as) > 0 and count(person) > 0
)

select * from final
