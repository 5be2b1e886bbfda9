-- Everybody who attended an airmeet, and whether a rule of the seed certificate_rules gives them a
-- certificate; staff have no row. An airmeet with rules of its own is judged by these alone, any
-- other by the rules without an airmeet. A rule asks for no less than its columns say, an empty one
-- for nothing; a measure that lacks less than a billionth of 1 counts as reached. A rule is met
-- where each of its conditions is, not met where one of them is known not to be, else not known.
-- grain: airmeet_id, person
-- question: Who has earned a certificate, and what do the others lack?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   person text: Who: the address, trimmed, in lower case; without one `user:<user id>`.
--   name text: The person's name, as in attendee_event.
--   qualifies bool: Whether one of the airmeet's rules is met; null until the airmeet's phase is
--     over, and where none is met but one is not known. False without any rule.
--   rule text: The rule that is met, of several the first in the alphabet; null where none is.
--   missing text: What the person lacks; null where qualifies is true, and until the airmeet is
--     over. `no rule` where there is none; else of one rule, the first in the alphabet of those not
--     known, without such the first of all: each condition that is not met or not known, in this
--     order, parted by `; `. min_share: `60 % of 80 %`; min_minutes: `38 of 48 minutes`; where what
--     either asks for is not known: `time not known`, once; min_sessions: `2 of 3 sessions`;
--     min_polls: `1 of 2 polls`, or `polls not known`. What is there is rounded down to whole
--     numbers and what is asked for rounded up, after a billionth is added to the one and taken off
--     the other. Where 1 is asked for: minute, session, poll.
--   minutes_attended double: Minutes of the held time during which the person was there, so far, as
--     in attendee_event.
--   share_attended double: Share of the held time, 0 to 1, as in attendee_event.
--   sessions_attended bigint: Distinct sessions attended.
--   polls_answered bigint: Distinct polls answered; null while that is not known.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with attendees as (
    select * from attendee_event
    where attended = 1
),

events as (
    select * from int_events
),

rules as (
    select
        rule,
        coalesce(airmeet_id, '') as scope,
        min_share,
        min_minutes,
        min_sessions,
        min_polls
    from seed_certificate_rules
),

scopes as (
    select distinct scope
    from rules
),

-- For each condition 1 where it is met, 0 where it is not, null where that is not known.
measured as (
    select
        attendees.airmeet_id,
        attendees.person,
        attendees.minutes_attended,
        attendees.share_attended,
        attendees.sessions_attended,
        attendees.polls_answered,
        rules.rule,
        rules.min_share,
        rules.min_minutes,
        rules.min_sessions,
        rules.min_polls,
        case
            when rules.min_share is null then 1
            when attendees.share_attended + 0.000000001 >= rules.min_share then 1
            when attendees.share_attended is not null then 0
        end as share_met,
        case
            when rules.min_minutes is null then 1
            when attendees.minutes_attended + 0.000000001 >= rules.min_minutes then 1
            when attendees.minutes_attended is not null then 0
        end as minutes_met,
        case
            when rules.min_sessions > attendees.sessions_attended then 0
            else 1
        end as sessions_met,
        case
            when rules.min_polls is null then 1
            when attendees.polls_answered >= rules.min_polls then 1
            when attendees.polls_answered is not null then 0
        end as polls_met
    from attendees
    left join scopes on attendees.airmeet_id = scopes.scope
    inner join rules on coalesce(scopes.scope, '') = rules.scope
),

judged as (
    select
        measured.*,
        case
            when share_met = 0 or minutes_met = 0 or sessions_met = 0 or polls_met = 0 then 0
            when share_met = 1 and minutes_met = 1 and sessions_met = 1 and polls_met = 1 then 1
        end as met
    from measured
),

verdicts as (
    select
        airmeet_id,
        person,
        max(met) as is_met,
        min(case when met = 1 then rule end) as met_rule,
        min(case when met is null then rule end) as unknown_rule,
        min(rule) as first_rule
    from judged
    group by airmeet_id, person
),

wanted as (
    select
        judged.*,
        cast(floor(100 * share_attended + 0.000000001) as bigint) as share_there,
        cast(ceil(100 * min_share - 0.000000001) as bigint) as share_asked,
        cast(floor(minutes_attended + 0.000000001) as bigint) as minutes_there,
        cast(ceil(min_minutes - 0.000000001) as bigint) as minutes_asked
    from judged
),

lacks as (
    select
        airmeet_id,
        person,
        rule,
        case
            when share_met is null then '; time not known'
            when share_met = 1 then ''
            else
                '; ' || cast(share_there as varchar)
                || ' % of ' || cast(share_asked as varchar) || ' %'
        end
        || case
            when share_met is null and minutes_met is null then ''
            when minutes_met is null then '; time not known'
            when minutes_met = 1 then ''
            else
                '; ' || cast(minutes_there as varchar) || ' of ' || cast(minutes_asked as varchar)
                || case when minutes_asked = 1 then ' minute' else ' minutes' end
        end
        || case
            when sessions_met = 1 then ''
            else
                '; ' || cast(sessions_attended as varchar)
                || ' of ' || cast(cast(min_sessions as bigint) as varchar)
                || case when min_sessions = 1 then ' session' else ' sessions' end
        end
        || case
            when polls_met is null then '; polls not known'
            when polls_met = 1 then ''
            else
                '; ' || cast(polls_answered as varchar)
                || ' of ' || cast(cast(min_polls as bigint) as varchar)
                || case when min_polls = 1 then ' poll' else ' polls' end
        end as missing
    from wanted
),

final as (
    select
        attendees.airmeet_id,
        attendees.person,
        attendees.name,
        case
            when events.phase <> 'over' then null
            when verdicts.is_met = 1 then true
            when verdicts.unknown_rule is null then false
        end as qualifies,
        case when events.phase = 'over' then verdicts.met_rule end as rule,
        case
            when events.phase <> 'over' or verdicts.is_met = 1 then null
            when verdicts.person is null then 'no rule'
            else regexp_replace(lacks.missing, '^; ', '')
        end as missing,
        attendees.minutes_attended,
        attendees.share_attended,
        attendees.sessions_attended,
        attendees.polls_answered,
        attendees.is_final,
        attendees.event_name,
        attendees.start_date,
        attendees.status
    from attendees
    inner join events on attendees.airmeet_id = events.airmeet_id
    left join verdicts
        on attendees.airmeet_id = verdicts.airmeet_id and attendees.person = verdicts.person
    left join lacks
        on
            attendees.airmeet_id = lacks.airmeet_id
            and attendees.person = lacks.person
            and coalesce(verdicts.unknown_rule, verdicts.first_rule) = lacks.rule
)

select * from final
