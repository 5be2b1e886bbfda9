"""What comes after a feed is final: registrations and replays that arrive late.

Once a day at most, and for `late_days` after finality, one small request asks for the API's total.
Where it is not the total that the ledger remembers, the feed is due again.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..errors import FatalError, Pending, Unavailable
from ..feeds import Feed
from ..safe_text import printable
from .lifecycle import Airmeet, FeedSync, Ledger, Selection, is_due
from .reader import FeedReader, FeedRequest

_log = logging.getLogger(__name__)

WATCHED: Mapping[str, tuple[str, ...]] = {
    "participants": ("participants", "registrations", "registration_utms"),
    "replay_attendance": ("replay_attendance",),
}
"""The feeds whose totals are asked for, and which feeds are due again where one differs:
registrations have no total of their own, but who registers is a participant, too."""

_DAY_SECONDS = 24 * 3600


@dataclass
class LateChanges:
    """What was found.

    Attributes:
        due: by airmeet, the feeds that are due again.
        unchanged: the ledger's rows of the feeds that are as they were, with the time of the check.
    """

    due: dict[Airmeet, list[Feed]] = field(default_factory=dict)
    unchanged: list[FeedSync] = field(default_factory=list)


def watched(
    airmeets: Iterable[Airmeet],
    feeds: Sequence[Feed],
    ledger: Ledger,
    selection: Selection,
    now: datetime,
    late_seconds: float,
) -> list[tuple[Airmeet, Feed, FeedSync]]:
    """The feeds to ask for, with their rows in the ledger.

    Args:
        airmeets: those that are listed.
        feeds: the feeds wanted.
        ledger: what the destination holds.
        selection: what the run is narrowed to; a full refresh fetches all without asking.
        now: the present moment.
        late_seconds: from an airmeet's end until nothing is asked any more.
    """
    if selection.full_refresh:
        return []
    found = []
    for airmeet in airmeets:
        end = airmeet.ends_at
        if not selection.takes(airmeet) or end is None:
            continue
        if (now - end).total_seconds() > late_seconds:
            continue
        for feed in feeds:
            sync = ledger.get((airmeet.id, feed.name))
            if feed.name not in WATCHED or sync is None or is_due(airmeet, sync):
                continue
            last = max(filter(None, (sync.checked_at, sync.requested_at)))
            if _total_of(sync) is not None and (now - last).total_seconds() >= _DAY_SECONDS:
                found.append((airmeet, feed, sync))
    return found


async def find_late_changes(
    reader: FeedReader,
    watching: Sequence[tuple[Airmeet, Feed, FeedSync]],
    feeds: Sequence[Feed],
    most_at_once: int,
    now: datetime,
) -> LateChanges:
    """Ask for the totals.

    What cannot be asked now, or is still being prepared, is asked for by the next run.

    Raises:
        FatalError: nothing can be asked at all.
    """
    found = LateChanges()
    slots = asyncio.Semaphore(most_at_once)

    async def ask(airmeet: Airmeet, feed: Feed, sync: FeedSync) -> None:
        async with slots:
            try:
                total = await reader.total(FeedRequest.whole(feed, airmeet))
            except FatalError:
                raise
            except Exception as failure:
                is_expected = isinstance(failure, Pending | Unavailable)
                _log.log(
                    logging.INFO if is_expected else logging.WARNING,
                    "whether anything came later to %s of airmeet %s could not be seen (%s); the "
                    "next run asks again",
                    feed.name,
                    printable(airmeet.id),
                    type(failure).__name__,
                )
                return
        if total is None or total == _total_of(sync):
            found.unchanged.append(replace(sync, checked_at=now))
            return
        _log.info("%s of airmeet %s came later", feed.name, printable(airmeet.id))
        due = found.due.setdefault(airmeet, [])
        due += [f for f in feeds if f.name in WATCHED[feed.name] and f not in due]

    await asyncio.gather(*(ask(*each) for each in watching))
    return found


def _total_of(sync: FeedSync) -> int | None:
    """The total that the API gave last; rows loaded before it was kept stand for it."""
    return sync.expected_rows if sync.api_total is None else sync.api_total
