-- What people answered on registration forms: one row a value, so several where several were
-- chosen. Values that are an option's code read as what the form displays for it.
-- grain: airmeet_id, person, field_id, value
-- question: What do the people who register say about themselves?
-- rebuilt: airmeet_id
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   person text: The participant: the address, trimmed, in lower case; without one
--     `user:<user id>`.
--   field_id text: The custom field.
--   label text: What the form calls the field; null where the form does not have it any more.
--   value text: The value as it was given.
--   answer text: The value as the form displays it.
--   is_final bool: All of the airmeet's feeds are settled.
--   event_name text: The airmeet's name.
--   start_date date: The day on which it is to start, in its own time zone.
--   status text: The airmeet's status: CREATED, ONGOING, PAUSED, FINISHED, CANCELLED, ARCHIVE.
with answers as (
    select * from stg_participant_answers
),

fields as (
    select * from stg_custom_fields
),

events as (
    select * from int_events
),

options as (
    select * from stg_custom_field_options
),

given as (
    select airmeet_id, person, field_id, value
    from answers
    group by airmeet_id, person, field_id, value
    -- Not before grouping: some engines would work out each address twice.
    having count(person) > 0
),

final as (
    select
        given.airmeet_id,
        given.person,
        given.field_id,
        fields.label,
        given.value,
        coalesce(nullif(options.display_value, ''), given.value) as answer,
        coalesce(events.is_final, false) as is_final,
        events.event_name,
        events.start_date,
        events.status
    from given
    left join fields
        on given.airmeet_id = fields.airmeet_id and given.field_id = fields.field_id
    left join options
        on
            given.airmeet_id = options.airmeet_id
            and given.field_id = options.field_id
            and given.value = options.code
    left join events on given.airmeet_id = events.airmeet_id
)

select * from final
