"""`airmeet status`: what is loaded, pending, failed and final, and how fresh; from the ledger."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dlt
from airmeet.extract.ledger import read_ledger
from airmeet.extract.lifecycle import FeedSync
from airmeet.extract.schema_drift import Drift, drift_in, read_sent
from airmeet.feeds import TABLE_FEEDS
from airmeet.schemas import COMMUNITY

from ..warehouse.warehouse import held_open
from .uncopied import Uncopied, read_uncopied

_OF_LEDGER = ("rows", "expected_rows", "is_final", "error")
"""What is shown of a ledger row, beside its state and when it was fetched."""


@dataclass
class FeedStatus:
    """One feed over all airmeets.

    Attributes:
        states: airmeets by the status of the feed.
        final: airmeets whose feed is final.
        rows: rows loaded.
        oldest: when the least fresh of the feeds that are not final was last fetched.
    """

    states: Counter[str] = field(default_factory=Counter)
    final: int = 0
    rows: int = 0
    oldest: datetime | None = None


@dataclass
class Status:
    """The state of the destination.

    Attributes:
        feeds: by name, in the order of the declarations.
        airmeets: how many the ledger knows.
        unfinished: lines that are pending or failed.
        mismatches: lines whose rows are not as many as the API announced.
        latest: when a feed was last fetched.
        drift: fields that Airmeet sends otherwise than the schemas have them.
        uncopied: airmeets whose recordings Airmeet deletes soon, and that were not copied.
        is_loaded: whether anything was ever loaded, if only that there is nothing.
    """

    feeds: dict[str, FeedStatus]
    airmeets: int
    unfinished: list[FeedSync]
    mismatches: list[FeedSync]
    latest: datetime | None
    drift: list[Drift]
    uncopied: list[Uncopied] = field(default_factory=list)
    is_loaded: bool = False


def read_status(pipeline: dlt.Pipeline) -> Status:
    """The state of the pipeline's destination."""
    with held_open(pipeline) as is_loaded:
        ledger = read_ledger(pipeline, _OF_LEDGER) if is_loaded else {}
        sent = read_sent(pipeline) if is_loaded else {}
        uncopied = read_uncopied(pipeline, datetime.now(UTC)) if is_loaded else []
    feeds = {name: FeedStatus() for name in TABLE_FEEDS}
    for sync in ledger.values():
        feed = feeds.setdefault(sync.feed, FeedStatus())
        feed.states[sync.status] += 1
        feed.final += sync.is_final
        feed.rows += sync.rows or 0
        if not sync.is_final and (feed.oldest is None or sync.requested_at < feed.oldest):
            feed.oldest = sync.requested_at
    lines = list(ledger.values())
    return Status(
        feeds,
        len({sync.airmeet_id for sync in lines} - {COMMUNITY}),
        [sync for sync in lines if sync.status in ("pending", "failed")],
        [s for s in lines if s.expected_rows is not None and s.expected_rows != s.rows],
        max((sync.requested_at for sync in lines), default=None),
        drift_in(sent),
        uncopied,
        is_loaded,
    )


def is_older(status: Status, limit: timedelta, now: datetime | None = None) -> bool:
    """Whether the last fetch is longer ago than the limit, or never was."""
    return status.latest is None or (now or datetime.now(UTC)) - status.latest > limit


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago, in words: `3 min ago`."""
    if moment is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"
