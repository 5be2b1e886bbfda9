-- What each booth drew; the airmeet's staff are left out.
-- grain: airmeet_id, booth_id
-- question: Which booths paid off for their exhibitors?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   booth_id text: The booth.
--   name text: The booth's name.
--   visitors bigint: Distinct people, no staff, who visited it.
--   visits bigint: Visits, also of visitors without an address and a user id.
--   leads bigint: Visitors who asked for contact, also those without an address and a user id.
--   share_of_attended double: visitors ÷ attended of the airmeet; null where nobody attended, above
--     1 where more visited than are in attendance.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   unnamed_visitors bigint: Visitors without an address and a user id.
with booths as (
    select * from stg_booths
),

events as (
    select * from int_events
),

summaries as (
    select * from event_summary
),

leads as (
    select
        airmeet_id,
        booth_id,
        count(person) as visitors,
        count(*) - count(person) as unnamed_visitors,
        sum(visits) as visits,
        sum(case when interested_in_being_contacted then 1 else 0 end) as leads
    from booth_leads
    where is_staff = false
    group by airmeet_id, booth_id
),

known as (
    select
        events.airmeet_id,
        events.event_name,
        events.start_date,
        events.status,
        events.is_final,
        case when events.has_booth_attendance = 1 and events.has_staff = 1 then 1 end
            as has_visitors,
        summaries.attended
    from events
    left join summaries on events.airmeet_id = summaries.airmeet_id
),

final as (
    select
        booths.airmeet_id,
        booths.booth_id,
        booths.name,
        case when known.has_visitors = 1 then coalesce(leads.visitors, 0) end as visitors,
        case when known.has_visitors = 1 then coalesce(leads.visits, 0) end as visits,
        case when known.has_visitors = 1 then coalesce(leads.leads, 0) end as leads,
        case when known.has_visitors = 1 then coalesce(leads.unnamed_visitors, 0) end
            as unnamed_visitors,
        case
            when known.has_visitors = 1
                then cast(coalesce(leads.visitors, 0) as double) / nullif(known.attended, 0)
        end as share_of_attended,
        coalesce(known.is_final, false) as is_final,
        known.event_name,
        known.start_date,
        known.status
    from booths
    left join known on booths.airmeet_id = known.airmeet_id
    left join leads
        on booths.airmeet_id = leads.airmeet_id and booths.booth_id = leads.booth_id
)

select * from final
