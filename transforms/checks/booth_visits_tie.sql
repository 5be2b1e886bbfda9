-- Visits of booths that differ between event_summary and the reports of booths.
-- mend: run airmeet reports; if it stays, report it with airmeet explain of the airmeet
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   expected bigint: booth_visits of event_summary.
--   found bigint: Visits in booth_summary, and in booth_leads those of staff and of booths that
--     Airmeet does not list.
with summaries as (
    select airmeet_id, sum(visits) as visits
    from booth_summary
    group by airmeet_id
    -- Null while it is not known who is staff.
    having count(*) = count(visits)
),

other_visits as (
    select leads.airmeet_id, sum(leads.visits) as visits
    from booth_leads as leads
    left join booth_summary as booths
        on leads.airmeet_id = booths.airmeet_id and leads.booth_id = booths.booth_id
    where leads.is_staff or booths.booth_id is null
    group by leads.airmeet_id
),

final as (
    select
        events.airmeet_id,
        events.booth_visits as expected,
        summaries.visits + coalesce(other_visits.visits, 0) as found
    from event_summary as events
    inner join summaries on events.airmeet_id = summaries.airmeet_id
    left join other_visits on events.airmeet_id = other_visits.airmeet_id
    where events.booth_visits <> summaries.visits + coalesce(other_visits.visits, 0)
)

select * from final
