-- One row a tag of a booth.
select
    airmeet_id,
    booth_id,
    tag
from booth_tags
