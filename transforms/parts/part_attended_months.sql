-- One row a person and month in which they attended an airmeet whose attendance is known, with the
-- first of these months. Months are int_events' month_number.
-- rebuilt: person
-- stored: kept
-- key: person
with appearances as (
    select * from attendee_event
    where attended = 1
),

events as (
    select * from int_events
    where attendance_state = 'known' and month_number is not null
),

months as (
    select distinct appearances.person, events.month_number
    from appearances
    inner join events on appearances.airmeet_id = events.airmeet_id
),

final as (
    select
        person,
        month_number,
        min(month_number) over (partition by person) as first_month_number
    from months
)

select * from final
