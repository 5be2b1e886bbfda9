-- What people answered on registration forms: one row a value, so several where several were
-- chosen. Values that are an option's code read as what the form displays for it.
-- grain: airmeet_id, person, field_id, value
-- question: What do the people who register tell us about themselves?
-- executed: columns are cast to the types given here, the grain is checked for duplicates
-- columns:
--   airmeet_id text: The airmeet.
--   person text: The participant's address, trimmed, in lower case.
--   field_id text: The custom field.
--   label text: What the form calls the field; null where the form does not have it any more.
--   value text: The value as it was given.
--   answer text: The value as the form displays it.
--   is_final bool: All of the airmeet's feeds are settled.

-- Options are JSON as text. Spaces differ between engines, so they are taken out around the marks;
-- `\"` within a string is set aside while strings end at the next quote.
with answers as (
    select * from stg_participant_answers
),

fields as (
    select * from stg_custom_fields
),

feeds_known as (
    select * from int_feeds
),

options as (
    select
        airmeet_id,
        field_id,
        label,
        replace(
            replace(replace(replace(options, '\"', '¤'), '": "', '":"'), '", "', '","'), '\/', '/'
        ) as options
    from fields
),

given as (
    select airmeet_id, person, field_id, value
    from answers
    group by airmeet_id, person, field_id, value
    -- Not before grouping: some engines would work out each address twice.
    having count(person) > 0
),

choices as (
    select distinct airmeet_id, field_id, value
    from given
),

displayed as (
    select
        choices.airmeet_id,
        choices.field_id,
        choices.value,
        options.label,
        split_part(
            split_part(
                replace(
                    options.options,
                    '"code":"' || replace(choices.value, '"', '¤') || '","displayValue":"',
                    '¤¤'
                ),
                '¤¤',
                2
            ),
            '"',
            1
        ) as displayed
    from choices
    inner join options
        on choices.airmeet_id = options.airmeet_id and choices.field_id = options.field_id
),

final as (
    select
        given.airmeet_id,
        given.person,
        given.field_id,
        displayed.label,
        given.value,
        coalesce(nullif(replace(displayed.displayed, '¤', '"'), ''), given.value) as answer,
        coalesce(feeds_known.is_final, false) as is_final
    from given
    left join displayed
        on
            given.airmeet_id = displayed.airmeet_id
            and given.field_id = displayed.field_id
            and given.value = displayed.value
    left join feeds_known on given.airmeet_id = feeds_known.airmeet_id
)

select * from final
