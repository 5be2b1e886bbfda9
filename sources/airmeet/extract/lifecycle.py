"""Pure rules: what is due, what is final. No clock, no I/O: moments come as arguments."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any, Literal

from ..feeds import Feed
from ..schemas import COMMUNITY, TABLES
from ..times import as_time

Status = Literal["loaded", "pending", "unavailable", "failed"]

FINISHED = "FINISHED"
ONGOING = "ONGOING"
UNDER_WAY = (ONGOING, "PAUSED")
"""Statuses of what has begun. One that is PAUSED past its end may never be finished: it is over by
its times, as the reports have it."""
ARCHIVED = ("ARCHIVE", "ARCHIVED")
"""Statuses of what was put away; the list leaves such airmeets out, in practice."""

RECORDINGS_KEPT = timedelta(days=60)
"""How long Airmeet keeps a recording."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Airmeet:
    """An airmeet as the list gives it; times are None where the API gives none. The community
    stands in an airmeet's place where a feed is the community's (`of_community`)."""

    id: str
    name: str
    status: str
    start: datetime | None
    end: datetime | None
    version: str

    @property
    def is_community(self) -> bool:
        """Whether it is the community. It has no times, so that nothing of it is ever final."""
        return self.id == COMMUNITY

    @property
    def ends_at(self) -> datetime | None:
        """Its end; where the API gives none, a day after the start once it is FINISHED, or put
        away."""
        is_over = self.status == FINISHED or self.status in ARCHIVED
        if self.end is None and self.start is not None and is_over:
            return self.start + _DAY if self.start.year < MAXYEAR else None
        return self.end

    @classmethod
    def of(cls, row: Mapping[str, Any], treatment: str = "") -> "Airmeet":
        """Read a row of the list (§2.1).

        Args:
            row: of the list, by column.
            treatment: version of the privacy policy; where that changed, all is due again.
        """
        facts = [row.get(k) for k in ("name", "status", "timezone", "start_time", "end_time")]
        words = repr(facts) + treatment
        version = hashlib.sha256(words.encode()).hexdigest()[:16]
        name, status, _, start, end = facts
        return cls(
            str(row["airmeet_id"]),
            str(name),
            str(status).strip().upper(),
            _time(start),
            _time(end),
            version,
        )

    @classmethod
    def of_community(cls, treatment: str = "") -> "Airmeet":
        """The community, for feeds that are its own."""
        return cls(COMMUNITY, "", "", None, None, COMMUNITY + treatment)

    def __str__(self) -> str:
        return "the community" if self.is_community else f"airmeet {self.id}"


def _time(value: Any) -> datetime | None:
    try:
        return as_time(value)
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class FeedSync:
    """A ledger row: how the last fetch of one feed of one airmeet ended."""

    airmeet_id: str
    feed: str
    status: Status
    airmeet_version: str
    requested_at: datetime
    rows: int | None = None
    expected_rows: int | None = None
    pages: int = 0
    ready_at: datetime | None = None
    loaded_at: datetime | None = None
    is_final: bool = False
    error: str | None = None
    api_total: int | None = None
    checked_at: datetime | None = None


Ledger = Mapping[tuple[str, str], FeedSync]
"""The rows by airmeet and feed."""


@dataclass(frozen=True)
class Selection:
    """What a run is narrowed to, or forced to.

    Attributes:
        airmeet_ids: only these, by id; names until the list is read. None for all.
        since: only airmeets that start on this day (UTC) or later.
        until: only airmeets that start on this day (UTC) or earlier.
        full_refresh: fetch what is settled, too.
        tables: the tables that are loaded, which alone make a feed due; None for all.
        of_several: whether several communities are loaded, of which each lists some of
            `airmeet_ids` alone.
    """

    airmeet_ids: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None
    full_refresh: bool = False
    tables: frozenset[str] | None = None
    of_several: bool = False

    def takes(self, airmeet: Airmeet) -> bool:
        """Whether the airmeet is within the selection. One without a start is within no period;
        the community is within every one, and left out where airmeets are asked for by id."""
        if self.airmeet_ids is not None and airmeet.id not in self.airmeet_ids:
            return False
        if airmeet.is_community or (self.since is None and self.until is None):
            return True
        if airmeet.start is None:
            return False
        day = airmeet.start.date()
        return (self.since is None or day >= self.since) and (
            self.until is None or day <= self.until
        )


def is_due(airmeet: Airmeet, sync: FeedSync | None) -> bool:
    """Whether a feed must be fetched: never loaded, pending or failed last time, its airmeet
    changed, or its table did, or not final."""
    if sync is None or not sync.is_final:
        return True
    return sync.airmeet_version != version_of(airmeet, sync.feed)


def version_of(airmeet: Airmeet, table: str) -> str:
    """What a ledger row remembers of the airmeet, and of what the table's columns mean."""
    revision = TABLES[table].revision
    return airmeet.version if revision == 1 else f"{airmeet.version}.{revision}"


def due_feeds(
    airmeets: Iterable[Airmeet], feeds: Sequence[Feed], ledger: Ledger, selection: Selection
) -> list[tuple[Airmeet, list[Feed]]]:
    """The airmeets of the selection, and the community, that have feeds due, with these feeds.

    A feed with several tables is due when one of its tables is that is loaded.
    """
    plan = []
    for airmeet in airmeets:
        if not selection.takes(airmeet):
            continue
        due = [
            feed
            for feed in feeds
            if feed.of_community == airmeet.is_community
            and (
                selection.full_refresh
                or any(
                    is_due(airmeet, ledger.get((airmeet.id, table)))
                    for table in feed.tables
                    if selection.tables is None or table in selection.tables
                )
            )
        ]
        if due:
            plan.append((airmeet, due))
    return plan


def with_finality(
    airmeet: Airmeet, sync: FeedSync, settle_days: float, contradicted: bool
) -> FeedSync:
    """The row with `is_final` set.

    A feed is final once it was asked for `settle_days` after the end of its airmeet, and gave all
    that the API announced, or has nothing to give. Of an airmeet that the API calls ONGOING nothing
    is, whatever its end and our clock say. A refusal that contradicts what is known
    (`FeedRequest.contradicted_by`) is requested again.
    """
    answered = sync.status in ("loaded", "unavailable") and not contradicted
    complete = sync.expected_rows is None or sync.expected_rows == sync.rows
    late = (
        airmeet.ends_at is not None and (sync.requested_at - airmeet.ends_at) / _DAY >= settle_days
    )
    ongoing = airmeet.status == ONGOING
    return replace(sync, is_final=answered and complete and late and not ongoing)


def can_have_attendance(status: str | None, start: datetime | None, now: datetime) -> bool:
    """Whether to ask for the attendance of a session or booth, by status and start.

    In practice only what is finished has attendance; the specification sets no limit. So all are
    requested but those that are clearly still to come.
    """
    return status in (FINISHED, *UNDER_WAY) or start is None or start <= now
