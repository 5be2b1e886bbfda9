"""What the audience said and where: poll_results, question_log, session_engagement."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from .attendees import poll_of
from .facts import Community, Event, Row, ratio
from .times import timed

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def poll_results(community: Community, summaries: list[Row]) -> list[Row]:
    found = []
    for event, summary in zip(community.events, summaries, strict=True):
        polls: dict[tuple[str | None, str], dict[str, list[Row]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in community.polls(event):
            if row["person"] is not None:
                polls[poll_of(row)][row["person"]].append(row)
        for poll, people in polls.items():
            found += _results(community, event, summary, poll, people)
    return found


def _results(
    community: Community,
    event: Event,
    summary: Row,
    poll: tuple[str | None, str],
    people: dict[str, list[Row]],
) -> list[Row]:
    session_id, question = poll
    answers: dict[str | None, set[str]] = defaultdict(set)
    for person, rows in people.items():
        for answer in last_answers(rows):
            answers[answer].add(person)
    answered = {person for person in people if person not in answers.get(None, ())}
    audience = len(answered - event.staff)
    knows = event.has("poll_responses")
    return [
        {
            "airmeet_id": event.id,
            "question": question,
            "answer": answer,
            "is_answered": answer is not None,
            "respondents": len(respondents) if knows else None,
            "share": ratio(len(respondents), len(answered))
            if knows and answer is not None
            else None,
            "participation": ratio(audience, summary["attended"]) if knows else None,
            "session_id": session_id,
            "session": community.session_name(event, session_id),
            "answered": len(answered) if knows else None,
            "result_key": _key(session_id, question, answer),
            **event.tail,
        }
        for answer, respondents in answers.items()
    ]


def _key(*parts: str | None) -> str:
    """A slash within a part is doubled, so that two keys never are the same."""
    if parts[-1] is None:
        parts = parts[:-1]
    return " / ".join((part or "").replace("/", "//") for part in parts)


def last_answers(rows: list[Row]) -> set[str | None]:
    """The choices of a person's last response that has any; null alone where none has."""
    responses: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("answer") is not None:
            responses[row["user_id"], _response(row)].append(row)
    if not responses:
        return {None}

    def place(response: list[Row]) -> Any:
        moment = response[0].get("time_stamp")
        return (
            moment is not None,
            moment or _LONG_AGO,
            _response(response[0]),
            response[0]["user_id"],
        )

    return {row["answer"] for row in max(responses.values(), key=place)}


def _response(row: Row) -> int:
    position = row.get("response_position")
    return int(row["position"] if position is None else position)


def question_log(community: Community) -> list[Row]:
    found = []
    for event in community.events:
        questions = community.of("questions", event)
        for row in questions:
            session_id = row.get("session_id")
            upvotes = row.get("upvote_count") or 0
            rivals = [
                other
                for other in questions
                if other.get("session_id") == session_id
                and (other.get("upvote_count") or 0) > upvotes
            ]
            found.append(
                {
                    "airmeet_id": event.id,
                    "user_id": row["user_id"],
                    "question_number": row["position"],
                    "person": row["person"],
                    "name": row.get("name"),
                    "session_id": session_id,
                    "session": community.session_name(event, session_id),
                    "question": row.get("question"),
                    "upvotes": upvotes,
                    "rank_in_session": len(rivals) + 1,
                    "asked_at": row.get("time_stamp"),
                    **event.tail,
                }
            )
    return found


def session_engagement(
    community: Community, summaries: list[Row], in_sessions: list[Row]
) -> list[Row]:
    people: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in in_sessions:
        people[row["airmeet_id"], row["session_id"]].append(row)
    found = []
    for event, summary in zip(community.events, summaries, strict=True):
        attendance = community.of("session_attendance", event)
        for session in community.of("sessions", event):
            id = session["session_id"]
            came = {row["person"] for row in attendance if row["session_id"] == id} - {None}
            attendees = len(came - event.staff) if event.is_attendance_known else None
            asked = [row for row in community.of("questions", event) if row.get("session_id") == id]
            speakers = [
                row
                for row in community.of("session_people", event)
                if row.get("session_id") == id and row.get("role") == "speaker"
            ]
            found.append(
                {
                    "airmeet_id": event.id,
                    "session_id": id,
                    "name": session.get("name"),
                    "start_time": session.get("start_time"),
                    "minutes": session.get("duration"),
                    "speakers": len(speakers) if event.has("session_people") else None,
                    "attendees": attendees,
                    "reach": ratio(attendees, summary["attended"]),
                    "questions": len(asked) if event.has("questions") else None,
                    "session_status": session.get("status"),
                    **timed(event, people[event.id, id]),
                    **event.tail,
                }
            )
    return found
