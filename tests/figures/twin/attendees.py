"""attendee_event: what each person did at each airmeet."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from .facts import Community, Event, Row, domain_of, largest, ratio, smallest
from .stays import Scope, of_event
from .times import Stay, joined_late, left_early, minutes, minutes_viewed, share
from .webhooks import of_person

_TRACES = (
    "registrations",
    "event_attendance",
    "session_attendance",
    "poll_responses",
    "questions",
    "booth_attendance",
    "replay_attendance",
)


_WAYS = {
    **dict.fromkeys(("inperson", "onsite", "physical"), "in person"),
    **dict.fromkeys(("virtual", "online", "remote"), "virtual"),
}


class Traces:
    """The rows of an airmeet's people, by table and person."""

    def __init__(self, community: Community, event: Event) -> None:
        self.by_person: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for table in _TRACES:
            # Only who answers a poll leaves a trace: it is put to many.
            of_polls = table == "poll_responses"
            for row in community.answers(event) if of_polls else community.of(table, event):
                if row["person"] is not None:
                    self.by_person[row["person"]][table].append(row)


def attendee_event(community: Community) -> list[Row]:
    found = []
    for event in community.events:
        offer = _offer(community, event)
        scope = of_event(community, event)
        for person, traces in Traces(community, event).by_person.items():
            row = _row(event, person, traces, offer, scope)
            row["attendance_type"] = _attendance_type(community, event, person)
            found.append(row | of_person(community, event, person))
    return found


def _attendance_type(community: Community, event: Event, person: str) -> str | None:
    """By the registration, else by the participant."""
    said = (
        largest(
            _WAYS.get(re.sub("[ _-]", "", (row.get("attendance_type") or "").lower()))
            for row in community.of(table, event)
            if row["person"] == person
        )
        for table in ("registrations", "participants")
    )
    return next((way for way in said if way is not None), None)


def _offer(community: Community, event: Event) -> dict[str, float]:
    """What a person could reach at most, by component; those not offered are left out."""
    attended = {row["session_id"] for row in community.of("session_attendance", event)}
    held = attended | {
        row["session_id"]
        for row in community.of("sessions", event)
        if (row.get("status") or "").upper() == "FINISHED"
    }
    polls = {poll_of(row) for row in community.polls(event)}
    weights = community.seeds.weights
    offer: dict[str, float] = {}
    if "attention" in weights:
        offer["attention"] = 1
    if held:
        offer["sessions"] = min(len(held), weights["sessions"][1] or 0)
    if polls:
        offer["polls"] = len(polls)
    if community.of("questions", event):
        offer["questions"] = weights["questions"][1] or 0
    if community.of("booths", event):
        offer["booths"] = weights["booths"][1] or 0
    return offer


def poll_of(row: Row) -> tuple[str | None, str]:
    """A poll is a question of a session."""
    return row.get("session_id"), row["question"]


