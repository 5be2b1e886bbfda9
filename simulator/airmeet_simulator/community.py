"""The community: its airmeets, and their events, each drawn when it is first needed."""

from dataclasses import replace

from .airmeets import Airmeet, Plan, plan_airmeets
from .draws import uuid
from .errors import SimulatorError
from .event import Event
from .people import People
from .programme import Session, session_uid
from .row_sets import RowSet
from .series import plan_series


class Community:
    """All airmeets by number, and indexes of their ids.

    Attributes:
        uid: the community's id, beside a token at the top level.
        airmeets: by number, each in its latest state; replaced through `put` only.
        series: by id, in the order in which the gateway lists them.
    """

    def __init__(self, plan: Plan, now: int) -> None:
        self.plan = plan
        self.now = now
        self.uid = uuid(plan.seed, 41)
        self.airmeets = plan_airmeets(plan, now)
        self.series = plan_series(plan, self.airmeets)
        largest = max(airmeet.size for airmeet in self.airmeets)
        # A person is at two or three airmeets; there are enough people for the largest.
        total = plan.airmeets * plan.registrations
        self.people = People(plan.seed, max(300, total * 9 // 20, largest * 3))
        self._numbers = {airmeet.uid: airmeet.number for airmeet in self.airmeets}
        self._sessions = {
            session_uid(plan.seed, airmeet.number, position): (airmeet.number, position)
            for airmeet in self.airmeets
            for position in range(len(airmeet.minutes))
        }
        self._events: dict[int, Event] = {}
        self._listings: dict[bool, RowSet] = {}

    @property
    def foreign(self) -> Airmeet:
        """The airmeet that belongs to another community."""
        return next(airmeet for airmeet in self.airmeets if airmeet.foreign)

    def find(self, uid: str) -> Airmeet | None:
        """Return an airmeet by its id, listed or not."""
        number = self._numbers.get(uid)
        return None if number is None else self.airmeets[number]

    def find_session(self, uid: str) -> tuple[Airmeet, int] | None:
        """Return a session's airmeet and position."""
        found = self._sessions.get(uid)
        return None if found is None else (self.airmeets[found[0]], found[1])

    def event(self, uid: str) -> Event:
        """Return an airmeet's event.

        Raises:
            SimulatorError: no airmeet has this id.
        """
        airmeet = self.find(uid)
        if airmeet is None:
            raise SimulatorError(f"no airmeet has the id {uid}")
        return self.event_of(airmeet)

    def event_of(self, airmeet: Airmeet) -> Event:
        """Return an airmeet's event, and draw it if needed."""
        event = self._events.get(airmeet.number)
        if event is None:
            now = max(self.now, airmeet.created)
            event = Event(self.plan.seed, airmeet, self.people, now)
            self._events[airmeet.number] = event
        return event

    def listing(self, archived: bool) -> RowSet:
        """Return the listed airmeets in order of creation, with or without archived ones."""
        found = self._listings.get(archived)
        if found is None:
            listed = sorted(
                (airmeet.created, airmeet.number)
                for airmeet in self.airmeets
                if not airmeet.foreign and (archived or not airmeet.archived)
            )
            found = RowSet.of((created for created, _ in listed), (number for _, number in listed))
            self._listings[archived] = found
        return found

    def put(self, airmeet: Airmeet) -> None:
        """Replace an airmeet by its later state, or add one numbered after all others."""
        if airmeet.number == len(self.airmeets):
            self.airmeets.append(airmeet)
            self._numbers[airmeet.uid] = airmeet.number
            for position in range(len(airmeet.minutes)):
                uid = session_uid(self.plan.seed, airmeet.number, position)
                self._sessions[uid] = (airmeet.number, position)
        else:
            # The event is drawn from the airmeet as it was planned.
            self.event_of(self.airmeets[airmeet.number]).airmeet = airmeet
            self.airmeets[airmeet.number] = airmeet
        self._listings.clear()

    def add_session(self, airmeet: Airmeet, session: Session) -> None:
        """Add a session to an airmeet, after its others."""
        event = self.event_of(airmeet)
        self._sessions[session.uid] = (airmeet.number, len(event.sessions))
        event.add_session(session)

    def delete_session(self, airmeet: Airmeet, session_id: str) -> None:
        """Delete a session of an airmeet."""
        _, position = self._sessions.pop(session_id)
        self.event_of(airmeet).delete_session(position)

    def shift_sessions(self, airmeet: Airmeet, milliseconds: int) -> None:
        """Move an airmeet's sessions along with it."""
        event = self.event_of(airmeet)
        event.sessions = [
            replace(session, start=session.start + milliseconds) for session in event.sessions
        ]
