-- The main figures of each airmeet that is over, beside those of the one before it in its series
-- and of the last ones of all. One row an airmeet that is over and figure, whether the figure is
-- known or not.
--
-- Earlier airmeets are those that are over and whose start_time is before this one's; an airmeet
-- without a start has none and is none. Of the same series are airmeets that Airmeet has in one
-- series; where there is none earlier in those, or Airmeet has it in no series, airmeets of one
-- name stem (see int_name_stems): the name in lower case without punctuation, months, ordinals,
-- digits and so years. Where nothing is left of the name, the airmeet is of no series by its name.
-- grain: airmeet_id, figure
-- question: Was it better than the last one, and than usual?
-- rebuilt: whole
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   figure text: A column of event_summary: registered, attended, attendance_rate, no_shows,
--     walk_ins, engagement_rate, questions_asked, poll_respondents, booth_visits, average_minutes,
--     stayed_share or attended_on_demand.
--   value double: The figure of this airmeet, as event_summary has it; null while not known.
--   previous_airmeet_id text: Of the earlier airmeets of its series the one that started last; of
--     several that started then, the last by airmeet_id. It is the same for all figures.
--   previous_event_name text: Its name.
--   previous_value double: Its figure; null where that is not known.
--   change double: value − previous_value.
--   change_share double: change ÷ previous_value; null where that is 0.
--   direction text: up or down by change; same where it is less than a billionth either way.
--   median_of_last double: Median of the figure of the ten earlier airmeets, of any series, that
--     started last of those that know it, or of all where they are fewer; of several that started
--     at once, the last by airmeet_id come first. Of an even number it is the mean of the two in
--     the middle.
--   median_events bigint: How many these are, 0 to 10; null where this one's start is not known.
--   change_from_median double: value − median_of_last.
--   direction_from_median text: As direction, by change_from_median.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
--   is_final bool: All of the airmeet's feeds are settled.
--   compared_by text: By what the airmeet before it was found: series or name; null where there is
--     none.
with summaries as (
    select * from event_summary
    where phase = 'over'
),

stems as (
    select * from int_name_stems
),

editions as (
    select * from int_editions
),

numbers as (
    select * from int_numbers
    where number < 10
),

figures as (
    select 'registered' as figure
    union all select 'attended'
    union all select 'attendance_rate'
    union all select 'no_shows'
    union all select 'walk_ins'
    union all select 'engagement_rate'
    union all select 'questions_asked'
    union all select 'poll_respondents'
    union all select 'booth_visits'
    union all select 'average_minutes'
    union all select 'stayed_share'
    union all select 'attended_on_demand'
),

-- The last airmeet of each moment at which one of a series started, and that of the moment before.
starts as (
    select
        stems.name_stem,
        summaries.start_time,
        max(summaries.airmeet_id) as airmeet_id
    from summaries
    inner join stems on summaries.airmeet_id = stems.airmeet_id
    where stems.name_stem is not null and summaries.start_time is not null
    group by stems.name_stem, summaries.start_time
),

followed as (
    select
        name_stem,
        start_time,
        lag(airmeet_id) over (partition by name_stem order by start_time) as previous_airmeet_id
    from starts
),

-- The same by Airmeet's own series; of several that an airmeet is in, the one whose last airmeet
-- before it started last.
series_starts as (
    select
        editions.series_id,
        summaries.start_time,
        max(summaries.airmeet_id) as airmeet_id
    from summaries
    inner join editions on summaries.airmeet_id = editions.airmeet_id
    where summaries.start_time is not null
    group by editions.series_id, summaries.start_time
),

series_followed as (
    select
        series_id,
        start_time,
        lag(airmeet_id) over (partition by series_id order by start_time) as previous_airmeet_id,
        lag(start_time) over (partition by series_id order by start_time) as previous_start_time
    from series_starts
),

in_series as (
    select
        summaries.airmeet_id,
        series_followed.previous_airmeet_id,
        row_number() over (
            partition by summaries.airmeet_id
            order by
                series_followed.previous_start_time desc,
                series_followed.previous_airmeet_id desc
        ) as place
    from summaries
    inner join editions on summaries.airmeet_id = editions.airmeet_id
    inner join series_followed
        on
            editions.series_id = series_followed.series_id
            and summaries.start_time = series_followed.start_time
    where series_followed.previous_airmeet_id is not null
),