def _row(
    event: Event,
    person: str,
    traces: dict[str, list[Row]],
    offer: dict[str, float],
    scope: Scope,
) -> Row:
    registrations = traces["registrations"]
    in_event, in_session = bool(traces["event_attendance"]), bool(traces["session_attendance"])
    is_staff = True if person in event.staff else (False if event.are_staff_known else None)
    present = in_event or in_session
    knows = event.is_attendance_known
    registered = int(bool(registrations)) if event.has("registrations") else None
    attended = int(present and not is_staff) if knows else None
    registered_at = smallest(row.get("registration_date") for row in registrations)
    counts = _counts(event, traces)
    seen = any(counts[name] for name in counts)
    engaged = int(bool(attended) and seen) if event.is_engagement_known else None
    names = (
        largest(row.get("name") for row in registrations),
        largest(row.get("name") for table in _TRACES for row in traces[table]),
    )
    replays = None
    if event.has("replay_attendance"):
        replays = len({row["session_id"] for row in traces["replay_attendance"]})
    stay = scope.stays.get(person, Stay())
    attention = share(stay, scope.held) if event.is_over else None
    on_demand = None
    if knows and replays is not None:
        on_demand = int(replays > 0 and not attended and not is_staff)
    return {
        "airmeet_id": event.id,
        "person": person,
        "name": next((name for name in names if name is not None), None),
        "organisation": largest(row.get("organisation") for row in registrations),
        "start_time": event.start,
        "registered_at": registered_at,
        "is_staff": is_staff,
        "registered": registered,
        "attended": attended,
        "staff_attended": int(present and bool(is_staff)) if knows else None,
        **counts,
        "engaged": engaged,
        **_scores(event, attended, {"attention": attention, **counts}, offer),
        "replays_watched": replays,
        "attended_by": _attended_by(in_event, in_session) if event.is_presence_known else None,
        "attended_on_demand": on_demand,
        "registered_after_end": _after_end(event, registered, registered_at, is_staff, attended),
        "is_stranger": _is_stranger(event, registered, present, replays),
        "domain": domain_of(person),
        "joined_at": stay.joined,
        "left_at": stay.left,
        "minutes_attended": minutes(stay.seconds),
        "share_attended": attention,
        "left_early": left_early(stay, scope.held) if event.is_over else None,
        "joined_late": joined_late(stay, scope.held) if event.is_over else None,
        "minutes_on_demand": minutes_viewed(traces["replay_attendance"])
        if event.has("replay_attendance")
        else None,
        **event.tail,
    }


def _counts(event: Event, traces: dict[str, list[Row]]) -> dict[str, int | None]:
    polls = {poll_of(row) for row in traces["poll_responses"]}
    found = {
        "session_attendance": (
            "sessions_attended",
            len({row["session_id"] for row in traces["session_attendance"]}),
        ),
        "poll_responses": ("polls_answered", len(polls)),
        "questions": ("questions_asked", len(traces["questions"])),
        "booth_attendance": (
            "booths_visited",
            len({row["booth_id"] for row in traces["booth_attendance"]}),
        ),
    }
    return {name: count if event.has(feed) else None for feed, (name, count) in found.items()}


def _scores(
    event: Event, attended: int | None, reached: Mapping[str, float | None], offer: dict[str, float]
) -> Row:
    components = ("attention", "sessions", "polls", "questions", "booths")
    parts = dict(zip(components, reached.values(), strict=True))
    shares = {
        component: min(1.0, ratio(count, offer[component]) or 0.0)
        for component, count in parts.items()
        if attended and component in offer and count is not None
    }
    weights = {component: event.seeds.weights[component][0] for component in shares}
    score = None
    if event.is_engagement_known:
        weighed = sum(weights[component] * share for component, share in shares.items())
        score = ratio(100 * weighed, sum(weights.values()))
    return {
        "attention_score": reached["attention"] if attended else None,
        "session_score": shares.get("sessions"),
        "poll_score": shares.get("polls"),
        "question_score": shares.get("questions"),
        "booth_score": shares.get("booths"),
        "score": score,
        "score_version": event.seeds.score_version,
    }


def _attended_by(in_event: bool, in_session: bool) -> str | None:
    if in_event and in_session:
        return "both"
    if in_event:
        return "event"
    return "session" if in_session else None


def _after_end(
    event: Event,
    registered: int | None,
    registered_at: Any,
    is_staff: bool | None,
    attended: int | None,
) -> int | None:
    """1 where all that makes it is known, 0 where anything known rules it out."""
    if registered is None or is_staff is None:
        return None
    late = bool(registered_at and event.ends_at and registered_at > event.ends_at)
    if not late or is_staff or attended:
        return 0
    return None if attended is None else 1


def _is_stranger(
    event: Event, registered: int | None, present: bool, replays: int | None
) -> bool | None:
    if registered or (present and event.is_presence_known) or replays:
        return False
    is_known = event.is_presence_known or event.is_not_yet
    return True if is_known and registered is not None else None
