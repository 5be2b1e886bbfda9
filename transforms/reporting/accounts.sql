-- Everybody who registered or attended, live or on demand, by the domain of the address. Free-mail
-- domains are not companies; is_free_mail marks them. Airmeets that are awaited make figures null,
-- lost ones are left out of them.
-- grain: domain
-- question: Which companies are warm?
-- rebuilt: domain
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   domain text: The domain of the addresses, which is what follows the last @; people without an
--     address are in no row.
--   is_free_mail bool: A free-mail provider's domain, not a company's.
--   people bigint: Distinct people who registered or attended.
--   events bigint: Distinct airmeets that they registered for or attended.
--   attendees bigint: Distinct people who attended at least one so far, as staff left out.
--   engaged_people bigint: Distinct people who were engaged at least once.
--   top_three_score double: Mean of the account's three best engagement scores, 0 to 100.
--   people_last_90_days bigint: Distinct people with an airmeet that started in the 90 days before
--     the last fetch.
--   attendees_last_90_days bigint: Of those, the ones who attended one of these airmeets.
--   is_final bool: All feeds of all these airmeets are settled.
--   events_known bigint: Of events, those whose attendance is known, or has not begun.
--   events_lost bigint: Of events, those whose attendance is lost.
with appearances as (
    select * from attendee_event
    where is_stranger = false or is_stranger is null
),

airmeets as (
    select * from int_events
),

stated as (
    select
        appearances.airmeet_id,
        appearances.person,
        appearances.domain,
        appearances.score,
        appearances.is_final,
        airmeets.attendance_state,
        airmeets.engagement_state,
        case
            when airmeets.attendance_state = 'not yet' then 0
            when airmeets.attendance_state = 'known' then appearances.attended
        end as attended,
        case
            when airmeets.engagement_state = 'not yet' then 0
            when airmeets.engagement_state = 'known' then appearances.engaged
        end as engaged,
        case when airmeets.is_recent then 1 else 0 end as is_recent
    from appearances
    inner join airmeets on appearances.airmeet_id = airmeets.airmeet_id
),

by_person as (
    select
        domain,
        person,
        max(attended) as attended,
        max(engaged) as engaged,
        max(is_recent) as is_recent,
        max(case when is_recent = 1 then attended end) as attended_recently,
        sum(case when attendance_state = 'awaited' then 1 else 0 end) as awaited_attendance,
        sum(case when engagement_state = 'awaited' then 1 else 0 end) as awaited_engagement,
        sum(case when is_recent = 1 and attendance_state = 'awaited' then 1 else 0 end)
            as awaited_recently,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from stated
    group by domain, person
),

totals as (
    select
        domain,
        count(*) as people,
        case when sum(awaited_attendance) = 0 then sum(attended) end as attendees,
        case when sum(awaited_engagement) = 0 then sum(engaged) end as engaged_people,
        sum(awaited_engagement) as awaited_engagement,
        sum(is_recent) as people_last_90_days,
        case
            when sum(is_recent) = 0 then 0
            when sum(awaited_recently) = 0 then sum(attended_recently)
        end as attendees_last_90_days,
        sum(unsettled_events) as unsettled_events
    from by_person
    group by domain
),

domain_events as (
    select
        domain,
        count(*) as events,
        sum(case when attendance_state in ('known', 'not yet') then 1 else 0 end)
            as events_known,
        sum(case when attendance_state = 'lost' then 1 else 0 end) as events_lost
    from (select distinct domain, airmeet_id, attendance_state from stated) as pairs
    group by domain
),

ranked as (
    select
        domain,
        score,
        row_number() over (partition by domain order by score desc) as place
    from stated
    where score is not null
),

best as (
    select domain, avg(score) as top_three_score
    from ranked
    where place <= 3
    group by domain
),

final as (
    select
        totals.domain,
        free_mail.domain is not null as is_free_mail,
        totals.people,
        domain_events.events,
        domain_events.events_known,
        domain_events.events_lost,
        totals.attendees,
        totals.engaged_people,
        case when totals.awaited_engagement = 0 then best.top_three_score end as top_three_score,
        totals.people_last_90_days,
        totals.attendees_last_90_days,
        totals.unsettled_events = 0 as is_final
    from totals
    inner join domain_events on totals.domain = domain_events.domain
    left join best on totals.domain = best.domain
    left join seed_free_mail_domains as free_mail on totals.domain = free_mail.domain
)

select * from final
