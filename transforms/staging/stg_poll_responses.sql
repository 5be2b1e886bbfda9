-- One row a poll shown to a person; `answer` is null where it was not answered.
select
    airmeet_id,
    user_id,
    "position",
    person,
    name,
    question,
    nullif(trim(answer), '') as answer,
    session_id,
    time_stamp as answered_at
from poll_responses
