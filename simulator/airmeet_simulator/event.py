"""One airmeet with its people: who is on its lists, and who took part in what.

Everything is drawn from the seed and the airmeet's number when it is first needed, in compact
arrays: a million rows take about twenty megabytes. `rows` makes rows from them.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import IntEnum
from random import Random

from .airmeets import MINUTE, Airmeet
from .draws import mix, scatter, some, stream
from .names import POLLS
from .people import People, Person, spelled
from .programme import (
    Session,
    plan_booths,
    plan_fields,
    plan_recordings,
    plan_sessions,
    plan_tracks,
)
from .row_sets import RowSet

ROW_IDS = 4_000_000
BOOTH_SLOT = 16
_SLOTS = {
    "replay_attendance": 26,
    "registration_utms": 27,
    "registrations": 28,
    "participants": 29,
    "poll_responses": 30,
    "questions": 31,
}
# The rows of further sessions have ids elsewhere: the next slots belong to the booths.
_SESSION_SLOTS = BOOTH_SLOT - 1

EXTRAS = ("tracks", "session_recordings", "registration_utms", "replay_attendance")
"""Feeds that the gateway serves beyond the specification."""


class Kind(IntEnum):
    """Why somebody is on an airmeet's list."""

    REGISTERED = 0
    CANCELLED = 1
    INVITED = 2
    GUEST = 3
    HOST = 4
    SPEAKER = 5
    EXHIBITOR = 6


