-- Who visited which booth, staff too: is_staff marks them. Whoever is listed without an address and
-- a user id has a row as well, and stays a lead that asked for contact.
-- grain: airmeet_id, booth_id, visitor
-- question: Which visitors should an exhibitor follow up with?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   booth_id text: The booth.
--   booth text: The booth's name.
--   visitor text: Who, never null: the person; `unnamed 1`, `unnamed 2`, … where nothing tells who
--     it is.
--   person text: The visitor: the address, trimmed, in lower case; without one
--     `user:<user id>`; null where nothing tells who it is.
--   name text: The visitor's name.
--   organisation text: The organisation given at registration.
--   domain text: The domain of the address, which is what follows the last @.
--   is_free_mail bool: The domain is a free-mail provider's, not a company's.
--   visits bigint: How often the visitor came.
--   interested_in_being_contacted bool: The visitor asked for contact.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   is_staff bool: The visitor is staff of the airmeet; null for others while its sessions or
--     booths are not known.
with visits as (
    select * from stg_booth_attendance
),

booths as (
    select * from stg_booths
),

events as (
    select * from int_events
),

people as (
    select * from attendee_event
),

named as (
    select
        airmeet_id,
        booth_id,
        coalesce(
            person,
            'unnamed ' || cast(
                row_number() over (
                    partition by airmeet_id, booth_id, person
                    order by attendance_id, name, visits
                ) as varchar
            )
        ) as visitor,
        person,
        name,
        visits,
        is_interested
    from visits
),

visitors as (
    select
        airmeet_id,
        booth_id,
        visitor,
        person,
        max(name) as name,
        sum(visits) as visits,
        max(case when is_interested then 1 else 0 end) as is_interested
    from named
    group by airmeet_id, booth_id, visitor, person
),

final as (
    select
        visitors.airmeet_id,
        visitors.booth_id,
        booths.name as booth,
        visitors.visitor,
        visitors.person,
        coalesce(visitors.name, people.name) as name,
        people.organisation,
        people.domain,
        free_mail.domain is not null as is_free_mail,
        visitors.visits,
        visitors.is_interested = 1 as interested_in_being_contacted,
        coalesce(events.is_final, false) as is_final,
        events.event_name,
        events.start_date,
        events.status,
        case
            when visitors.person is not null then people.is_staff
            when events.has_staff = 1 then false
        end as is_staff
    from visitors
    left join events on visitors.airmeet_id = events.airmeet_id
    left join booths
        on visitors.airmeet_id = booths.airmeet_id and visitors.booth_id = booths.booth_id
    left join people
        on visitors.airmeet_id = people.airmeet_id and visitors.person = people.person
    left join seed_free_mail_domains as free_mail on people.domain = free_mail.domain
)

select * from final
