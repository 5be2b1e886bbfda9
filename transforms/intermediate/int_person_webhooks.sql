-- One row a person of an airmeet of whom webhooks told something: clicks on calls to action, the
-- distinct resources opened, the distinct tables joined, and the latest engagement score that
-- Airmeet gave.
-- Of scores of the same moment the delivery decides that is last in the alphabet.
with clicks as (
    select airmeet_id, person, count(*) as clicks
    from stg_cta_clicks
    where person is not null
    group by airmeet_id, person
),

opened as (
    select airmeet_id, person, resource
    from stg_resource_views
    where person is not null
    group by airmeet_id, person, resource
),

resources as (
    select airmeet_id, person, count(*) as resources
    from opened
    group by airmeet_id, person
),

joined as (
    select airmeet_id, person, lounge_table
    from stg_table_visits
    where person is not null
    group by airmeet_id, person, lounge_table
),

lounge_tables as (
    select airmeet_id, person, count(*) as lounge_tables
    from joined
    group by airmeet_id, person
),

ranked as (
    select
        airmeet_id,
        person,
        score,
        row_number() over (
            partition by airmeet_id, person
            order by scored_at desc, delivery_id desc, "position" desc
        ) as place
    from stg_engagement_scores
    where person is not null and score is not null
),

scores as (
    select airmeet_id, person, score
    from ranked
    where place = 1
),

people as (
    select airmeet_id, person from clicks
    union
    select airmeet_id, person from resources
    union
    select airmeet_id, person from lounge_tables
    union
    select airmeet_id, person from scores
),

final as (
    select
        people.airmeet_id,
        people.person,
        clicks.clicks,
        resources.resources,
        lounge_tables.lounge_tables,
        scores.score
    from people
    left join clicks on people.airmeet_id = clicks.airmeet_id and people.person = clicks.person
    left join resources
        on people.airmeet_id = resources.airmeet_id and people.person = resources.person
    left join lounge_tables
        on
            people.airmeet_id = lounge_tables.airmeet_id
            and people.person = lounge_tables.person
    left join scores on people.airmeet_id = scores.airmeet_id and people.person = scores.person
)

select * from final