preceded as (
    select
        summaries.airmeet_id,
        coalesce(in_series.previous_airmeet_id, followed.previous_airmeet_id)
            as previous_airmeet_id,
        case
            when in_series.previous_airmeet_id is not null then 'series'
            when followed.previous_airmeet_id is not null then 'name'
        end as compared_by
    from summaries
    left join in_series on summaries.airmeet_id = in_series.airmeet_id and in_series.place = 1
    left join stems on summaries.airmeet_id = stems.airmeet_id
    left join followed
        on stems.name_stem = followed.name_stem and summaries.start_time = followed.start_time
),

valued as (
    select
        summaries.airmeet_id,
        figures.figure,
        summaries.start_time,
        summaries.event_name,
        summaries.start_date,
        summaries.status,
        summaries.is_final,
        case figures.figure
            when 'registered' then cast(summaries.registered as double)
            when 'attended' then cast(summaries.attended as double)
            when 'attendance_rate' then summaries.attendance_rate
            when 'no_shows' then cast(summaries.no_shows as double)
            when 'walk_ins' then cast(summaries.walk_ins as double)
            when 'engagement_rate' then summaries.engagement_rate
            when 'questions_asked' then cast(summaries.questions_asked as double)
            when 'poll_respondents' then cast(summaries.poll_respondents as double)
            when 'booth_visits' then cast(summaries.booth_visits as double)
            when 'average_minutes' then summaries.average_minutes
            when 'stayed_share' then summaries.stayed_share
            else cast(summaries.attended_on_demand as double)
        end as value
    from summaries
    cross join figures
),

-- The airmeets that know a figure, numbered as they started, and how many started before each
-- moment: the last ten of these are those to compare with.
known as (
    select
        figure,
        value,
        row_number() over (partition by figure order by start_time, airmeet_id) as place
    from valued
    where value is not null and start_time is not null
),

moments as (
    select
        figure,
        start_time,
        count(value) as events
    from valued
    where start_time is not null
    group by figure, start_time
),

counted as (
    select
        figure,
        start_time,
        coalesce(
            sum(events) over (
                partition by figure
                order by start_time
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as earlier_events
    from moments
),

-- Distinct, for else engines look for places among all that a figure has.
wanted as (
    select distinct
        counted.figure,
        counted.start_time,
        counted.earlier_events - numbers.number as place
    from counted
    cross join numbers
    where numbers.number < counted.earlier_events
),

ranked as (
    select
        wanted.figure,
        wanted.start_time,
        known.value,
        row_number() over (
            partition by wanted.figure, wanted.start_time order by known.value
        ) as rank_number,
        count(*) over (partition by wanted.figure, wanted.start_time) as ranks
    from wanted
    inner join known on wanted.figure = known.figure and wanted.place = known.place
),

medians as (
    select
        figure,
        start_time,
        avg(case when rank_number * 2 between ranks and ranks + 2 then value end) as median_of_last,
        count(*) as median_events
    from ranked
    group by figure, start_time
),

compared as (
    select
        valued.*,
        previous.airmeet_id as previous_airmeet_id,
        previous.event_name as previous_event_name,
        previous.value as previous_value,
        preceded.compared_by,
        medians.median_of_last,
        case when valued.start_time is not null then coalesce(medians.median_events, 0) end
            as median_events,
        valued.value - previous.value as change,
        valued.value - medians.median_of_last as change_from_median
    from valued
    left join preceded on valued.airmeet_id = preceded.airmeet_id
    left join valued as previous
        on
            preceded.previous_airmeet_id = previous.airmeet_id
            and valued.figure = previous.figure
    left join medians
        on valued.figure = medians.figure and valued.start_time = medians.start_time
),

final as (
    select
        compared.*,
        change / nullif(previous_value, 0) as change_share,
        case
            when abs(change) < 0.000000001 then 'same'
            when change > 0 then 'up'
            when change < 0 then 'down'
        end as direction,
        case
            when abs(change_from_median) < 0.000000001 then 'same'
            when change_from_median > 0 then 'up'
            when change_from_median < 0 then 'down'
        end as direction_from_median
    from compared
)

select * from final
