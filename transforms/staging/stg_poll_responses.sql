-- One row an answer of a person to a poll; `answer` is null where none was given. A poll is a
-- question of a session. `response` numbers what a person was asked: an answer that is a list has
-- several rows.
select
    airmeet_id,
    user_id,
    "position",
    coalesce(response_position, "position") as response,
    person,
    nullif(name, '') as name,
    nullif(trim(question), '') as question,
    nullif(trim(answer), '') as answer,
    nullif(trim(session_id), '') as session_id,
    time_stamp as answered_at
from poll_responses
