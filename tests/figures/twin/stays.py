"""session_attendee and attendance_curve: who was in which session, and how many at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .facts import Community, Event, Row
from .times import (
    DAY,
    Stay,
    Stretch,
    held_event,
    held_session,
    left_early,
    minutes,
    minutes_viewed,
    moment,
    second,
    share,
    stay_of,
    visits_in,
)

_STEP = 300
_LONGEST_CURVE = 7 * DAY


@dataclass
class Scope:
    """An airmeet or one of its sessions: when it was held, and everybody's stay."""

    held: Sequence[Stretch] | None
    stays: Mapping[str, Stay]


def of_event(community: Community, event: Event) -> Scope:
    """Who is in no attendance of the airmeet itself has the visits of its sessions."""
    held = held_event(community, event)
    own = _by_person(community.of("event_attendance", event))
    rows = {**_by_person(community.of("session_attendance", event)), **own}
    return _scope(event, held, rows)


def of_session(community: Community, event: Event, session_id: str) -> Scope:
    sessions = [s for s in community.of("sessions", event) if s["session_id"] == session_id]
    attendance = community.of("session_attendance", event)
    rows = _by_person([row for row in attendance if row["session_id"] == session_id])
    return _scope(event, held_session(sessions[0]) if sessions else None, rows)


def _by_person(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["person"] is not None:
            found[row["person"]].append(row)
    return found


def _scope(
    event: Event, held: Sequence[Stretch] | None, rows: Mapping[str, Sequence[Row]]
) -> Scope:
    stays = {}
    if event.is_presence_known:
        stays = {person: stay_of(visits_in(given), held) for person, given in rows.items()}
    return Scope(held, stays)


def session_attendee(community: Community, attendees: list[Row]) -> list[Row]:
    names = {(row["airmeet_id"], row["person"]): row["name"] for row in attendees}
    found = []
    for event in community.events:
        attendance, replays = (
            {
                (row["session_id"], row["person"])
                for row in community.of(table, event)
                if row["person"] is not None
            }
            for table in ("session_attendance", "replay_attendance")
        )
        scopes = {id: of_session(community, event, id) for id, _ in attendance | replays}
        for session_id, person in attendance | replays:
            scope = scopes[session_id]
            stay = scope.stays.get(person, Stay())
            is_staff = True if person in event.staff else (False if event.are_staff_known else None)
            present = (session_id, person) in attendance
            watched = [
                row
                for row in community.of("replay_attendance", event)
                if (row["session_id"], row["person"]) == (session_id, person)
            ]
            has_replays = event.has("replay_attendance")
            knows = event.is_attendance_known
            found.append(
                {
                    "airmeet_id": event.id,
                    "session_id": session_id,
                    "person": person,
                    "name": names[event.id, person],
                    "session": community.session_name(event, session_id),
                    "attended": int(present and not is_staff) if knows else None,
                    "is_staff": is_staff,
                    "joined_at": stay.joined,
                    "left_at": stay.left,
                    "minutes_attended": minutes(stay.seconds),
                    "share_attended": share(stay, scope.held) if event.is_over else None,
                    "left_early": left_early(stay, scope.held) if event.is_over else None,
                    "replays": len(watched) if has_replays else None,
                    "minutes_on_demand": minutes_viewed(watched) if has_replays else None,
                    **event.tail,
                }
            )
    return found


def attendance_curve(
    community: Community, attendees: list[Row], in_sessions: list[Row]
) -> list[Row]:
    came: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for row in (*attendees, *in_sessions):
        if row["attended"] and row["minutes_attended"] is not None:
            came[row["airmeet_id"], row.get("session_id")].add(row["person"])
    found = []
    for event in community.events:
        for (airmeet_id, session_id), people in came.items():
            if airmeet_id != event.id:
                continue
            if session_id is None:
                scope = of_event(community, event)
            else:
                scope = of_session(community, event, session_id)
            found += _curve(event, session_id, scope, people)
    return found


def _curve(event: Event, session_id: str | None, scope: Scope, people: set[str]) -> list[Row]:
    present: dict[int, int] = defaultdict(int)
    joined: dict[int, int] = defaultdict(int)
    left: dict[int, int] = defaultdict(int)
    for person in people:
        parts = scope.stays[person].parts
        if not parts:
            continue
        joined[_step(min(begin for begin, _ in parts))] += 1
        left[max(_steps(part)[-1] for part in parts)] += 1
        for step in {step for part in parts for step in _steps(part)}:
            present[step] += 1
    stretches = [(b, e) for b, e in scope.held or () if e - b <= _LONGEST_CURVE]
    steps = {step for stretch in stretches for step in _steps(stretch)}
    asked = event.ledger["event_attendance"].get("requested_at")
    if event.phase == "ongoing" and asked is not None:
        steps = {step for step in steps if step <= _step(second(asked))}
    return [
        {
            "airmeet_id": event.id,
            "scope": "event" if session_id is None else session_id,
            "session_id": session_id,
            "step_at": moment(step),
            **_local(event, step),
            "people_present": present[step],
            "people_joined": joined[step],
            "people_left": left[step],
            **event.tail,
        }
        for step in steps
    ]


def _step(second: int) -> int:
    """When its five minutes begin."""
    return second // _STEP * _STEP


def _steps(stretch: Stretch) -> range:
    """All that a stretch touches; an empty one has a moment, too."""
    begin, end = stretch
    return range(_step(begin), _step(max(begin, end - 1)) + 1, _STEP)


def _local(event: Event, step: int) -> Row:
    local = event.local(moment(step))
    return {
        "local_day": local.date(),
        "minute_of_day": local.hour * 60 + local.minute,
        "time_zone": "UTC" if event.zone is None else event.zone.key,
    }
