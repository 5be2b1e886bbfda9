-- Each call to action of an airmeet that was clicked: how often, by how many, and by which share of
-- the attendees. Clicks are what Airmeet's webhooks delivered. Nothing is promised of these, so
-- there may have been more. A delivery that came twice is one click.
-- grain: airmeet_id, cta_key
-- question: Which call to action works?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   cta_key text: The call: its text, ` / ` and its link; slashes within either are doubled.
--   cta_text text: What the call to action says; null where the webhook does not say.
--   cta_link text: Where it leads; null where the webhook does not say.
--   clicks bigint: Clicks, staff's and those of nobody known too.
--   people bigint: Distinct people who clicked, staff too.
--   attendees bigint: Of these, those who attended and are no staff; null while attendance or staff
--     are not known.
--   share_of_attendees double: attendees ÷ attended of event_summary, 0 to 1; null where that is 0
--     or not known.
--   first_clicked_at timestamp: The first click; where a webhook does not say when, when it came.
--   last_clicked_at timestamp: The last click, likewise.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with events as (
    select * from int_events
),

summaries as (
    select airmeet_id, attended from event_summary
),

attendees as (
    select airmeet_id, person
    from attendee_event
    where attended = 1
),

clicks as (
    select
        stg_cta_clicks.*,
        replace(coalesce(cta_text, ''), '/', '//')
        || ' / '
        || replace(coalesce(cta_link, ''), '/', '//') as cta_key
    from stg_cta_clicks
),

clicked as (
    select
        airmeet_id,
        cta_key,
        cta_text,
        cta_link,
        count(*) as clicks,
        min(clicked_at) as first_clicked_at,
        max(clicked_at) as last_clicked_at
    from clicks
    group by airmeet_id, cta_key, cta_text, cta_link
),

clickers as (
    select distinct airmeet_id, cta_key, person
    from clicks
    where person is not null
),

people as (
    select
        clickers.airmeet_id,
        clickers.cta_key,
        count(*) as people,
        count(attendees.person) as attendees
    from clickers
    left join attendees
        on clickers.airmeet_id = attendees.airmeet_id and clickers.person = attendees.person
    group by clickers.airmeet_id, clickers.cta_key
),

final as (
    select
        clicked.airmeet_id,
        clicked.cta_key,
        clicked.cta_text,
        clicked.cta_link,
        clicked.clicks,
        coalesce(people.people, 0) as people,
        case when events.has_attendance = 1 then coalesce(people.attendees, 0) end as attendees,
        cast(coalesce(people.attendees, 0) as double) / nullif(summaries.attended, 0)
            as share_of_attendees,
        clicked.first_clicked_at,
        clicked.last_clicked_at,
        coalesce(events.is_final, false) as is_final,
        events.event_name,
        events.start_date,
        events.status
    from clicked
    left join people
        on clicked.airmeet_id = people.airmeet_id and clicked.cta_key = people.cta_key
    left join events on clicked.airmeet_id = events.airmeet_id
    left join summaries on clicked.airmeet_id = summaries.airmeet_id
)

select * from final
