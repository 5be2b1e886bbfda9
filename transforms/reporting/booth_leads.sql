-- Who visited which booth; the airmeet's exhibitors are left out.
-- grain: airmeet_id, booth_id, person
-- question: Which visitors should an exhibitor follow up with?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   booth_id text: The booth.
--   booth text: The booth's name.
--   person text: The visitor: the address, trimmed, in lower case; without one
--     `user:<user id>`.
--   name text: The visitor's name.
--   organisation text: The organisation given at registration.
--   domain text: The domain of the address.
--   is_free_mail bool: The domain is a free-mail provider's, not a company's.
--   visits bigint: How often the visitor came.
--   interested_in_being_contacted bool: The visitor asked for contact.
--   is_final bool: All of the airmeet's feeds are settled.
with visits as (
    select * from stg_booth_attendance
),

booths as (
    select * from stg_booths
),

exhibitors as (
    select * from int_staff
    where is_exhibitor = 1
),

people as (
    select * from attendee_event
),

visitors as (
    select
        airmeet_id,
        booth_id,
        person,
        max(name) as name,
        sum(visits) as visits,
        max(case when is_interested then 1 else 0 end) as is_interested
    from visits
    where person is not null
    group by airmeet_id, booth_id, person
),

final as (
    select
        visitors.airmeet_id,
        visitors.booth_id,
        booths.name as booth,
        visitors.person,
        coalesce(visitors.name, people.name) as name,
        people.organisation,
        nullif(split_part(visitors.person, '@', 2), '') as domain,
        free_mail.domain is not null as is_free_mail,
        visitors.visits,
        visitors.is_interested = 1 as interested_in_being_contacted,
        coalesce(people.is_final, false) as is_final
    from visitors
    left join booths
        on visitors.airmeet_id = booths.airmeet_id and visitors.booth_id = booths.booth_id
    left join people
        on visitors.airmeet_id = people.airmeet_id and visitors.person = people.person
    left join exhibitors
        on visitors.airmeet_id = exhibitors.airmeet_id and visitors.person = exhibitors.person
    left join seed_free_mail_domains as free_mail
        on split_part(visitors.person, '@', 2) = free_mail.domain
    where exhibitors.person is null
)

select * from final
