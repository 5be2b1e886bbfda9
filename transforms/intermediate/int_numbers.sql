-- The numbers from 0 to 9999, one a row: engines differ in how they count.
with digits as (
    select 0 as digit
    union all select 1
    union all select 2
    union all select 3
    union all select 4
    union all select 5
    union all select 6
    union all select 7
    union all select 8
    union all select 9
),

final as (
    select 1000 * d3.digit + 100 * d2.digit + 10 * d1.digit + d0.digit as number
    from digits as d0
    cross join digits as d1
    cross join digits as d2
    cross join digits as d3
)

select * from final
