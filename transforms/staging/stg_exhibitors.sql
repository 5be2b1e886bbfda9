-- One row an exhibitor of an airmeet, by address; up to 1000 a booth.
with booths as (
    select airmeet_id, replace(exhibitors, '\"', '') as list
    from stg_booths
    where exhibitors like '%"%'
),

final as (
    select distinct
        booths.airmeet_id,
        lower(trim(split_part(booths.list, '"', cast(2 * numbers.number + 2 as integer))))
            as person
    from booths
    inner join int_numbers as numbers
        on
            numbers.number < (length(booths.list) - length(replace(booths.list, '"', ''))) / 2
            and numbers.number < 1000
)

select * from final
