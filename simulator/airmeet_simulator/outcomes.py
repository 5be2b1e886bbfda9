"""What came of each airmeet: who is staff, who registered and attended, and how long they stayed.

Drawn from the truth's rows by the contract's definitions, in words of its own: reports are compared
with it. Rows that name nobody count for nobody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .airmeets import DAY, MINUTE, STARTED
from .event import Event
from .options import SimulatorOptions
from .rows import Row
from .truth import person_of, rows_of

OUTCOMES = ("event_outcomes", "event_totals")
"""The tables of outcomes: one row a person of an airmeet, and one row an airmeet."""
_STAFF_TYPES = {"host", "cohost", "speaker", "exhibitor", "organizer", "moderator", "team"}


@dataclass(slots=True)
class _Outcome:
    """What a person did at an airmeet."""

    is_staff: bool = False
    registered_at: str | None = None
    registered: bool = False
    in_event: bool = False
    in_session: bool = False
    in_replay: bool = False
    visits: list[tuple[int, int] | None] = field(default_factory=list)
    session_visits: list[tuple[int, int] | None] = field(default_factory=list)

    @property
    def present(self) -> bool:
        return self.in_event or self.in_session


def outcomes_of(event: Event, options: SimulatorOptions, layout: str = "v1") -> Iterator[Row]:
    """Yield a row a person who registered, attended, watched a replay or is staff.

    `minutes` is the time between the airmeet's start and end within at least one of the person's
    visits of the event's attendance, or where there are none of its sessions; None where one of
    them does not say its time, or none lies within. `replay_only` is known on the gateway alone.
    """
    end = _end(event)
    held = (event.airmeet.start, end)
    for person, found in sorted(_people(event, options, layout).items()):
        late = found.registered_at is not None and _milliseconds(found.registered_at) > end
        yield {
            "airmeet_id": event.airmeet.uid,
            "person": person,
            "is_staff": found.is_staff,
            "registered": found.registered,
            "registered_after_end": late and not found.is_staff and not found.present,
            "attended": found.present and not found.is_staff,
            "staff_attended": found.present and found.is_staff,
            "in_event_attendance": found.in_event,
            "in_session_attendance": found.in_session,
            "replay_only": found.in_replay and not found.present if layout == "gateway" else None,
            "minutes": _minutes(found.visits or found.session_visits, held),
        }


def _end(event: Event) -> int:
    """An airmeet's end; without one that of its last session, else a day after its start."""
    if not event.airmeet.endless:
        return event.airmeet.end
    ends = [session.start + int((session.minutes or 0) * MINUTE) for session in event.planned()]
    return max(ends, default=event.airmeet.start + DAY)


def totals_of(event: Event, options: SimulatorOptions, layout: str = "v1") -> Row:
    """Return an airmeet's totals by the contract; what is not known yet is None."""
    people = list(outcomes_of(event, options, layout))

    def number(*wanted: str) -> int:
        return sum(all(row[name] for name in wanted) for row in people)

    has_begun = event.airmeet.status in STARTED
    is_over = event.airmeet.status == "FINISHED"
    registered, staff = number("registered"), number("registered", "is_staff")
    after_end = number("registered_after_end")
    attended, both = number("attended"), number("attended", "registered")
    expected = registered - staff - after_end
    return {
        "airmeet_id": event.airmeet.uid,
        "registered": registered,
        "staff_registered": staff,
        "registered_after_end": after_end,
        "attended": attended if has_begun else None,
        "attended_registered": both if has_begun else None,
        "walk_ins": attended - both if has_begun else None,
        "no_shows": expected - both if is_over else None,
        "attendance_rate": both / expected if is_over and expected else None,
    }


def _people(event: Event, options: SimulatorOptions, layout: str) -> dict[str, _Outcome]:
    people: dict[str, _Outcome] = {}

    def each(table: str) -> Iterable[tuple[_Outcome, Row]]:
        for row in rows_of(event, table, options, layout):
            if person := person_of(row):
                yield people.setdefault(person, _Outcome()), row

    for found, row in each("registrations"):
        found.registered = True
        date = row["registration_date"]
        found.registered_at = None if date is None else str(date)
    for found, row in each("event_attendance"):
        found.in_event = True
        found.visits.append(_visit(row))
    for found, row in each("session_attendance"):
        found.in_session = True
        found.session_visits.append(_visit(row))
    if layout == "gateway":
        for found, _ in each("replay_attendance"):
            found.in_replay = True
    for person in _staff(event, options, layout):
        people.setdefault(person, _Outcome()).is_staff = True
    return people


def _staff(event: Event, options: SimulatorOptions, layout: str) -> Iterator[str]:
    """Yield who is staff. Sessions name hosts by ids; the simulator knows whose these are."""
    addresses = {
        person.user_id: person.email
        for number in {
            number
            for session in event.sessions
            for number in (*session.hosts, *session.cohosts, *session.speakers)
        }
        for person in [event.people.person(number)]
    }
    for row in rows_of(event, "session_people", options, layout):
        yield addresses[str(row["id"])]
    for table in ("booth_exhibitors", "participants"):
        for row in rows_of(event, table, options, layout):
            person = person_of(row)
            is_staff = str(row.get("user_type", "exhibitor")).lower() in _STAFF_TYPES
            if person and is_staff:
                yield person


def _visit(row: Row) -> tuple[int, int] | None:
    """Return from when to when a row says that somebody was there, in milliseconds; None if not."""
    if row.get("time_stamp") is None:
        return None
    start = _milliseconds(str(row["time_stamp"]))
    return start, start + int(str(row["time_spent"]))


def _minutes(visits: list[tuple[int, int] | None], held: tuple[int, int]) -> float | None:
    """Return how many minutes of `held` are within a visit; None if that is not known."""
    known = [visit for visit in visits if visit is not None]
    within = [
        (max(start, held[0]), min(end, held[1]))
        for start, end in known
        if start < held[1] and end > held[0]
    ]
    if len(known) < len(visits) or not within:
        return None
    total, until = 0, 0
    for start, end in sorted(within):
        total += max(end - max(start, until), 0)
        until = max(until, end)
    return total / MINUTE


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
