-- One row an airmeet: how many deliveries of webhooks of each kind it ever had; null where none:
-- then it is not known whether there was anything to deliver.
with kinds as (
    select
        airmeet_id,
        1 as click,
        cast(null as integer) as resource,
        cast(null as integer) as lounge_table,
        cast(null as integer) as score
    from stg_cta_clicks
    union all
    select airmeet_id, null, 1, null, null from stg_resource_views
    union all
    select airmeet_id, null, null, 1, null from stg_table_visits
    union all
    select airmeet_id, null, null, null, 1 from stg_engagement_scores
),

final as (
    select
        airmeet_id,
        nullif(count(click), 0) as clicks,
        nullif(count(resource), 0) as resources,
        nullif(count(lounge_table), 0) as lounge_tables,
        nullif(count(score), 0) as scores
    from kinds
    group by airmeet_id
)

select * from final
