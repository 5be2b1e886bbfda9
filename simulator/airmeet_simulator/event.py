"""What happens at one airmeet: its people, sessions, booths, fields and who took part in what.

Everything is drawn from the seed and the airmeet's number when first asked for, in compact
arrays: a million rows cost some twenty megabytes. Rows are made from them in `rows`.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from random import Random

from .airmeets import MINUTE, Airmeet, timetable
from .draws import mix, scatter, stream, uuid
from .names import FIELDS, POLLS, SESSIONS, TAGS
from .people import TEAM, People, Person, spelled
from .row_sets import RowSet, roll

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
# Sessions beyond these number their rows elsewhere: their slots belong to the booths.
_SESSION_SLOTS = BOOTH_SLOT - 1

EXTRAS = ("tracks", "session_recordings", "registration_utms", "replay_attendance")
"""What the gateway serves beyond the specification."""


class Kind(IntEnum):
    """Why somebody is on an airmeet's list."""

    REGISTERED = 0
    CANCELLED = 1
    INVITED = 2
    GUEST = 3
    HOST = 4
    SPEAKER = 5
    EXHIBITOR = 6


@dataclass(frozen=True, slots=True)
class Session:
    """One session (§2.4); hosts, cohosts and speakers are numbers of people."""

    uid: str
    name: str
    start: int
    status: str
    minutes: float | None
    hosts: tuple[int, ...]
    cohosts: tuple[int, ...]
    speakers: tuple[int, ...]
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """One track, in the gateway's layout; sessions are positions."""

    uid: str
    name: str
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Booth:
    """One booth (§2.8); exhibitors are numbers of people."""

    uid: str
    name: str
    exhibitors: tuple[int, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One custom registration field (§2.5)."""

    uid: str
    label: str
    name: str
    input_type: str
    options: tuple[str, ...]


def session_uid(seed: int, airmeet: int, position: int) -> str:
    """Return a session's id without drawing its event."""
    return uuid(seed, 21, airmeet, position)


class Event:
    """One airmeet with its people.

    Attributes:
        airmeet: its latest state.
        salt: what its rows' details are drawn from.
        sessions, booths, fields: their latest states.
        tracks, recorded: what the gateway knows besides: tracks, and the positions of sessions
            with a recording.
        speakers: people added as speakers, beyond those of the sessions.
        given: answers to custom fields of members who came with them.
        about: what its creator said of it.
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
        self._rolls: dict[tuple[str, int], RowSet] = {}
        self._spellings: dict[int, str] = {}
        self._by_email: dict[str, list[int]] = {}
        self._indexed = 0
        self.speakers: list[int] = []
        self.given: dict[int, list[dict[str, object]]] = {}
        self.about: dict[str, str] = {}
        draw = stream(self.salt, 1)
        taken: set[int] = set()
        self.sessions = self._plan_sessions(seed, draw, taken, now)
        self.booths = self._plan_booths(seed, draw, taken)
        self.fields = [
            Field(uuid(seed, 23, airmeet.number, position), *FIELDS[position])
            for position in _some(draw, len(FIELDS), (0, 1, 2, 3, 4) if airmeet.number else (6,))
        ]
        self.polls = _some(draw, len(POLLS), (0, 1, 2, 3, 4) if airmeet.number else (4,))
        self.tracks, self.recorded = self._plan_extras(seed, stream(self.salt, 3))
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
        """Return how a member's address is written; `use` tells feeds apart that ask anew."""
        given = self._spellings.get(member)
        return given or spelled(self.person(member).email, self.bits(member, use))

    def bits(self, member: int, use: int, place: int = 0) -> int:
        """Return 64 bits to draw a detail from; `use` and `place` (below 16) tell details apart."""
        return scatter(self.salt + (member << 8 | use << 4 | place))

    def roll(self, table: str, part: int = 0) -> RowSet:
        """Return the rows of a feed; `part` is the position of its session or booth."""
        found = self._rolls.get((table, part))
        if found is None:
            found = self._rolls[table, part] = self._draw_roll(table, part)
        return found

    def put(self, table: str, part: int, changed: RowSet) -> None:
        """Replace the rows of a feed."""
        self.settle()
        self._rolls[table, part] = changed

    def settle(self) -> None:
        """Draw every feed, so that a change to one cannot alter the draw of another."""
        for table in ("registrations", "participants", "event_attendance", "poll_responses"):
            self.roll(table)
        for table in ("questions", "sessions", "booths", "custom_fields", *EXTRAS):
            self.roll(table)
        for part in range(len(self.sessions)):
            self.roll("session_attendance", part)
        for part in range(len(self.booths)):
            self.roll("booth_attendance", part)

    def join(self, person: int, moment: int, kind: Kind, spelling: str) -> int:
        """Add a member after all others, whose address is `spelling`; its number is returned."""
        self.settle()
        self._spellings[len(self.persons)] = spelling
        self.persons.append(person)
        self.moments.append(max(moment, self.moments[-1] + 1 if self.moments else 0))
        self.kinds.append(kind)
        return len(self.persons) - 1

    def add_session(self, session: Session) -> None:
        """Add a session after all others; nobody attended it yet."""
        position = len(self.sessions)
        self.put("sessions", 0, self.roll("sessions").added(position, position))
        self._rolls["session_attendance", position] = roll((), ())
        self.sessions.append(session)

    def next_id(self, table: str, part: int) -> int:
        """Return the id of a row to be added to a feed."""
        ids = self.roll(table, part).ids
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

    def _plan_sessions(self, seed: int, draw: Random, taken: set[int], now: int) -> list[Session]:
        airmeet = self.airmeet
        sessions = []
        offsets = timetable(airmeet.minutes, airmeet.days)
        for position, (offset, length) in enumerate(zip(offsets, airmeet.minutes, strict=True)):
            host = draw.randrange(TEAM)
            start = airmeet.start + offset * MINUTE
            status = airmeet.status
            if status == "FINISHED" and position and draw.random() < 0.04:
                status = "CREATED"  # planned, and never started
            elif status == "ONGOING" and start + (length or 30) * MINUTE <= now:
                status = "FINISHED"
            elif status == "ONGOING" and start > now:
                status = "CREATED"
            sessions.append(
                Session(
                    uid=session_uid(seed, airmeet.number, position),
                    name=f"{draw.choice(SESSIONS)} {position + 1}",
                    start=start,
                    status=status,
                    minutes=length,
                    hosts=(host,),
                    cohosts=((host + 1) % TEAM,) if draw.random() < 0.3 else (),
                    speakers=tuple(self._strangers(draw, draw.choice((0, 1, 1, 2, 3)), taken)),
                )
            )
        return sessions

    def _plan_booths(self, seed: int, draw: Random, taken: set[int]) -> list[Booth]:
        return [
            Booth(
                uid=uuid(seed, 24, self.airmeet.number, position),
                name=f"Booth {position + 1}: {draw.choice(TAGS)}",
                exhibitors=tuple(self._strangers(draw, draw.choice((0, 1, 2)), taken)),
                tags=tuple(draw.sample(TAGS, draw.choice((0, 1, 2)))),
            )
            for position in range(draw.choice((0, 0, 0, 1, 2, 5) if self.airmeet.number else (2,)))
        ]

    def _plan_extras(self, seed: int, draw: Random) -> tuple[list[Track], list[int]]:
        """Draw tracks, and which sessions were recorded."""
        positions = range(len(self.sessions))
        tracks = [
            Track(
                uid=uuid(seed, 25, self.airmeet.number, number),
                name=f"{draw.choice(TAGS)} track {number + 1}",
                sessions=tuple(p for p in positions if draw.random() < 0.5),
            )
            for number in range(draw.choice((0, 1, 2)) if self.airmeet.number else 2)
        ]
        recorded = [
            position
            for position, session in enumerate(self.sessions)
            if session.status == "FINISHED" and (draw.random() < 0.7 or not self.airmeet.number)
        ]
        return tracks, recorded

    def _strangers(self, draw: Random, count: int, taken: set[int]) -> list[int]:
        """Return people not yet at this airmeet; low numbers are regulars, drawn more often."""
        found: list[int] = []
        size = self.people.size - TEAM
        while len(found) < count:
            person = TEAM + int(size * draw.random() ** 1.5)
            if person not in taken:
                taken.add(person)
                found.append(person)
        return found

    def _gather(self, draw: Random, taken: set[int], now: int) -> None:
        airmeet = self.airmeet
        size = airmeet.size
        # A few people register twice; those rows count among the registrations.
        twice = 1 if 8 <= size < 50 else size // 50
        registered = self._strangers(draw, size - twice, taken)
        registered += draw.sample(registered, twice)
        groups: list[tuple[Kind, Iterable[int]]] = [
            (Kind.REGISTERED, registered),
            (Kind.CANCELLED, self._strangers(draw, (size + 15) // 30, taken)),
            (Kind.INVITED, self._strangers(draw, size // 16, taken)),
            (Kind.HOST, sorted({h for s in self.sessions for h in (*s.hosts, *s.cohosts)})),
            (Kind.SPEAKER, [p for s in self.sessions for p in s.speakers]),
            (Kind.EXHIBITOR, [p for b in self.booths for p in b.exhibitors]),
        ]
        if airmeet.status != "CREATED":
            groups.append((Kind.GUEST, self._strangers(draw, (size + 9) // 18, taken)))
        span = max(min(airmeet.start, now) - airmeet.created, MINUTE)
        members = []
        for kind, persons in groups:
            for person in persons:
                # Most people come late; guests come when the doors are open.
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

    def _draw_roll(self, table: str, part: int) -> RowSet:
        sizes: dict[str, Sequence[object]] = {
            "sessions": self.sessions,
            "booths": self.booths,
            "custom_fields": self.fields,
            "tracks": self.tracks,
        }
        if table in sizes:
            items = range(len(sizes[table]))
            return roll(items, items)
        if table == "session_recordings":
            return roll(range(len(self.recorded)), self.recorded)
        first = self._first_id(table, part)
        if table in ("registrations", "participants"):
            only = table == "registrations"
            members = self._of_kinds(
                (lambda kind: kind == Kind.REGISTERED)
                if only
                else (lambda kind: kind != Kind.CANCELLED)
            )
            return roll((first + member for member in members), members)
        draw = stream(self.salt, 2, first)
        if table == "event_attendance":
            attended = self._attended(draw)
        elif table == "registration_utms":
            attended = array("I", (m for m in self._registered() if draw.random() < 0.6))
        elif table == "replay_attendance":
            registered = self._registered() if self.sessions else []
            attended = array("I", (m for m in registered if draw.random() < 0.2))
        else:
            # Somebody who came back has two rows in the event's attendance, and is one person.
            attended = array("I", dict.fromkeys(self.roll("event_attendance").items))
            share = {
                "session_attendance": draw.uniform(0.3, 0.9),
                "booth_attendance": draw.uniform(0.05, 0.3),
                "poll_responses": draw.uniform(0.2, 0.6) if self.polls else 0.0,
                "questions": draw.uniform(0.0, 0.15),
            }[table]
            if self.airmeet.number == 0:
                share = max(share, 0.3)
            attended = array("I", (m for m in attended if draw.random() < share))
        return roll(range(first, first + len(attended)), attended)

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


def _some(draw: Random, size: int, counts: tuple[int, ...]) -> list[int]:
    """Return some positions below `size`, one of `counts` of them, in order."""
    return sorted(draw.sample(range(size), draw.choice(counts)))
