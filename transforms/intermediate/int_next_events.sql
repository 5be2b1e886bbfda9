-- One row a person who is registered for an upcoming airmeet: the first of these to start; of those
-- that start at one moment, and of those without a start, the first by id.
-- rebuilt: whole
-- stored: build
with events as (
    select * from int_events
    where phase = 'upcoming' and has_registrations = 1
),

registered as (
    select
        registrations.person,
        events.airmeet_id,
        events.event_name,
        events.start_time
    from stg_registrations as registrations
    inner join events on registrations.airmeet_id = events.airmeet_id
    where registrations.person is not null
),

ranked as (
    select
        registered.*,
        row_number() over (
            partition by person
            order by
                case when start_time is null then 1 else 0 end,
                start_time,
                airmeet_id
        ) as place
    from registered
),

final as (
    select person, airmeet_id, event_name, start_time
    from ranked
    where place = 1
)

select * from final
