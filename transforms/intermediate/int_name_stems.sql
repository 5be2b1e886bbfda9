-- One row an airmeet: `name_stem`, what is left of its name where events of one series differ no
-- more; null where nothing is left.
--
-- In lower case, as the database knows it; punctuation is a space. Left out are words that are a
-- month in English (in full, or its first three letters; sept), with digits beside it or not, an
-- ordinal (1st, 22nd, first to twelfth), and all digits, years with them. Words are one space
-- apart.
with spaced as (
    select
        airmeet_id,
        ' ' || replace(
            regexp_replace(
                lower(name), '[]\s!"#$%&''()*+,./:;<=>?@\[\\^_`{|}~–—’‘“”„•·…™®-]+', ' ', 'g'
            ),
            ' ',
            '  '
        ) || ' ' as words
    from stg_airmeets
),

-- Each word has its own two spaces, so that one pattern finds words that follow each other.
general as (
    select
        airmeet_id,
        regexp_replace(
            regexp_replace(
                words,
                ' ([0-9]+(st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth'
                || '|tenth|eleventh|twelfth|[0-9]*(january|february|march|april|may|june|july'
                || '|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep'
                || '|sept|oct|nov|dec)[0-9]*) ',
                ' ',
                'g'
            ),
            '[ 0-9]+',
            ' ',
            'g'
        ) as words
    from spaced
),

final as (
    select
        airmeet_id,
        nullif(trim(words), '') as name_stem
    from general
)

select * from final
