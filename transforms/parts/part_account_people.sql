-- One row a person with an address who registered or attended, live or on demand: what accounts
-- counts of them, over all airmeets. Strangers are left out.
-- rebuilt: person
-- stored: kept
-- key: person, domain
with appearances as (
    select * from attendee_event
    where domain is not null and (is_stranger = false or is_stranger is null)
),

events as (
    select * from int_events
),

stated as (
    select
        appearances.person,
        appearances.domain,
        appearances.is_final,
        events.attendance_state,
        events.engagement_state,
        case
            when events.attendance_state = 'not yet' then 0
            when events.attendance_state = 'known' then appearances.attended
        end as attended,
        case
            when events.engagement_state = 'not yet' then 0
            when events.engagement_state = 'known' then appearances.engaged
        end as engaged,
        case when events.is_recent then 1 else 0 end as is_recent
    from appearances
    inner join events on appearances.airmeet_id = events.airmeet_id
),

final as (
    select
        domain,
        person,
        max(attended) as attended,
        max(engaged) as engaged,
        max(is_recent) as is_recent,
        max(case when is_recent = 1 then attended end) as attended_recently,
        sum(case when attendance_state = 'awaited' then 1 else 0 end) as awaited_attendance,
        sum(case when engagement_state = 'awaited' then 1 else 0 end) as awaited_engagement,
        sum(case when is_recent = 1 and attendance_state = 'awaited' then 1 else 0 end)
            as awaited_recently,
        sum(case when is_final then 0 else 1 end) as unsettled_events
    from stated
    group by domain, person
)

select * from final
