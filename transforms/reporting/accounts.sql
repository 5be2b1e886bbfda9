-- Everybody who registered or attended, by the domain of the address. Free-mail domains are not
-- companies; is_free_mail marks them.
-- grain: domain
-- question: Which companies are warm?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   domain text: The domain of the addresses.
--   is_free_mail bool: A free-mail provider's domain, not a company's.
--   people bigint: Distinct people who registered or attended.
--   events bigint: Distinct airmeets that they registered for or attended.
--   attendees bigint: Distinct people who attended at least one, as staff left out.
--   engaged_people bigint: Distinct people who were engaged at least once.
--   top_three_score double: Mean of the account's three best engagement scores, 0 to 100.
--   people_last_90_days bigint: Distinct people with an airmeet that started in the 90 days before
--     the last fetch.
--   attendees_last_90_days bigint: Of those, the ones who attended one of these airmeets.
--   is_final bool: All feeds of all these airmeets are settled.
with appearances as (
    select * from attendee_event
),

feeds_known as (
    select * from int_feeds
),

clock as (
    select max(requested_at) as last_fetch from stg_feed_syncs
),

recent as (
    select
        appearances.airmeet_id,
        appearances.person,
        nullif(split_part(appearances.person, '@', 2), '') as domain,
        appearances.attended,
        appearances.engaged,
        appearances.score,
        appearances.is_final,
        feeds_known.has_scores,
        case
            when
                appearances.start_time > clock.last_fetch - interval '90' day
                and appearances.start_time <= clock.last_fetch
                then 1
            else 0
        end as is_recent
    from appearances
    cross join clock
    left join feeds_known on appearances.airmeet_id = feeds_known.airmeet_id
),

by_person as (
    select
        domain,
        person,
        max(attended) as attended,
        max(engaged) as engaged,
        max(is_recent) as is_recent,
        max(case when is_recent = 1 then attended end) as attended_recently,
        sum(case when attended is null then 1 else 0 end) as unknown_attended,
        sum(case when engaged is null then 1 else 0 end) as unknown_engaged,
        sum(case when has_scores = 1 then 0 else 1 end) as unknown_scores,
        sum(case when is_recent = 1 and attended is null then 1 else 0 end) as unknown_recent,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from recent
    group by domain, person
),

totals as (
    select
        domain,
        count(*) as people,
        case when sum(unknown_attended) = 0 then sum(attended) end as attendees,
        case when sum(unknown_engaged) = 0 then sum(engaged) end as engaged_people,
        sum(unknown_scores) as unknown_scores,
        sum(is_recent) as people_last_90_days,
        case when sum(unknown_recent) = 0 then coalesce(sum(attended_recently), 0) end
            as attendees_last_90_days,
        sum(unsettled_events) as unsettled_events
    from by_person
    group by domain
),

domain_events as (
    select domain, count(*) as events
    from (select distinct domain, airmeet_id from recent) as pairs
    group by domain
),

ranked as (
    select
        domain,
        score,
        row_number() over (partition by domain order by score desc) as place
    from recent
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
        totals.attendees,
        totals.engaged_people,
        case when totals.unknown_scores = 0 then best.top_three_score end as top_three_score,
        totals.people_last_90_days,
        totals.attendees_last_90_days,
        totals.unsettled_events = 0 as is_final
    from totals
    inner join domain_events on totals.domain = domain_events.domain
    left join best on totals.domain = best.domain
    left join seed_free_mail_domains as free_mail on totals.domain = free_mail.domain
)

select * from final
