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
with people as (
    select * from part_account_people
),

account_events as (
    select
        account_events.domain,
        account_events.best_score,
        account_events.second_score,
        account_events.third_score,
        events.attendance_state
    from part_account_events as account_events
    inner join int_events as events on account_events.airmeet_id = events.airmeet_id
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
    from people
    group by domain
),

domain_events as (
    select
        domain,
        count(*) as events,
        sum(case when attendance_state in ('known', 'not yet') then 1 else 0 end)
            as events_known,
        sum(case when attendance_state = 'lost' then 1 else 0 end) as events_lost
    from account_events
    group by domain
),

scores as (
    select domain, best_score as score from account_events
    union all
    select domain, second_score from account_events
    union all
    select domain, third_score from account_events
),

ranked as (
    select
        domain,
        score,
        row_number() over (partition by domain order by score desc) as place
    from scores
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
