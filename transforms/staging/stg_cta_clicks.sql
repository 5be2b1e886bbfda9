-- One row a click on a call to action, as a webhook delivered it; texts trimmed, `clicked_at` when
-- it was received where the delivery does not say.
select
    delivery_id,
    "position",
    airmeet_id,
    person,
    nullif(trim(cta_text), '') as cta_text,
    nullif(trim(cta_link), '') as cta_link,
    coalesce(clicked_at, received_at) as clicked_at
from cta_clicks
where airmeet_id is not null
