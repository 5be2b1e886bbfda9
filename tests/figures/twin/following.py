"""follow_up and certificates: what is said to, and of, each person after an airmeet."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from math import ceil, floor
from typing import Any

from .attendees import poll_of
from .facts import Community, Event, Row, Rule, largest
from .registrations import last_tags
from .said import last_answers

_LAST = datetime.max.replace(tzinfo=UTC)
_HAIR = 1e-9
"""What counts as nothing where measures are compared with what is asked for."""


def follow_up(community: Community, attendees: list[Row], answers: list[Row]) -> list[Row]:
    given: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in answers:
        given[row["airmeet_id"], row["person"]].append(row)
    following = _next_airmeets(community, attendees)
    events = {event.id: event for event in community.events}
    tags = {id: last_tags(community, event) for id, event in events.items()}
    return [
        {
            **_of_attendee(events[row["airmeet_id"]], row),
            **_profile(community, events[row["airmeet_id"]], row["person"]),
            **_tags(tags[row["airmeet_id"]].get(row["person"])),
            **_told(community, events[row["airmeet_id"]], row["person"]),
            "custom_answers": _custom_answers(given[row["airmeet_id"], row["person"]]),
            **_next(following.get(row["person"])),
        }
        for row in attendees
        if not row["is_stranger"]
    ]


def _of_attendee(event: Event, row: Row) -> Row:
    kept = (
        "airmeet_id", "person", "name", "registered_at", "joined_at", "left_at",
        "minutes_attended", "share_attended", "minutes_on_demand", "score", "sessions_attended",
        "polls_answered", "questions_asked", "booths_visited", "domain", "is_staff",
        "cta_clicks", "resources_opened", "engagement_score_airmeet",
        "tables_joined",
    )  # fmt: skip
    email = None if row["person"].startswith("user:") else row["person"]
    return {
        **{name: row[name] for name in kept},
        "person_status": person_status(event, row),
        "email": email,
        **event.tail,
    }


def person_status(event: Event, row: Row) -> str | None:
    attended = row["attended"] == 1
    stayed_away = row["registered"] == 1 and row["attended"] == 0
    statuses = {
        "staff": row["is_staff"],
        "walk_in": attended and row["registered"] == 0,
        "left_early": attended and row["left_early"],
        "attended_late": attended and row["joined_late"],
        "attended": attended,
        "on_demand": row["attended_on_demand"] == 1,
        "no_show": event.is_over and stayed_away and row["registered_after_end"] == 0,
        "registered": row["registered"] == 1,
    }
    return next((status for status, is_so in statuses.items() if is_so), None)


def _profile(community: Community, event: Event, person: str) -> Row:
    columns = ("organisation", "designation", "city", "country")
    return {column: said_of(community, event, person, column) for column in columns}


def said_of(community: Community, event: Event, person: str, column: str) -> Any:
    """As given at registration, else as of the participant."""
    for table in ("registrations", "participants"):
        rows = [row for row in community.of(table, event) if row["person"] == person]
        value = largest(row.get(column) for row in rows)
        if value is not None:
            return value
    return None


def _tags(tag: tuple[str | None, str | None, str | None] | None) -> Row:
    names = ("utm_source", "utm_medium", "utm_campaign")
    return dict(zip(names, tag or (None, None, None), strict=True))


def _plain(text: str) -> str:
    """A semicolon is read as a comma: it parts the things of a list."""
    return text.replace(";", ",")


def _listed(texts: Iterable[str]) -> str | None:
    return "; ".join(texts) or None


def _told(community: Community, event: Event, person: str) -> Row:
    """What the person attended, answered, asked and visited."""
    is_known = {
        "sessions": event.has("session_attendance"),
        "poll_answers": event.has("poll_responses"),
        "questions": event.has("questions"),
        "booths": event.has("booth_attendance"),
    }
    visited = _of(community, "booth_attendance", event, person)
    wished = [row for row in visited if row.get("interested_in_being_contacted")]
    texts = {
        "sessions": _sessions(community, event, person),
        "poll_answers": _poll_answers(community, event, person),
        "questions": _questions(community, event, person),
        "booths": _booths(community, event, visited),
    }
    return {
        **{name: text if is_known[name] else None for name, text in texts.items()},
        "wants_contact": bool(wished) if is_known["booths"] else None,
        "wants_contact_at": _booths(community, event, wished) if is_known["booths"] else None,
    }


def _of(community: Community, table: str, event: Event, person: str) -> list[Row]:
    return [row for row in community.of(table, event) if row["person"] == person]


def _sessions(community: Community, event: Event, person: str) -> str | None:
    attended = {row["session_id"] for row in _of(community, "session_attendance", event, person)}
    named = [
        (row.get("start_time") or _LAST, _plain(row["name"]), row["session_id"])
        for row in community.of("sessions", event)
        if row["session_id"] in attended and row.get("name")
    ]
    return _listed(name for _, name, _ in sorted(named))


def _poll_answers(community: Community, event: Event, person: str) -> str | None:
    polls: dict[tuple[str | None, str], list[Row]] = defaultdict(list)
    for row in community.polls(event):
        if row["person"] == person:
            polls[poll_of(row)].append(row)
    answered = []
    for (session_id, question), rows in polls.items():
        choices = {_plain(answer) for answer in last_answers(rows) if answer is not None}
        if choices:
            text = f"{_plain(question)}: {', '.join(sorted(choices))}"
            answered.append((_plain(question), session_id or "", text))
    return _listed(text for _, _, text in sorted(answered))


def _questions(community: Community, event: Event, person: str) -> str | None:
    asked = [
        (row.get("time_stamp") or _LAST, row["user_id"], row["position"], _plain(row["question"]))
        for row in _of(community, "questions", event, person)
        if row.get("question")
    ]
    return _listed(question for *_, question in sorted(asked))


def _booths(community: Community, event: Event, visited: Sequence[Row]) -> str | None:
    ids = {row["booth_id"] for row in visited}
    named = [
        (_plain(row["name"]), row["booth_id"])
        for row in community.of("booths", event)
        if row["booth_id"] in ids and row.get("name")
    ]
    return _listed(name for name, _ in sorted(named))


def _custom_answers(given: Sequence[Row]) -> str | None:
    fields: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in given:
        if row["answer"]:
            label = _plain(row["label"] or row["field_id"])
            fields[label, row["field_id"]].add(_plain(row["answer"]))
    return _listed(
        f"{label}: {', '.join(sorted(answers))}" for (label, _), answers in sorted(fields.items())
    )


def _next_airmeets(community: Community, attendees: list[Row]) -> dict[str, Event]:
    upcoming = {event.id: event for event in community.events if event.phase == "upcoming"}
    found: dict[str, list[Event]] = defaultdict(list)
    for row in attendees:
        if row["registered"] and row["airmeet_id"] in upcoming:
            found[row["person"]].append(upcoming[row["airmeet_id"]])
    return {
        person: min(events, key=lambda event: (event.start or _LAST, event.id))
        for person, events in found.items()
    }


def _next(event: Event | None) -> Row:
    return {
        "next_airmeet_id": event and event.id,
        "next_event_name": event and event.name,
        "next_event_start": event and event.start,
    }


def certificates(community: Community, attendees: list[Row]) -> list[Row]:
    events = {event.id: event for event in community.events}
    return [
        _certificate(events[row["airmeet_id"]], row) for row in attendees if row["attended"] == 1
    ]


def _certificate(event: Event, row: Row) -> Row:
    columns = ("minutes_attended", "share_attended", "sessions_attended", "polls_answered")
    kept = ("airmeet_id", "person", "name", *columns)
    rules = [rule for rule in event.seeds.rules if rule.airmeet_id == event.id]
    rules = rules or [rule for rule in event.seeds.rules if rule.airmeet_id is None]
    rules = sorted(rules, key=lambda rule: rule.name)
    verdicts = {rule.name: _is_met(rule, row) for rule in rules}
    met = [name for name, verdict in verdicts.items() if verdict]
    unknown = [name for name, verdict in verdicts.items() if verdict is None]
    qualifies: bool | None = None
    missing = None
    if event.is_over:
        qualifies = True if met else (None if unknown else False)
        if not rules:
            missing = "no rule"
        elif not met:
            chosen = (unknown or list(verdicts))[0]
            missing = _missing(next(rule for rule in rules if rule.name == chosen), row)
    return {
        **{name: row[name] for name in kept},
        "qualifies": qualifies,
        "rule": met[0] if met and event.is_over else None,
        "missing": missing,
        **event.tail,
    }


def _asked(rule: Rule, row: Row) -> dict[str, tuple[float, float | None]]:
    """What the rule asks for and what is there, by condition."""
    measures = {
        "min_share": row["share_attended"],
        "min_minutes": row["minutes_attended"],
        "min_sessions": row["sessions_attended"],
        "min_polls": row["polls_answered"],
    }
    return {name: (least, measures[name]) for name, least in rule.asks.items() if least is not None}


def _reaches(least: float, measure: float | None) -> bool | None:
    return None if measure is None else measure > least - _HAIR


def _is_met(rule: Rule, row: Row) -> bool | None:
    verdicts = [_reaches(*pair) for pair in _asked(rule, row).values()]
    return False if False in verdicts else (None if None in verdicts else True)


def _missing(rule: Rule, row: Row) -> str:
    texts: dict[str, Callable[[int, int], str]] = {
        "min_share": lambda there, least: f"{there} % of {least} %",
        "min_minutes": lambda there, least: f"{there} of {least} {_many('minute', least)}",
        "min_sessions": lambda there, least: f"{there} of {least} {_many('session', least)}",
        "min_polls": lambda there, least: f"{there} of {least} {_many('poll', least)}",
    }
    unknown = {
        "min_share": "time not known",
        "min_minutes": "time not known",
        "min_polls": "polls not known",
    }
    found: list[str] = []
    for name, (least, measure) in _asked(rule, row).items():
        if measure is None:
            if unknown[name] not in found:
                found.append(unknown[name])
        elif not _reaches(least, measure):
            scale = 100 if name == "min_share" else 1
            there, asked = floor(scale * measure + _HAIR), ceil(scale * least - _HAIR)
            found.append(texts[name](there, asked))
    return "; ".join(found)


def _many(thing: str, number: int) -> str:
    return thing if number == 1 else f"{thing}s"
