-- The airmeets of each of Airmeet's series, side by side: what came of each edition, what is other
-- than at the edition before, and who came back. One row a series and airmeet of it; an airmeet in
-- two series has two rows, a series without airmeets none. Empty where Airmeet's gateway was not
-- asked, and where the plan has no series.
--
-- Editions are the airmeets of a series that are not cancelled or withdrawn and whose start is
-- known, numbered as they start; of several that start at once, by airmeet_id.
-- grain: series_id, airmeet_id
-- question: Does the series grow from edition to edition, and who comes back?
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   series_id text: The series.
--   airmeet_id text: The airmeet.
--   series_name text: The series' name; null where it is not known.
--   edition_number bigint: Its place among the editions of the series, from 1; null where it is
--     none.
--   editions bigint: How many editions the series has.
--   first_start_time timestamp: When the first of them is to start, or did.
--   last_start_time timestamp: When the last of them is to start, or did.
--   event_name text: The airmeet's name; beside the series, where Airmeet's list never had it.
--   start_time timestamp: When it is to start; likewise.
--   start_date date: The day on which it is to start, in its own time zone; null likewise, as all
--     further figures are of an airmeet that Airmeet's list never had.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   phase text: upcoming, ongoing, over, cancelled or withdrawn, as in event_summary.
--   registered bigint: As in event_summary.
--   attended bigint: As in event_summary.
--   attendance_rate double: As in event_summary.
--   no_shows bigint: As in event_summary.
--   engagement_rate double: As in event_summary.
--   average_minutes double: As in event_summary.
--   attended_on_demand bigint: As in event_summary.
--   previous_airmeet_id text: The edition before it; null at the first one.
--   registered_change bigint: registered less that of the edition before; null until both are over,
--     as the next two are.
--   attended_change bigint: attended less that of the edition before.
--   attendance_rate_change double: attendance_rate less that of the edition before.
--   earlier_known bigint: Earlier editions of which attendance is known; null where this is no
--     edition.
--   returning_attendees bigint: Of attended, those who attended an earlier edition whose attendance
--     is known; null where attended is, and where earlier_known is 0 or null.
--   new_attendees bigint: attended − returning_attendees.
--   returning_share double: returning_attendees ÷ attended, 0 to 1; null where attended is 0.
--   kept_attendees bigint: Of attended, those who attended the edition before; null where the
--     attendance of either is not known.
--   kept_share double: kept_attendees ÷ attended of the edition before, 0 to 1; null where that is
--     0 and until this one is over.
--   series_registrants bigint: Distinct people who registered for an edition, staff too, of those
--     whose registrations are known; null where none is. The same in all rows of a series, as the
--     next three are.
--   series_attendees bigint: Distinct people, no staff, who attended an edition so far, of those
--     whose attendance is known; null where none is.
--   series_returning bigint: Of those, the ones who attended two editions or more.
--   series_attendance_rate double: Σ attended_registered ÷ Σ of those expected (see
--     attendance_rate of event_summary) over the editions whose attendance_rate is known; null
--     where none is.
--   is_final bool: All of the airmeet's feeds are settled; who came back may change with other
--     editions. Null where Airmeet's list never had it.
with listed as (
    select * from int_editions
),

names as (
    select series_id, max(nullif(trim(name), '')) as series_name
    from stg_event_series
    group by series_id
),

summaries as (
    select * from event_summary
),

people as (
    select airmeet_id, person, registered, attended
    from attendee_event
    where
        (registered = 1 or attended = 1)
        and airmeet_id in (select airmeet_id from listed)
),

placed as (
    select
        listed.series_id,
        listed.airmeet_id,
        listed.edition_number,
        listed.event_name,
        listed.start_time,
        summaries.start_date,
        summaries.status,
        summaries.phase,
        summaries.registered,
        summaries.attended,
        summaries.attended_registered,
        summaries.attendance_rate,
        summaries.no_shows,
        summaries.engagement_rate,
        summaries.average_minutes,
        summaries.attended_on_demand,
        summaries.is_final,
        summaries.registered - summaries.staff_registered - summaries.registered_after_end
            as expected
    from listed
    left join summaries on listed.airmeet_id = summaries.airmeet_id
),

