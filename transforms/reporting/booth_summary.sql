-- What each booth drew; the airmeet's exhibitors are left out.
-- grain: airmeet_id, booth_id
-- question: Which booths paid off for their exhibitors?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   booth_id text: The booth.
--   name text: Its name.
--   visitors bigint: Distinct people who visited it.
--   visits bigint: Their visits.
--   leads bigint: Of the visitors, those who asked for contact.
--   share_of_attended double: visitors ÷ attended of the airmeet; null where nobody attended.
--   is_final bool: All of the airmeet's feeds are settled.
with booths as (
    select * from stg_booths
),

feeds_known as (
    select * from int_feeds
),

summaries as (
    select * from event_summary
),

leads as (
    select
        airmeet_id,
        booth_id,
        count(*) as visitors,
        sum(visits) as visits,
        sum(case when interested_in_being_contacted then 1 else 0 end) as leads
    from booth_leads
    group by airmeet_id, booth_id
),

final as (
    select
        booths.airmeet_id,
        booths.booth_id,
        booths.name,
        case when feeds_known.has_booth_attendance = 1 then coalesce(leads.visitors, 0) end
            as visitors,
        case when feeds_known.has_booth_attendance = 1 then coalesce(leads.visits, 0) end
            as visits,
        case when feeds_known.has_booth_attendance = 1 then coalesce(leads.leads, 0) end as leads,
        case
            when feeds_known.has_booth_attendance = 1
                then cast(coalesce(leads.visitors, 0) as double) / nullif(summaries.attended, 0)
        end as share_of_attended,
        coalesce(feeds_known.is_final, false) as is_final
    from booths
    left join feeds_known on booths.airmeet_id = feeds_known.airmeet_id
    left join summaries on booths.airmeet_id = summaries.airmeet_id
    left join leads
        on booths.airmeet_id = leads.airmeet_id and booths.booth_id = leads.booth_id
)

select * from final
