-- What people answered on registration forms: one row a value, so several where several were
-- chosen. Values that are an option's code read as what the form displays for it.
-- grain: airmeet_id, person, field_id, value
-- question: What do the people who register tell us about themselves?
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
    select * from stg_feeds
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

labelled as (
    select distinct
        answers.airmeet_id,
        answers.person,
        answers.field_id,
        options.label,
        answers.value,
        split_part(
            split_part(
                options.options,
                '"code":"' || replace(answers.value, '"', '¤') || '","displayValue":"',
                2
            ),
            '"',
            1
        ) as displayed
    from answers
    left join options
        on answers.airmeet_id = options.airmeet_id and answers.field_id = options.field_id
    where answers.person is not null
),

final as (
    select
        labelled.airmeet_id,
        labelled.person,
        labelled.field_id,
        labelled.label,
        labelled.value,
        coalesce(nullif(replace(labelled.displayed, '¤', '"'), ''), labelled.value) as answer,
        coalesce(feeds_known.is_final, false) as is_final
    from labelled
    left join feeds_known on labelled.airmeet_id = feeds_known.airmeet_id
)

select * from final
