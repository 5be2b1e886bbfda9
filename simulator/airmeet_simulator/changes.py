"""Changes to the running simulator: what happens to a community over time.

Every change is safe from any thread, shows in the next request and in the truth. A running
or ready export keeps its rows until it is dropped (`forget_exports`, or by age).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import RLock
from typing import Any

from .access import parts_of
from .airmeets import HOUR, Airmeet, length_of
from .community import Community
from .draws import uuid
from .errors import SimulatorError
from .event import Event
from .exports import Exports
from .faults import Chaos, FaultKind, Faults
from .feeds import BY_TABLE
from .kinds import Kind
from .options import SimulatorOptions
from .pages import Pages
from .recordings import Recordings
from .row_sets import RowSet
from .series import Series
from .tokens import Tokens


@dataclass(slots=True)
class _Hook:
    left: int
    feed: str
    change: Callable[[], object]


class Changes:
    """The changes that a test or a demo can make; `Simulator` inherits them."""

    def __init__(
        self,
        community: Community,
        options: SimulatorOptions,
        faults: Faults | None,
        clock: Callable[[], float],
    ) -> None:
        self.community = community
        self.options = options
        self.clock = clock
        self.lock = RLock()
        self.pages = Pages()
        self.exports = Exports(clock)
        self.recordings = Recordings(community.plan.seed, clock)
        self.tokens = Tokens(community.plan.seed, clock)
        # `break_feed` needs a Chaos too; without a schedule it makes no fault by itself.
        self.chaos = Chaos(faults or Faults(probability=0.0), clock)
        self._broken: dict[tuple[str, str], FaultKind] = {}
        self._hooks: list[_Hook] = []

    # The service.

    def set_options(self, **changes: Any) -> None:
        """Change some options; the names are those of `SimulatorOptions`."""
        with self.lock:
            self.options = replace(self.options, **changes)
            self.pages.clear()

    def set_faults(self, faults: Faults | None) -> None:
        """Start another schedule of faults, or end them."""
        with self.lock:
            self.chaos = Chaos(faults or Faults(probability=0.0), self.clock)

    def break_feed(self, airmeet_id: str, table: str, kind: FaultKind) -> None:
        """Answer every request for a feed of an airmeet ("" for none, as auth) with a fault."""
        with self.lock:
            self._broken[airmeet_id, table] = kind

    def mend_feed(self, airmeet_id: str, table: str) -> None:
        """Undo `break_feed`."""
        with self.lock:
            self._broken.pop((airmeet_id, table), None)

    def revoke(self, revoked: bool = True) -> None:
        """Revoke the keys, or grant them again: auth answers 403 (§1.2)."""
        with self.lock:
            self.tokens.revoked = revoked

    def expire_tokens(self) -> None:
        """Expire every token issued so far: 412."""
        with self.lock:
            self.tokens.expire()

    def forget_exports(self) -> None:
        """Drop every export, running or ready."""
        with self.lock:
            self.exports.forget()

    def after_requests(self, count: int, change: Callable[[], object], feed: str = "") -> None:
        """Run a change once `count` more requests (of a feed, if named) were answered."""
        with self.lock:
            self._hooks.append(_Hook(count, feed, change))

    # Airmeets.

    def add_airmeet(
        self,
        name: str = "Added Meetup",
        status: str = "FINISHED",
        start: datetime | None = None,
        registrations: int = 20,
        minutes: tuple[int | None, ...] = (30, 60),
    ) -> str:
        """Add an airmeet, the latest one created, and return its id.

        Args:
            start: with a zone; three hours ago if left out.
            minutes: its sessions' lengths.
        """
        with self.lock:
            if registrations * 3 > self.community.people.size:
                raise SimulatorError(
                    f"{registrations} registrations need a larger community: "
                    f"it has {self.community.people.size} people"
                )
            airmeets = self.community.airmeets
            number = len(airmeets)
            now = self._now()
            begins = _milliseconds(start) if start else now - 3 * HOUR
            airmeet = Airmeet(
                number=number,
                uid=uuid(self.community.plan.seed, 14, number),
                name=name,
                status=status,
                timezone="UTC",
                start=begins,
                end=begins + length_of(minutes, 1),
                created=max(now, *(known.created + 1 for known in airmeets)),
                minutes=minutes,
                days=1,
                size=registrations,
            )
            self.community.put(airmeet)
            self.pages.clear()
            return airmeet.uid

    def edit_airmeet(
        self,
        airmeet_id: str,
        name: str | None = None,
        status: str | None = None,
        start: datetime | None = None,
        timezone: str | None = None,
    ) -> None:
        """Change an airmeet; moving its start moves its end and sessions along."""
        with self.lock:
            event = self._changing(airmeet_id)
            known = event.airmeet
            shift = _milliseconds(start) - known.start if start else 0
            self.community.shift_sessions(known, shift)
            self.community.put(
                replace(
                    known,
                    name=name or known.name,
                    status=status or known.status,
                    timezone=timezone or known.timezone,
                    start=known.start + shift,
                    end=known.end + shift,
                )
            )

    def finish_airmeet(self, airmeet_id: str) -> None:
        """End an airmeet and all its sessions now."""
        with self.lock:
            event = self._changing(airmeet_id)
            event.end_sessions()
            self.community.put(replace(event.airmeet, status="FINISHED", end=self._now()))

    def archive_airmeet(self, airmeet_id: str, archived: bool = True) -> None:
        """Leave an airmeet out of the listing, or list it again."""
        with self.lock:
            event = self._changing(airmeet_id)
            self.community.put(replace(event.airmeet, archived=archived))

    # Series.

    def put_series(self, name: str, *airmeet_ids: str, uid: str = "") -> str:
        """Add a series with these airmeets, or replace the one with this id; return its id."""
        with self.lock:
            known = self.community.series.get(uid)
            number = (
                known.number
                if known
                else 1
                + max((series.number for series in self.community.series.values()), default=-1)
            )
            uid = uid or uuid(self.community.plan.seed, 52, number)
            self.community.series[uid] = Series(number, uid, name, airmeet_ids)
            return uid

    def remove_series(self, uid: str) -> None:
        """Take a series away; its airmeets stay."""
        with self.lock:
            del self.community.series[uid]

    # Rows.

    def add_registration(self, airmeet_id: str, email: str, name: str | None = None) -> None:
        """Register somebody now, with the address as given; a second time if they were before."""
        with self.lock:
            event = self._changing(airmeet_id)
            person = self._person(event, email, name)
            member = event.join(person, self._now(), Kind.REGISTERED, email)
            for table in ("registrations", "participants"):
                added = event.row_set(table).added(event.next_id(table, 0), member)
                event.put(table, 0, added)

    def remove_registration(self, airmeet_id: str, email: str) -> None:
        """Cancel somebody's registrations: they leave the participants, too."""
        with self.lock:
            event = self._changing(airmeet_id)
            gone = set(self._members(event, email))
            for table in ("registrations", "participants"):
                event.put(table, 0, event.row_set(table).without(gone))

    def add_row(
        self, airmeet_id: str, table: str, email: str, part_id: str = "", name: str | None = None
    ) -> None:
        """Add somebody's attendance, poll responses or questions.

        Args:
            table: event_attendance, session_attendance, booth_attendance, replay_attendance,
                poll_responses or questions; nobody has two rows in the last two.
            part_id: the session's or booth's id.
        """
        with self.lock:
            event = self._changing(airmeet_id)
            part = self._part(event, part_id)
            members = self._members(event, email)
            member = (
                members[0]
                if members
                else event.join(
                    self.community.people.give(email, name), self._now(), Kind.GUEST, email
                )
            )
            found = event.row_set(table, part)
            if table in ("poll_responses", "questions") and member in found.items:
                raise SimulatorError(f"{table} already has a row of this person")
            event.put(table, part, found.added(event.next_id(table, part), member))

    def clear_feed(self, airmeet_id: str, table: str) -> None:
        """Remove all rows of a feed of an airmeet, of every session or booth."""
        with self.lock:
            event = self._changing(airmeet_id)
            for part in parts_of(event, BY_TABLE[table], self.options):
                event.put(table, part, RowSet.of((), ()))

    def _changing(self, airmeet_id: str) -> Event:
        event = self.community.event(airmeet_id)
        self.pages.clear()
        return event

    def _now(self) -> int:
        return int(self.clock() * 1000)

    def _person(self, event: Event, email: str, name: str | None) -> int:
        members = self._members(event, email)
        if members:
            return event.persons[members[0]]
        return self.community.people.give(email, name)

    def _members(self, event: Event, email: str) -> list[int]:
        return event.members_of(email)

    def _part(self, event: Event, part_id: str) -> int:
        if not part_id:
            return 0
        sessions = [session.uid for session in event.sessions]
        booths = [booth.uid for booth in event.booths]
        for uids in (sessions, booths):
            if part_id in uids:
                return uids.index(part_id)
        raise SimulatorError(f"no session or booth of this airmeet has the id {part_id}")


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