class Event:
    """One airmeet with its people.

    Attributes:
        airmeet: its latest state.
        salt: what its rows' details are drawn from.
        sessions, booths, fields: their latest states.
        tracks, recorded: served by the gateway alone: tracks, and the positions of sessions
            with a recording.
        speakers: people added as speakers, beyond those of the sessions.
        given: answers to custom fields, of members that were added with some.
        about: the description and the host that its creator gave.
        polls: the polls asked, as positions in the vocabulary.
        persons, moments, kinds: of each member: the person's number, when they were added
            (ascending) and why.
    """

    def __init__(self, seed: int, airmeet: Airmeet, people: People, now: int) -> None:
        self.airmeet = airmeet
        self.people = people
        self.salt = mix(seed, 22, airmeet.number)
        self.persons = array("I")
        self.moments = array("q")
        self.kinds = bytearray()
        self._row_sets: dict[tuple[str, int], RowSet] = {}
        self._spellings: dict[int, str] = {}
        self._by_email: dict[str, list[int]] = {}
        self._indexed = 0
        self.speakers: list[int] = []
        self.given: dict[int, list[dict[str, object]]] = {}
        self.about: dict[str, str] = {}
        draw = stream(self.salt, 1)
        taken: set[int] = set()
        self.sessions = plan_sessions(seed, airmeet, people, draw, taken, now)
        self.booths = plan_booths(seed, airmeet, people, draw, taken)
        self.fields = plan_fields(seed, airmeet, draw)
        self.polls = some(draw, len(POLLS), (0, 1, 2, 3, 4) if airmeet.number else (4,))
        extras = stream(self.salt, 3)
        self.tracks = plan_tracks(seed, airmeet, self.sessions, extras)
        self.recorded = plan_recordings(airmeet, self.sessions, extras)
        if airmeet.size:
            self._gather(draw, taken, now)

    def person(self, member: int) -> Person:
        """Return who a member is."""
        return self.people.person(self.persons[member])

    def members_of(self, email: str) -> list[int]:
        """Return the members of an address, however it is written."""
        for member in range(self._indexed, len(self.persons)):
            self._by_email.setdefault(self.person(member).email, []).append(member)
        self._indexed = len(self.persons)
        return self._by_email.get(email.strip().lower(), [])

    def address(self, member: int, use: int) -> str:
        """Return how a member's address is written; it may differ between feeds (`use`)."""
        given = self._spellings.get(member)
        return given or spelled(self.person(member).email, self.bits(member, use))

    def bits(self, member: int, use: int, place: int = 0) -> int:
        """Return 64 bits to draw a detail from, for each `use` and `place` (below 16) others."""
        return scatter(self.salt + (member << 8 | use << 4 | place))

    def row_set(self, table: str, part: int = 0) -> RowSet:
        """Return the rows of a feed; `part` is the position of its session or booth."""
        found = self._row_sets.get((table, part))
        if found is None:
            found = self._row_sets[table, part] = self._draw_row_set(table, part)
        return found

    def put(self, table: str, part: int, changed: RowSet) -> None:
        """Replace the rows of a feed."""
        self.settle()
        self._row_sets[table, part] = changed

    def settle(self) -> None:
        """Draw every feed, so that a change to one cannot alter the draw of another."""
        for table in ("registrations", "participants", "event_attendance", "poll_responses"):
            self.row_set(table)
        for table in ("questions", "sessions", "booths", "custom_fields", *EXTRAS):
            self.row_set(table)
        for part in range(len(self.sessions)):
            self.row_set("session_attendance", part)
        for part in range(len(self.booths)):
            self.row_set("booth_attendance", part)

    def join(self, person: int, moment: int, kind: Kind, spelling: str) -> int:
        """Add a member with the address `spelling` after all others, and return its number."""
        self.settle()
        self._spellings[len(self.persons)] = spelling
        self.persons.append(person)
        self.moments.append(max(moment, self.moments[-1] + 1 if self.moments else 0))
        self.kinds.append(kind)
        return len(self.persons) - 1

    def add_session(self, session: Session) -> None:
        """Add a session after all others; nobody attended it yet."""
        position = len(self.sessions)
        self.put("sessions", 0, self.row_set("sessions").added(position, position))
        self._row_sets["session_attendance", position] = RowSet.of((), ())
        self.sessions.append(session)

    def next_id(self, table: str, part: int) -> int:
        """Return the id of a row to be added to a feed."""
        ids = self.row_set(table, part).ids
        return max(ids[-1] + 1 if ids else 0, self._first_id(table, part))

    def _first_id(self, table: str, part: int) -> int:
        slot = _SLOTS.get(table, 0)
        if table == "session_attendance":
            slot = 1 + part
            if part >= _SESSION_SLOTS:
                return (1 << 48) + (self.airmeet.number << 30) + (part << 20)
        elif table == "booth_attendance":
            slot = BOOTH_SLOT + part
        return ROW_IDS + (self.airmeet.number << 25) + (slot << 20)

    def _gather(self, draw: Random, taken: set[int], now: int) -> None:
        airmeet = self.airmeet
        size = airmeet.size
        # A few people register twice; those rows count among the registrations.
        twice = 1 if 8 <= size < 50 else size // 50
        registered = self.people.strangers(draw, size - twice, taken)
        registered += draw.sample(registered, twice)
        groups: list[tuple[Kind, Iterable[int]]] = [
            (Kind.REGISTERED, registered),
            (Kind.CANCELLED, self.people.strangers(draw, (size + 15) // 30, taken)),
            (Kind.INVITED, self.people.strangers(draw, size // 16, taken)),
            (Kind.HOST, sorted({h for s in self.sessions for h in (*s.hosts, *s.cohosts)})),
            (Kind.SPEAKER, [p for s in self.sessions for p in s.speakers]),
            (Kind.EXHIBITOR, [p for b in self.booths for p in b.exhibitors]),
        ]
        if airmeet.status != "CREATED":
            groups.append((Kind.GUEST, self.people.strangers(draw, (size + 9) // 18, taken)))
        span = max(min(airmeet.start, now) - airmeet.created, MINUTE)
        members = []
        for kind, persons in groups:
            for person in persons:
                # Most people register late; guests join after the start.
                moment = airmeet.created + int(span * draw.random() ** 0.6)
                if kind is Kind.GUEST:
                    moment = airmeet.start + draw.randrange(60 * MINUTE)
                members.append((moment, person, int(kind)))
        members.sort()
        latest = 0
        for moment, person, kind_number in members:
            latest = max(moment, latest + 1)
            self.persons.append(person)
            self.moments.append(latest)
            self.kinds.append(kind_number)

    def _draw_row_set(self, table: str, part: int) -> RowSet:
        sizes: dict[str, Sequence[object]] = {
            "sessions": self.sessions,
            "booths": self.booths,
            "custom_fields": self.fields,
            "tracks": self.tracks,
        }
        if table in sizes:
            items = range(len(sizes[table]))
            return RowSet.of(items, items)
        if table == "session_recordings":
            return RowSet.of(range(len(self.recorded)), self.recorded)
        first = self._first_id(table, part)
        if table in ("registrations", "participants"):
            only = table == "registrations"
            members = self._of_kinds(
                (lambda kind: kind == Kind.REGISTERED)
                if only
                else (lambda kind: kind != Kind.CANCELLED)
            )
            return RowSet.of((first + member for member in members), members)
        draw = stream(self.salt, 2, first)
        if table == "event_attendance":
            attended = self._attended(draw)
        elif table == "registration_utms":
            attended = array("I", (m for m in self._registered() if draw.random() < 0.6))
        elif table == "replay_attendance":
            registered = self._registered() if self.sessions else []
            attended = array("I", (m for m in registered if draw.random() < 0.2))
        else:
            # Somebody who came back has two rows in the event's attendance, but one elsewhere.
            attended = array("I", dict.fromkeys(self.row_set("event_attendance").items))
            share = {
                "session_attendance": draw.uniform(0.3, 0.9),
                "booth_attendance": draw.uniform(0.05, 0.3),
                "poll_responses": draw.uniform(0.2, 0.6) if self.polls else 0.0,
                "questions": draw.uniform(0.0, 0.15),
            }[table]
            if self.airmeet.number == 0:
                share = max(share, 0.3)
            attended = array("I", (m for m in attended if draw.random() < share))
        return RowSet.of(range(first, first + len(attended)), attended)

    def _registered(self) -> list[int]:
        """Return one member of each person who registered."""
        members = self._of_kinds(lambda kind: kind == Kind.REGISTERED)
        return list({self.persons[member]: member for member in members}.values())

    def _of_kinds(self, wanted: Callable[[int], bool]) -> list[int]:
        return [member for member, kind in enumerate(self.kinds) if wanted(kind)]

    def _attended(self, draw: Random) -> "array[int]":
        rate = draw.uniform(0.35, 0.75)
        rates = {
            Kind.REGISTERED: rate,
            Kind.CANCELLED: 0.1,
            Kind.INVITED: 0.15,
            Kind.GUEST: 1.0,
            Kind.HOST: 0.95,
            Kind.SPEAKER: 0.9,
            Kind.EXHIBITOR: 0.7,
        }
        seen: set[int] = set()
        attended = []
        for member, (person, kind) in enumerate(zip(self.persons, self.kinds, strict=True)):
            if person not in seen:
                seen.add(person)
                if draw.random() < rates[Kind(kind)]:
                    attended.append(member)
        draw.shuffle(attended)
        back = [member for member in attended if draw.random() < 0.01]
        return array("I", [*attended, *back])

    def end_sessions(self) -> None:
        """Finish every session that ran or was still to run."""
        self.sessions = [replace(session, status="FINISHED") for session in self.sessions]
