-- One row an engagement score that Airmeet gave, as a webhook delivered it; `scored_at` when it was
-- received where the delivery does not say.
select
    delivery_id,
    "position",
    airmeet_id,
    person,
    score,
    coalesce(scored_at, received_at) as scored_at
from engagement_scores
where airmeet_id is not null
