-- One row a value of segments, with its most common spelling among all airmeets; of several the
-- first in the alphabet.
-- rebuilt: whole
-- stored: build
with spelled as (
    select dimension, value_key, spelling, sum(people) as people
    from part_segment_counts
    group by dimension, value_key, spelling
),

ranked as (
    select
        dimension,
        value_key,
        spelling,
        row_number() over (
            partition by dimension, value_key
            order by people desc, spelling
        ) as place
    from spelled
),

final as (
    select dimension, value_key, spelling
    from ranked
    where place = 1
)

select * from final
