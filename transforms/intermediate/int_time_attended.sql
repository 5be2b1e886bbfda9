-- One row a person of an airmeet (`scope` event) or of one of its sessions (`scope` its id): when
-- they came and left, and for how many seconds of the held time they were there.
--
-- Times are null where one of the person's visits does not say them: what is left would be a part.
-- Visits that overlap count once.
-- rebuilt: airmeet_id
-- stored: build
with visits as (
    select * from int_visits
),

stretches as (
    select * from int_held_times
),

held as (
    select
        airmeet_id,
        scope,
        sum(ends - begins) as held_seconds
    from stretches
    group by airmeet_id, scope
),

-- What each visit adds to those that began before it.
added as (
    select
        visits.*,
        ends - greatest(
            begins,
            coalesce(
                max(ends) over (
                    partition by airmeet_id, scope, person
                    order by begins, ends
                    rows between unbounded preceding and 1 preceding
                ),
                begins
            )
        ) as seconds
    from visits
),

people as (
    select
        airmeet_id,
        scope,
        person,
        count(*) - count(begins) as unknown_starts,
        count(*) - count(ends) as unknown_ends,
        min(entered_at) as joined_at,
        max(entered_at + coalesce(seconds_spent, 0) * interval '1' second) as left_at,
        min(begins) as begins,
        max(ends) as ends,
        sum(case when seconds > 0 then seconds else 0 end) as seconds
    from added
    group by airmeet_id, scope, person
),

-- What of the held time was over when somebody first came, and still to come when they left.
around as (
    select
        people.airmeet_id,
        people.scope,
        people.person,
        sum(
            case
                when people.begins > stretches.begins
                    then least(people.begins, stretches.ends) - stretches.begins
                else 0
            end
        ) as seconds_before,
        sum(
            case
                when people.ends < stretches.ends
                    then stretches.ends - greatest(people.ends, stretches.begins)
                else 0
            end
        ) as seconds_after
    from people
    inner join stretches
        on people.airmeet_id = stretches.airmeet_id and people.scope = stretches.scope
    group by people.airmeet_id, people.scope, people.person
),

final as (
    select
        people.airmeet_id,
        people.scope,
        people.person,
        held.held_seconds,
        case when people.unknown_starts = 0 then people.joined_at end as joined_at,
        case when people.unknown_ends = 0 then people.left_at end as left_at,
        case when people.unknown_ends = 0 then people.seconds end as seconds,
        case
            when people.unknown_ends = 0
                then cast(people.seconds as double) / held.held_seconds
        end as share,
        case
            when people.unknown_starts = 0
                then 5 * around.seconds_before > held.held_seconds
        end as is_late,
        case
            when people.unknown_ends = 0
                then 5 * around.seconds_after > held.held_seconds
        end as is_early
    from people
    left join held on people.airmeet_id = held.airmeet_id and people.scope = held.scope
    left join around
        on
            people.airmeet_id = around.airmeet_id
            and people.scope = around.scope
            and people.person = around.person
)

select * from final
