-- How far people went at each airmeet, stage by stage; each stage counts those who passed all
-- before it, so it never exceeds the one before. Staff, and who registered after the end, are left
-- out, so the share at attended is the attendance rate.
-- grain: airmeet_id, stage
-- question: Where do people drop out between registering and visiting a booth?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   stage text: registered, attended, attended_session, interacted (polls or questions),
--     visited_booth.
--   stage_number bigint: Position of the stage, from 1.
--   people bigint: People who reached the stage, so far.
--   share_of_registered double: people ÷ people of stage 1, 0 to 1; null until the airmeet is over.
--   share_of_previous double: people ÷ people of the stage before, 0 to 1; null for stage 1, and
--     until the airmeet is over.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with events as (
    select * from int_events
),

summaries as (
    select * from event_summary
),

people as (
    select * from attendee_event
    where is_staff = false and registered_after_end = 0
),

stages as (
    select 1 as stage_number, 'registered' as stage
    union all select 2, 'attended'
    union all select 3, 'attended_session'
    union all select 4, 'interacted'
    union all select 5, 'visited_booth'
),

reached as (
    select
        airmeet_id,
        case
            when registered is null or registered = 0 then 0
            when attended is null or attended = 0 then 1
            when sessions_attended is null or sessions_attended = 0 then 2
            when polls_answered is null or questions_asked is null then 3
            when polls_answered + questions_asked = 0 then 3
            when booths_visited is null or booths_visited = 0 then 4
            else 5
        end as stage_number
    from people
),

counts as (
    select
        airmeet_id,
        sum(case when stage_number >= 1 then 1 else 0 end) as registered,
        sum(case when stage_number >= 2 then 1 else 0 end) as attended,
        sum(case when stage_number >= 3 then 1 else 0 end) as attended_session,
        sum(case when stage_number >= 4 then 1 else 0 end) as interacted,
        sum(case when stage_number >= 5 then 1 else 0 end) as visited_booth
    from reached
    group by airmeet_id
),

known as (
    select
        events.airmeet_id,
        events.event_name,
        events.start_date,
        events.status,
        events.phase,
        events.is_final,
        case
            when events.has_audience is null or summaries.registered_after_end is null then 0
            when events.has_attendance is null then 1
            when events.has_session_attendance is null then 2
            when events.has_polls is null or events.has_questions is null then 3
            when events.has_booth_attendance is null then 4
            else 5
        end as known_stages
    from events
    left join summaries on events.airmeet_id = summaries.airmeet_id
),

staged as (
    select
        known.airmeet_id,
        stages.stage,
        stages.stage_number,
        known.event_name,
        known.start_date,
        known.status,
        known.phase,
        known.is_final,
        case
            when known.known_stages >= stages.stage_number
                then coalesce(
                    case stages.stage_number
                        when 1 then counts.registered
                        when 2 then counts.attended
                        when 3 then counts.attended_session
                        when 4 then counts.interacted
                        else counts.visited_booth
                    end,
                    0
                )
        end as people
    from known
    cross join stages
    left join counts on known.airmeet_id = counts.airmeet_id
),

final as (
    select
        staged.airmeet_id,
        staged.stage,
        staged.stage_number,
        staged.people,
        case
            when staged.phase = 'over'
                then cast(staged.people as double) / nullif(first_stage.people, 0)
        end as share_of_registered,
        case
            when staged.phase = 'over'
                then cast(staged.people as double) / nullif(previous_stage.people, 0)
        end as share_of_previous,
        staged.event_name,
        staged.start_date,
        staged.status,
        staged.is_final
    from staged
    left join staged as first_stage
        on staged.airmeet_id = first_stage.airmeet_id and first_stage.stage_number = 1
    left join staged as previous_stage
        on
            staged.airmeet_id = previous_stage.airmeet_id
            and staged.stage_number = previous_stage.stage_number + 1
)

select * from final
