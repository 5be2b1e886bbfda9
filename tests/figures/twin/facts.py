"""What all figures rest on: raw tables read with care, airmeets in their phases, feeds that are
known, awaited or lost."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from airmeet.feeds import TABLE_FEEDS

Row = dict[str, Any]
Raw = Mapping[str, Sequence[Mapping[str, Any]]]

ANSWERED = {"loaded", "unavailable"}
ATTENDANCE = ("sessions", "booths", "event_attendance", "session_attendance")
REGISTRATION = ("sessions", "booths", "registrations")
ENGAGEMENT = (*ATTENDANCE, "poll_responses", "questions", "booth_attendance")
KNOWN, NOT_YET, AWAITED, LOST = "known", "not yet", "awaited", "lost"

_LONGEST = 525_600
"""Minutes of a session, which is a year."""
_MOST_VISITS = 1_000_000
"""Of one visitor; a number beyond cannot be true."""
_ZONES = {zone.casefold(): zone for zone in available_timezones() - {"localtime", "Factory"}}


@dataclass(frozen=True)
class Rule:
    """A rule of certificate_rules; without an airmeet it is for all that have none of their own."""

    name: str
    airmeet_id: str | None
    asks: Mapping[str, float | None]
    """What it asks for by column, min_share first."""


@dataclass(frozen=True)
class Seeds:
    """The small tables and settings that figures depend on."""

    settle_days: float
    free_mail: frozenset[str]
    staff_types: frozenset[str]
    weights: Mapping[str, tuple[float, float | None]]
    """Weight and cap of each component."""
    score_version: str
    waived: frozenset[tuple[str, str]]
    rules: Sequence[Rule]
    roles: Sequence[tuple[str, str]]
    """Keywords and what they stand for; the first that fits counts."""


@dataclass
class Event:
    """One airmeet: its own row, its ledger, and what follows from both."""

    row: Mapping[str, Any]
    ledger: Mapping[str, Mapping[str, Any]]
    sessions: Sequence[Mapping[str, Any]]
    last_fetch: datetime | None
    last_list: datetime | None
    seeds: Seeds
    staff: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return str(self.row["airmeet_id"])

    @property
    def name(self) -> str | None:
        return self.row.get("name")

    @cached_property
    def status(self) -> str | None:
        status = self.row.get("status")
        return None if status is None else status.strip().upper()

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """None where the database does not know it; days are then in UTC."""
        name = _ZONES.get((self.row.get("timezone") or "").strip().casefold())
        return ZoneInfo(name) if name else None

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone or UTC)

    def day(self, moment: datetime | None) -> date | None:
        return None if moment is None else self.local(moment).date()

    @property
    def start(self) -> datetime | None:
        start: datetime | None = self.row.get("start_time")
        return start

    @cached_property
    def start_date(self) -> date | None:
        return self.day(self.start)

    @cached_property
    def month(self) -> date | None:
        return self.start_date and self.start_date.replace(day=1)

    @cached_property
    def ends_at(self) -> datetime | None:
        if self.row.get("end_time") is not None:
            end: datetime = self.row["end_time"]
            return end
        ends: list[datetime] = [
            session["start_time"] + _length(session.get("duration"))
            for session in self.sessions
            if session.get("start_time") is not None
        ]
        if ends:
            return max(ends)
        return None if self.start is None else self.start + timedelta(days=1)

    @property
    def is_end_known(self) -> bool:
        """Whether the airmeet itself or one of its sessions tells the end."""
        starts = [session.get("start_time") for session in self.sessions]
        return self.row.get("end_time") is not None or any(starts)

    @property
    def is_listed(self) -> bool | None:
        seen = self.row.get("last_listed_at")
        return None if seen is None else bool(seen == self.last_list)

    def status_of(self, feed: str) -> str | None:
        return self.ledger[feed]["status"] if feed in self.ledger else None

    def has(self, *feeds: str) -> bool:
        """Whether all of them are loaded or have nothing to give."""
        return all(self.status_of(feed) in ANSWERED for feed in feeds)

    @cached_property
    def phase(self) -> str:
        if self.status in ("CANCELLED", "CANCELED"):
            return "cancelled"
        if self.status == "ONGOING":
            return "ongoing"
        if self.status == "FINISHED":
            return "over"
        moment = self.row.get("last_listed_at")
        if self.has("event_attendance"):
            moment = self.ledger["event_attendance"].get("requested_at") or moment
        is_archived = self.status in ("ARCHIVE", "ARCHIVED")
        if is_archived:
            return "over" if moment and self.start and self.start <= moment else "withdrawn"
        if moment and self.ends_at and self.ends_at <= moment:
            return "over"
        if moment and self.start and self.start <= moment:
            return "ongoing"
        return "withdrawn" if self.is_listed is False else "upcoming"

    @property
    def is_over(self) -> bool:
        return self.phase == "over"

    @property
    def are_staff_known(self) -> bool:
        return self.has("sessions", "booths")

    @property
    def is_presence_known(self) -> bool:
        """Whether it is known who was there, be it as staff or not."""
        return (
            self.status_of("event_attendance") == "loaded"
            and self.has("session_attendance")
            and self.phase in ("ongoing", "over")
        )

    @property
    def is_attendance_known(self) -> bool:
        return self.is_presence_known and self.are_staff_known

    @property
    def is_engagement_known(self) -> bool:
        return self.is_attendance_known and self.has(*ENGAGEMENT)

    @property
    def is_not_yet(self) -> bool:
        unheld = self.phase in ("upcoming", "cancelled", "withdrawn")
        return unheld or self.status_of("event_attendance") == "unavailable"

    def lack(self, feed: str) -> str:
        """Known, awaited or lost."""
        if self.has(feed):
            return KNOWN
        if (self.id, feed) in self.seeds.waived:
            return LOST
        if self.last_fetch and self.ends_at:
            settled = self.ends_at + timedelta(days=self.seeds.settle_days)
            return LOST if settled <= self.last_fetch else AWAITED
        return AWAITED

    def state(self, feeds: Iterable[str]) -> str:
        lacks = {self.lack(feed) for feed in feeds}
        return next(state for state in (AWAITED, LOST, KNOWN) if state in lacks)

    @cached_property
    def registration_state(self) -> str:
        return self.state(REGISTRATION)

    @cached_property
    def attendance_state(self) -> str:
        return NOT_YET if self.is_not_yet else self.state(ATTENDANCE)

    @cached_property
    def engagement_state(self) -> str:
        return NOT_YET if self.is_not_yet else self.state(ENGAGEMENT)

    @cached_property
    def is_final(self) -> bool:
        settled = all(row.get("is_final") for row in self.ledger.values())
        return settled and TABLE_FEEDS.keys() <= self.ledger.keys()

    @cached_property
    def data_as_of(self) -> datetime | None:
        fetched = [row.get("requested_at") for row in self.ledger.values() if is_loaded(row)]
        return min((moment for moment in fetched if moment), default=None)

    @property
    def tail(self) -> Row:
        """The columns that most reports end with."""
        return {
            "is_final": self.is_final,
            "event_name": self.name,
            "start_date": self.start_date,
            "status": self.status,
        }


def _length(minutes: float | None) -> timedelta:
    """In whole seconds; one that is not known, or cannot be true, counts as none."""
    if minutes is None or not 0 <= minutes <= _LONGEST:
        return timedelta(0)
    return timedelta(seconds=seconds_of(minutes))


def seconds_of(minutes: float) -> int:
    """The nearest whole second; of two the later."""
    return math.floor(minutes * 60 + 0.5)


def is_loaded(row: Mapping[str, Any]) -> bool:
    return bool(row["status"] == "loaded")


class Community:
    """The raw tables by airmeet, and the airmeets."""

    def __init__(self, raw: Raw, seeds: Seeds) -> None:
        self.seeds = seeds
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for table, given in raw.items():
            for row in given:
                # An empty text says nothing; some destinations store none.
                said = {name: None if value == "" else value for name, value in row.items()}
                self._rows[table, row.get("airmeet_id", "")].append(said)
        self.editions: list[Row] = [
            {name: None if value == "" else value for name, value in row.items()}
            for row in raw.get("event_series_airmeets", ())
        ]
        requests = (row.get("requested_at") for row in raw.get("feed_syncs", ()))
        self.last_fetch = max((moment for moment in requests if moment), default=None)
        listings = (row.get("last_listed_at") for row in raw["airmeets"])
        last_list = max((moment for moment in listings if moment), default=None)
        self.events = [
            Event(
                row,
                {sync["feed"]: sync for sync in self.of("feed_syncs", row["airmeet_id"])},
                self.of("sessions", row["airmeet_id"]),
                self.last_fetch,
                last_list,
                seeds,
            )
            for given in raw["airmeets"]
            for row in self.of("airmeets", given["airmeet_id"])
        ]

    def polls(self, event: Event) -> list[Row]:
        """What was asked and answered, in plain texts; what has no question is no poll, and a
        blank answer is none."""
        return [
            {
                **row,
                "question": row["question"].strip(),
                "answer": (row.get("answer") or "").strip() or None,
            }
            for row in self.of("poll_responses", event)
            if row.get("question") is not None
        ]

    def answers(self, event: Event) -> list[Row]:
        return [row for row in self.polls(event) if row["answer"] is not None]

    def session_name(self, event: Event, session_id: str | None) -> str | None:
        sessions = self.of("sessions", event)
        return next((row.get("name") for row in sessions if row["session_id"] == session_id), None)

    def of(self, table: str, event: "Event | str") -> list[Row]:
        """The rows of an airmeet in a table."""
        return self._rows.get((table, event if isinstance(event, str) else event.id), [])


def ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def largest(values: Iterable[Any]) -> Any:
    """The largest that is not null."""
    return max((value for value in values if value is not None), default=None)


def smallest(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def domain_of(person: str | None) -> str | None:
    if person is None or "@" not in person:
        return None
    return person.rsplit("@", 1)[1] or None


def visits_of(row: Mapping[str, Any]) -> int:
    """Whoever is listed without a number that can be true came once."""
    visits = row.get("visits")
    return visits if visits is not None and 0 <= visits <= _MOST_VISITS else 1


def total(values: Iterable[float | None]) -> float | None:
    """The sum; null where one is null."""
    values = list(values)
    return None if None in values else math.fsum(v for v in values if v is not None)
