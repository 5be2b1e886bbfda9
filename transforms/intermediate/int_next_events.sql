-- One row a person who is registered for an upcoming airmeet: the first of these to start; of those
-- that start at one moment, and of those without a start, the first by id.
-- rebuilt: whole
-- stored: build
with events as (
    select * from int_events
    where phase = 'upcoming' and has_registrations = 1
),

registrants as (
    select distinct airmeet_id, person
    from stg_registrations
    where person is not null
),

ranked as (
    select
        registrants.person,
        events.airmeet_id,
        events.event_name,
        events.start_time,
        row_number() over (
            partition by registrants.person
            order by
                case when events.start_time is null then 1 else 0 end,
                events.start_time,
                events.airmeet_id
        ) as place
    from events
    inner join registrants on events.airmeet_id = registrants.airmeet_id
),

final as (
    select person, airmeet_id, event_name, start_time
    from ranked
    where place = 1
)

select * from final
