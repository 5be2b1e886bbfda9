"""segments and session_flow: people by what they say of themselves, and by where they went."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import fmean
from typing import Any

from .facts import Community, Event, Row, ratio
from .registrations import last_tags

_NONE = "(none)"
_AS_SPACES = str.maketrans(dict.fromkeys(",;:./\\|()-_&+'\"", " "))

Key = tuple[str, str, str]
"""An airmeet, a dimension and a person."""


def segments(community: Community, attendees: list[Row], answers: list[Row]) -> list[Row]:
    given: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in answers:
        given[row["airmeet_id"], row["person"]].append(row)
    people = {
        event.id: [
            row
            for row in attendees
            if row["airmeet_id"] == event.id
            and not row["is_staff"]
            and (row["registered"] == 1 or row["attended"] == 1)
        ]
        for event in community.events
    }
    values: dict[Key, set[str]] = {}
    for event in community.events:
        values |= _values(community, event, people[event.id], given)
    shown = _spellings(values)
    found = []
    for event in community.events:
        groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
        dimensions = sorted({key[1] for key in values if key[0] == event.id})
        for row in people[event.id]:
            for dimension in dimensions:
                said = values.get((event.id, dimension, row["person"]), {_NONE})
                for value in {shown[dimension, one.lower()] for one in said}:
                    groups[dimension, value].append(row)
        found += [_segment(event, *key, members) for key, members in groups.items()]
    return found


def _values(
    community: Community,
    event: Event,
    people: Sequence[Row],
    given: Mapping[tuple[str, str], list[Row]],
) -> dict[Key, set[str]]:
    """What people say, by dimension, of all dimensions that the airmeet has."""
    found: dict[Key, set[str]] = {}

    def say(dimension: str, person: str, value: str | None) -> None:
        found.setdefault((event.id, dimension, person), set()).add(value or _NONE)

    tags = last_tags(community, event)
    has_answers = event.status_of("participants") == "loaded"
    is_hybrid = any(row["attendance_type"] for row in people)
    fields: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in people:
        person = row["person"]
        say("country", person, _stated(community, event, person, "country"))
        say("organisation", person, _stated(community, event, person, "organisation"))
        designation = _stated(community, event, person, "designation")
        say("role_group", person, designation and _role(community, designation))
        is_free = row["domain"] in community.seeds.free_mail
        kind = "none" if row["domain"] is None else ("free mail" if is_free else "business")
        say("domain_kind", person, kind)
        if event.status_of("registration_utms") == "loaded":
            say("campaign", person, tags.get(person, (None, None, None))[2])
        if is_hybrid:
            say("attendance_type", person, row["attendance_type"])
        for answer in given.get((event.id, person), ()):
            if (text := (answer["answer"] or "").strip()) and has_answers:
                label = (answer["label"] or "").strip() or answer["field_id"]
                fields[label][person].add(text)
    for label, told in fields.items():
        for row in people:
            for text in told.get(row["person"], {_NONE}):
                say(f"field: {label}", row["person"], text)
    return found


def _stated(community: Community, event: Event, person: str, column: str) -> str | None:
    for table in ("registrations", "participants"):
        rows = [row for row in community.of(table, event) if row["person"] == person]
        given = [text for row in rows if (text := (row.get(column) or "").strip())]
        if given:
            return max(given)
    return None


def _role(community: Community, designation: str) -> str:
    words = f" {_words(designation)} "
    return next(
        (role for keyword, role in community.seeds.roles if f" {_words(keyword)} " in words),
        "other",
    )


def _words(text: str) -> str:
    return " ".join(text.lower().translate(_AS_SPACES).split())


def _spellings(values: Mapping[Key, set[str]]) -> dict[tuple[str, str], str]:
    """How each value is shown in its dimension: as most people spell it."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (_, dimension, _), texts in values.items():
        # Who gives it in several spellings counts for the first in the alphabet.
        for text in {text.lower(): text for text in sorted(texts, reverse=True)}.values():
            counts[dimension, text.lower()][text] += 1
    return {
        key: min(spelled, key=lambda text: (-spelled[text], text))
        for key, spelled in counts.items()
    }


def _segment(event: Event, dimension: str, value: str, people: Sequence[Row]) -> Row:
    came = [row for row in people if row["attended"] == 1]
    has_registered = event.has("registrations") and event.are_staff_known
    knows = event.is_attendance_known
    registered = sum(row["registered"] or 0 for row in people) if has_registered else None
    late = [row["registered_after_end"] for row in people if row["registered"] == 1]
    after_end = None if None in late or not has_registered else sum(late)
    both = sum(row["registered"] or 0 for row in came)
    attended_registered = both if knows and has_registered else None
    engaged = sum(row["engaged"] for row in came) if event.is_engagement_known else None
    minutes = [row["minutes_attended"] for row in came if row["minutes_attended"] is not None]
    rate = None
    if event.is_over and registered is not None and after_end is not None:
        rate = ratio(attended_registered, registered - after_end)
    return {
        "airmeet_id": event.id,
        "dimension": dimension,
        "value": value,
        "registered": registered,
        "attended": len(came) if knows else None,
        "attended_registered": attended_registered,
        "registered_after_end": after_end,
        "attendance_rate": rate,
        "engaged": engaged,
        "engagement_rate": ratio(engaged, len(came)) if event.is_over else None,
        "timed_attendees": len(minutes) if knows else None,
        "average_minutes": fmean(minutes) if minutes else None,
        **event.tail,
    }


def session_flow(community: Community, in_sessions: list[Row]) -> list[Row]:
    found = []
    for event in community.events:
        if not event.is_attendance_known:
            continue
        starts = {
            row["session_id"]: row.get("start_time") for row in community.of("sessions", event)
        }
        ways: dict[str, list[tuple[Any, str]]] = defaultdict(list)
        for row in in_sessions:
            if row["airmeet_id"] == event.id and row["attended"] == 1:
                moment = row["joined_at"] or starts.get(row["session_id"])
                ways[row["person"]].append((_place(moment), row["session_id"]))
        steps: Counter[tuple[str, str]] = Counter()
        for way in ways.values():
            stops = ["(start)", *(session_id for _, session_id in sorted(way)), "(end)"]
            steps.update(pairwise(stops))
        left: Counter[str] = Counter()
        for (origin, _), people in steps.items():
            left[origin] += people
        for (origin, target), people in steps.items():
            found.append(
                {
                    "airmeet_id": event.id,
                    "from_session": origin,
                    "to_session": target,
                    "people": people,
                    "share": people / left[origin],
                    "from_session_name": _name(community, event, origin),
                    "to_session_name": _name(community, event, target),
                    **event.tail,
                }
            )
    return found


def _place(moment: datetime | None) -> tuple[bool, float]:
    """Where nothing tells the moment, last."""
    return moment is None, moment.timestamp() if moment else 0.0


def _name(community: Community, event: Event, session_id: str) -> str | None:
    if session_id in ("(start)", "(end)"):
        return session_id
    return community.session_name(event, session_id)
