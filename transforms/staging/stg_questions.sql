-- One row a question that somebody asked.
select
    airmeet_id,
    user_id,
    "position",
    person,
    nullif(name, '') as name,
    nullif(question, '') as question,
    nullif(trim(session_id), '') as session_id,
    coalesce(upvote_count, 0) as upvotes,
    time_stamp as asked_at
from questions
