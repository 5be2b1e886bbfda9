-- One row an airmeet and domain of the people who registered or attended, live or on demand, with
-- the three best engagement scores among them. Strangers are left out.
-- rebuilt: airmeet_id
-- stored: kept
-- key: airmeet_id, domain
with appearances as (
    select * from attendee_event
    where domain is not null and (is_stranger = false or is_stranger is null)
),

ranked as (
    select
        airmeet_id,
        domain,
        score,
        row_number() over (
            partition by airmeet_id, domain
            order by case when score is null then 1 else 0 end, score desc
        ) as place
    from appearances
),

final as (
    select
        airmeet_id,
        domain,
        max(case when place = 1 then score end) as best_score,
        max(case when place = 2 then score end) as second_score,
        max(case when place = 3 then score end) as third_score
    from ranked
    group by airmeet_id, domain
)

select * from final