editions as (
    select * from placed
    where edition_number is not null
),

-- Each edition that somebody attended, in order; and the one before it that they did.
attended as (
    select
        editions.series_id,
        editions.airmeet_id,
        editions.edition_number,
        lag(editions.edition_number) over (
            partition by editions.series_id, people.person order by editions.edition_number
        ) as last_edition,
        row_number() over (
            partition by editions.series_id, people.person order by editions.edition_number
        ) as times_attended
    from editions
    inner join people on editions.airmeet_id = people.airmeet_id
    where people.attended = 1
),

returned as (
    select
        series_id,
        airmeet_id,
        sum(case when last_edition is not null then 1 else 0 end) as returning_attendees,
        sum(case when last_edition = edition_number - 1 then 1 else 0 end) as kept_attendees
    from attended
    group by series_id, airmeet_id
),

reached as (
    select
        series_id,
        sum(case when times_attended = 1 then 1 else 0 end) as series_attendees,
        sum(case when times_attended = 2 then 1 else 0 end) as series_returning
    from attended
    group by series_id
),

registrants as (
    select editions.series_id, count(distinct people.person) as series_registrants
    from editions
    inner join people on editions.airmeet_id = people.airmeet_id
    where people.registered = 1
    group by editions.series_id
),

totals as (
    select
        series_id,
        count(*) as editions,
        min(start_time) as first_start_time,
        max(start_time) as last_start_time,
        count(registered) as registrations_known,
        count(attended) as attendance_known,
        sum(case when attendance_rate is not null then attended_registered end) as came,
        sum(case when attendance_rate is not null then expected end) as expected
    from editions
    group by series_id
),

followed as (
    select
        series_id,
        airmeet_id,
        lag(airmeet_id) over (partition by series_id order by edition_number)
            as previous_airmeet_id,
        count(attended) over (
            partition by series_id
            order by edition_number
            rows between unbounded preceding and current row
        ) - case when attended is null then 0 else 1 end as earlier_known
    from editions
),

compared as (
    select
        placed.*,
        names.series_name,
        followed.previous_airmeet_id,
        followed.earlier_known,
        previous.attended as previous_attended,
        totals.first_start_time,
        totals.last_start_time,
        coalesce(totals.editions, 0) as editions,
        case
            when placed.phase = 'over' and previous.phase = 'over'
                then placed.registered - previous.registered
        end as registered_change,
        case
            when placed.phase = 'over' and previous.phase = 'over'
                then placed.attended - previous.attended
        end as attended_change,
        case
            when placed.phase = 'over' and previous.phase = 'over'
                then placed.attendance_rate - previous.attendance_rate
        end as attendance_rate_change,
        case
            when placed.attended is not null and followed.earlier_known > 0
                then coalesce(returned.returning_attendees, 0)
        end as returning_attendees,
        case
            when placed.attended is not null and previous.attended is not null
                then coalesce(returned.kept_attendees, 0)
        end as kept_attendees,
        case
            when totals.registrations_known > 0 then coalesce(registrants.series_registrants, 0)
        end as series_registrants,
        case when totals.attendance_known > 0 then coalesce(reached.series_attendees, 0) end
            as series_attendees,
        case when totals.attendance_known > 0 then coalesce(reached.series_returning, 0) end
            as series_returning,
        cast(totals.came as double) / nullif(totals.expected, 0) as series_attendance_rate
    from placed
    left join names on placed.series_id = names.series_id
    left join totals on placed.series_id = totals.series_id
    left join reached on placed.series_id = reached.series_id
    left join registrants on placed.series_id = registrants.series_id
    left join followed
        on placed.series_id = followed.series_id and placed.airmeet_id = followed.airmeet_id
    left join returned
        on placed.series_id = returned.series_id and placed.airmeet_id = returned.airmeet_id
    left join placed as previous
        on
            followed.series_id = previous.series_id
            and followed.previous_airmeet_id = previous.airmeet_id
),

final as (
    select
        compared.*,
        attended - returning_attendees as new_attendees,
        cast(returning_attendees as double) / nullif(attended, 0) as returning_share,
        case
            when phase = 'over' then cast(kept_attendees as double) / nullif(previous_attended, 0)
        end as kept_share
    from compared
)

select * from final
