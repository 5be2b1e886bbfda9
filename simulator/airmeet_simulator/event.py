"""One airmeet with its people: who is on its lists, and who took part in what.

Everything is drawn from the seed and the airmeet's number when it is first needed, in compact
arrays: a million rows take about twenty megabytes. `rows` makes rows from them.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random

from .airmeets import DAY, HOUR, MINUTE, SPAN, STARTED, Airmeet
from .draws import mix, scatter, stream
from .kinds import BY_TYPE_ALONE, Kind
from .people import GIVEN, People, Person, spelled
from .programme import (
    Booth,
    Session,
    plan_booths,
    plan_fields,
    plan_polls,
    plan_recordings,
    plan_sessions,
    plan_tracks,
)
from .row_sets import RowSet
from .visits import FORMS, of_session

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
        deleted: the positions of sessions that were deleted.
        blocked: members that were blocked (true) or unblocked.
        mailed: addresses that an invitation was mailed to, as often as it was.
        polls: the polls asked.
        names_sessions: answers to polls name their session.
        time_form: how its rows write their time stamps.
        now: the moment up to which people came; what is added later is later.
        returned: members with two visits.
        return_ids: ids of their second visits begin here.
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
        self._joined: set[int] = set()
        """Staff who registered, too."""
        self.now = now
        self.returned: set[int] = set()
        self.return_ids = 0
        self.speakers: list[int] = []
        self.given: dict[int, list[dict[str, object]]] = {}
        self.about: dict[str, str] = {}
        self.deleted: set[int] = set()
        self.blocked: dict[int, bool] = {}
        self.mailed: list[str] = []
        self.types_given: dict[int, str] = {}
        """How members attend by a write's word."""
        draw = stream(self.salt, 1)
        taken: set[int] = set()
        self.sessions = plan_sessions(seed, airmeet, people, draw, taken, now)
        self.booths = plan_booths(seed, airmeet, people, draw, taken)
        self.fields = plan_fields(seed, airmeet, draw)
        extras = stream(self.salt, 3)
        self.tracks = plan_tracks(seed, airmeet, self.sessions, extras)
        self.recorded = plan_recordings(airmeet, self.sessions, extras)
        self.polls = plan_polls(airmeet, self.sessions, extras)
        self.names_sessions = not airmeet.number or extras.random() < 0.8
        form = extras.randrange(10)
        self.time_form = FORMS[form if airmeet.number and form < len(FORMS) else 0]
        self.hybrid = airmeet.number % 4 == 1
        """Whether people attend in person as well."""
        if airmeet.size:
            self._gather(draw, taken, now)

    def person(self, member: int) -> Person:
        """Return who a member is."""
        return self.people.person(self.persons[member])

    def members_of(self, email: str) -> list[int]:
        """Return the members of an address, however it is written."""
        for member in range(self._indexed, len(self.persons)):
            if not self.hidden(member):
                self._by_email.setdefault(self.person(member).email, []).append(member)
        self._indexed = len(self.persons)
        return self._by_email.get(email.strip().lower(), [])

    def hidden(self, member: int) -> int:
        """Return what rows do not say of a member: 0 nothing, 1 the address, 2 nor the user id."""
        if member in self._spellings:
            return 0
        person, kind = self.persons[member], self.kinds[member]
        share = 12 if kind == Kind.GUEST else 2 if kind in (Kind.REGISTERED, Kind.LATE) else 0
        bits = self.bits(person, 13) if share and person < GIVEN else 99
        return 0 if bits % 100 >= share else 2 if (bits >> 8) % 4 == 0 else 1

    def attendance_type(self, member: int) -> str | None:
        """Return how a member attends a hybrid airmeet; of a few it is not known."""
        if member in self.types_given:
            return self.types_given[member]
        choice = mix(self.salt, 24, member) % 8
        return None if choice == 0 else "IN-PERSON" if choice < 4 else "VIRTUAL"

    def registers(self, member: int) -> bool:
        """Return whether a member is among the registrations."""
        kind = self.kinds[member]
        return kind in (Kind.REGISTERED, Kind.LATE) or (
            kind >= Kind.HOST and self.persons[member] in self._joined
        )

    def address(self, member: int, use: int) -> str | None:
        """Return how a member's address is written; it may differ between feeds (`use`)."""
        if self.hidden(member):
            return None
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

    def delete_session(self, position: int) -> None:
        """Delete a session; the positions of the others stay."""
        self.put("sessions", 0, self.row_set("sessions").without({position}))
        self.deleted.add(position)

    def planned(self) -> list[Session]:
        """Return the sessions that were not deleted."""
        return [s for position, s in enumerate(self.sessions) if position not in self.deleted]

    def add_booth(self, booth: Booth) -> None:
        """Add a booth after all others; nobody visited it yet."""
        position = len(self.booths)
        self.put("booths", 0, self.row_set("booths").added(position, position))
        self._row_sets["booth_attendance", position] = RowSet.of((), ())
        self.booths.append(booth)

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
        groups: list[tuple[Kind, Iterable[int]]] = [
            (Kind.HOST, sorted({h for s in self.sessions for h in (*s.hosts, *s.cohosts)})),
            (Kind.SPEAKER, [p for s in self.sessions for p in s.speakers]),
            (Kind.EXHIBITOR, [p for b in self.booths for p in b.exhibitors]),
        ]
        others = draw.randrange(3) if size >= 8 else 0
        for person in self.people.strangers(draw, others, taken):
            groups.append((draw.choice(BY_TYPE_ALONE), [person]))
        staff = [person for _, persons in groups for person in persons]
        self._joined = {*[person for person in staff if draw.random() < 0.4][: size // 4]}
        # A few people register twice; those rows count among the registrations.
        twice = 1 if 8 <= size < 50 else size // 50
        is_over = airmeet.status == "FINISHED" and airmeet.end < now - HOUR
        late = (size + 13) // 25 if is_over else 0
        registered = self.people.strangers(draw, size - twice - late - len(self._joined), taken)
        registered += draw.sample(registered, twice)
        groups += [
            (Kind.REGISTERED, registered),
            (Kind.LATE, self.people.strangers(draw, late, taken)),
            (Kind.CANCELLED, self.people.strangers(draw, (size + 15) // 30, taken)),
            (Kind.INVITED, self.people.strangers(draw, size // 16, taken)),
        ]
        if airmeet.status in STARTED:
            groups.append((Kind.GUEST, self.people.strangers(draw, (size + 9) // 18, taken)))
        # For an airmeet that is added after its start people had registered before.
        opened = min(airmeet.created, airmeet.start - 3 * DAY)
        span = max(min(airmeet.start, now) - opened, MINUTE)
        members = []
        for kind, persons in groups:
            for person in persons:
                # Most people register late; some while it runs, and guests join after the start.
                moment = opened + int(span * draw.random() ** 0.6)
                if kind is Kind.LATE:
                    moment = airmeet.end + draw.randrange(min(now - airmeet.end, 20 * DAY))
                elif kind is Kind.GUEST or (
                    kind is Kind.REGISTERED and airmeet.status in STARTED and draw.random() < 0.04
                ):
                    until = min(airmeet.end, now, airmeet.start + 2 * HOUR)
                    moment = airmeet.start + draw.randrange(max(until - airmeet.start, MINUTE))
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
            members = self._where(
                self.registers if only else lambda member: self.kinds[member] != Kind.CANCELLED
            )
            return RowSet.of((first + member for member in members), members)
        draw = stream(self.salt, 2, first)
        if table == "event_attendance":
            attended = self._attended(draw)
        elif table == "registration_utms":
            attended = array("I", (m for m in self._registered() if draw.random() < 0.6))
        elif table == "replay_attendance":
            attended = self._watched(draw)
        else:
            attended = self._took_part(table, part, draw)
        return RowSet.of(range(first, first + len(attended)), attended)

    def _registered(self) -> list[int]:
        """Return one member of each person who registered."""
        members = self._where(self.registers)
        return list({self.persons[member]: member for member in members}.values())

    def _where(self, wanted: Callable[[int], bool]) -> list[int]:
        return [member for member in range(len(self.persons)) if wanted(member)]

    def _took_part(self, table: str, part: int, draw: Random) -> "array[int]":
        """Draw who took part in a session, a booth, the polls or the questions."""
        # Somebody who came back has two rows in the event's attendance, but one elsewhere.
        attended = dict.fromkeys(self.row_set("event_attendance").items)
        share = {
            "session_attendance": draw.uniform(0.5, 1.0),
            "booth_attendance": draw.uniform(0.05, 0.3),
            "poll_responses": draw.uniform(0.2, 0.7) if self.polls else 0.0,
            "questions": draw.uniform(0.0, 0.15),
        }[table]
        if self.airmeet.number == 0:
            share = max(share, 0.3)
        found = array("I")
        for member in attended:
            eagerness = self.people.eagerness(self.persons[member])
            if table == "session_attendance":
                if draw.random() < share and of_session(self, part, member):
                    found.append(member)
            elif eagerness > 0.2 and draw.random() < share * 2 * eagerness:
                found.append(member)
        if table == "session_attendance":
            # The event's attendance leaves a few people out.
            for member in self._registered():
                if (
                    member not in attended
                    and draw.random() < 0.01
                    and of_session(self, part, member)
                ):
                    found.append(member)
        return found

    def _watched(self, draw: Random) -> "array[int]":
        """Draw who watched replays: mostly people who were not there, some several sessions."""
        attended = {*self.row_set("event_attendance").items}
        found = array("I")
        for member in self._registered() if self.sessions else ():
            for share in (0.12 if member in attended else 0.3, 0.1):
                if draw.random() >= share:
                    break
                found.append(member)
        return found

    def _attended(self, draw: Random) -> "array[int]":
        rate = draw.uniform(0.35, 0.75)
        when = min(max((self.airmeet.start - self.now) / SPAN + 1, 0), 1)
        rates = {
            Kind.REGISTERED: rate,
            Kind.CANCELLED: 0.1,
            Kind.INVITED: 0.15,
            Kind.GUEST: 1.0,
            Kind.HOST: 0.95,
            Kind.SPEAKER: 0.9,
            Kind.EXHIBITOR: 0.7,
            Kind.ORGANIZER: 0.9,
            Kind.MODERATOR: 0.9,
            Kind.TEAM: 0.8,
            Kind.LATE: 0.0,
        }
        seen: set[int] = set()
        attended = []
        for member, (person, kind) in enumerate(zip(self.persons, self.kinds, strict=True)):
            if person not in seen:
                seen.add(person)
                chance = rates[Kind(kind)]
                if kind == Kind.REGISTERED:
                    chance = min(chance * self.people.inclination(person, when), 0.97)
                if draw.random() < chance:
                    attended.append(member)
        draw.shuffle(attended)
        # To a second day more people come back.
        share = 0.03 if self.airmeet.days == 1 else 0.4
        back = [member for member in attended if draw.random() < share]
        self.returned = {*back}
        self.return_ids = self._first_id("event_attendance", 0) + len(attended)
        return array("I", [*attended, *back])

    def end_sessions(self) -> None:
        """Finish every session that ran or was still to run."""
        self.sessions = [replace(session, status="FINISHED") for session in self.sessions]
