"""One due feed of one airmeet: requested, read whole, and its result put on the queue.

Whatever fails here touches its own feed alone.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

from ..api.pagination import Budget
from ..errors import (
    AirmeetError,
    FatalError,
    FeedError,
    NotAllowed,
    Pending,
    Unavailable,
    UnexpectedResponse,
    Unreachable,
    one_line,
)
from ..feeds import Feed, feeds_in
from ..safe_text import printable
from ..settings import Settings
from .exports import Export
from .known_list import KnownList, is_as_known
from .lifecycle import Airmeet, Ledger
from .planner import requests_by_parent
from .progress import Progress
from .queue import UnitQueue
from .reader import FeedReader, FeedRequest, FeedRows
from .results import FeedResult, fault_result, loaded_result
from .schema_drift import ColumnTypeRegistry

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]

_HELD_BYTES = 16 * 2**20
"""First pages held, as JSON; beyond these a ready export is asked for again when it is read."""
MAX_CONSECUTIVE_FAILURES = 25
"""Feeds not allowed before any could be read, until the token is taken for useless here."""


class FeedFetcher:
    """Fetches single feeds and puts their results on the queue. For one event loop."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        reader: FeedReader,
        types: ColumnTypeRegistry,
        queue: UnitQueue,
        progress: Progress,
        wait: bool,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], datetime],
        known: KnownList | None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            settings: resolved settings.
            ledger: what the destination holds.
            reader: reads single series of requests.
            types: of columns that the schemas do not know.
            queue: takes the results.
            progress: kept up to date.
            wait: whether to wait for exports, or leave those that are not ready pending.
            sleep: waits, in seconds.
            clock: the present moment, with zone.
            known: what of the community is in the destination; what is the same gives no result.
        """
        self.unchanged: dict[str, datetime] = {}
        """When each table of the community was asked for that is as the destination has it."""
        self._known = known
        self._settings = settings
        self._ledger = ledger
        self._reader = reader
        self._types = types
        self._queue = queue
        self._progress = progress
        self._wait = wait
        self._sleep = sleep
        self._clock = clock
        self._slots = asyncio.Semaphore(settings.max_concurrency)
        self._held_bytes = Budget(_HELD_BYTES)
        self._not_allowed = 0

    async def fetch(self, airmeet: Airmeet, feed: Feed) -> None:
        """Read a feed that is not kicked off."""
        requested_at, request = self._clock(), FeedRequest.whole(feed, airmeet)
        async with self._slots:
            try:
                rows = await self._reader.read(request)
                await self._put_loaded(airmeet, feed, [rows], requested_at)
            except Exception as failure:
                fault = _fault_of_one_feed(failure)
                contradicted = request.contradicted_by(fault)
                await self._put_fault(airmeet, feed, fault, requested_at, contradicted)

    async def kick_off(self, airmeet: Airmeet, feed: Feed, due: list[Feed]) -> Work | None:
        """Ask once for all exports of a feed. Its parent (sessions, booths) is read for that.

        Args:
            airmeet: whose feed it is.
            feed: the feed.
            due: all feeds of the airmeet that are due; the parent is loaded if it is among them.

        Returns:
            The rest of the work: waits for the exports and reads them. None where nothing is left.
        """
        requested_at = self._clock()
        requests = [FeedRequest.whole(feed, airmeet)]
        if feed.parent is not None:
            parent = feeds_in(self._settings.hosts().layout)[feed.parent]
            whole = FeedRequest.whole(parent, airmeet)
            try:
                rows = await self._reader.read(whole)
            except Exception as failure:
                fault = _fault_of_one_feed(failure)
                contradicted = whole.contradicted_by(fault)
                if parent in due:
                    await self._put_fault(airmeet, parent, fault, requested_at, contradicted)
                reason = UnexpectedResponse(f"its {parent.name} could not be read: {fault}")
                kept = fault if isinstance(fault, Unavailable) else reason
                await self._put_fault(airmeet, feed, kept, requested_at, contradicted)
                return None
            if parent in due:
                await self._put_loaded(airmeet, parent, [rows], requested_at)
            parents = rows.tables[parent.name]
            requests = requests_by_parent(airmeet, feed, parents, self._clock())
            if not requests and parents.num_rows:
                nothing_yet = Unavailable(f"none of its {parent.name} has begun")
                await self._put_fault(airmeet, feed, nothing_yet, requested_at)
                return None
        exports = [Export(request, self._held_bytes) for request in requests]
        await _all(export.kick_off(self._reader) for export in exports)
        return partial(self._fetch_exports, airmeet, feed, exports, requested_at)

    async def _fetch_exports(
        self, airmeet: Airmeet, feed: Feed, exports: list[Export], requested_at: datetime
    ) -> None:
        self._progress.waiting += 1
        self._progress.exports += 1
        try:
            outcomes = await asyncio.gather(
                *(
                    export.wait_until_ready(
                        self._reader,
                        self._settings,
                        self._wait,
                        self._sleep,
                        partial(self._progress.will_poll, export),
                    )
                    for export in exports
                ),
                return_exceptions=True,
            )
        finally:
            self._progress.waiting -= 1
            self._progress.ends_polls(exports)
        contradicted = any(
            export.request.contradicted_by(outcome)
            for export, outcome in zip(exports, outcomes, strict=True)
        )
        try:
            refusals = _refusals(outcomes)
            async with self._slots:
                parts = await _all(
                    self._reader.read(export.request, export.page)
                    for export, outcome in zip(exports, outcomes, strict=True)
                    if outcome is None
                )
                if contradicted and self._holds_more(airmeet, feed, parts):
                    raise refusals[0]  # or the loaded rows of the part that refuses would go
                await self._put_loaded(airmeet, feed, parts, requested_at, refusals, contradicted)
        except Exception as failure:
            fault = _fault_of_one_feed(failure)
            # An export that was ready and then refuses contradicts itself, too.
            contradicted |= any(outcome is None for outcome in outcomes)
            await self._put_fault(airmeet, feed, fault, requested_at, contradicted)
        finally:
            for export in exports:
                export.release()

    def _holds_more(self, airmeet: Airmeet, feed: Feed, parts: Sequence[FeedRows]) -> bool:
        """Whether the destination holds more rows of a feed than were read now."""
        known = self._ledger.get((airmeet.id, feed.name))
        rows = sum(part.tables[feed.name].num_rows for part in parts)
        return known is not None and (known.rows or 0) > rows

    async def _put_loaded(
        self,
        airmeet: Airmeet,
        feed: Feed,
        parts: Sequence[FeedRows],
        requested_at: datetime,
        refusals: Sequence[Unavailable] = (),
        contradicted: bool = False,
    ) -> None:
        ready_at = self._clock()
        result = loaded_result(
            airmeet,
            feed,
            parts,
            refusals,
            requested_at,
            ready_at,
            self._settings.settle_days,
            contradicted,
        )
        self._not_allowed = -1  # something could be read: never again a reason to stop
        _log.info(
            "%s of %s fetched: %d rows in %.1f s",
            feed.name,
            printable(airmeet),
            result.rows,
            (ready_at - requested_at).total_seconds(),
        )
        await self._put(airmeet, result)

    async def _put_fault(
        self,
        airmeet: Airmeet,
        feed: Feed,
        fault: AirmeetError,
        requested_at: datetime,
        contradicted: bool = False,
    ) -> None:
        if isinstance(fault, NotAllowed) and self._not_allowed >= 0:
            self._not_allowed += 1
            if self._not_allowed >= MAX_CONSECUTIVE_FAILURES:
                raise Unreachable(f"nothing can be read with these keys: {fault}")
        result = fault_result(
            airmeet,
            feed,
            fault,
            requested_at,
            self._ledger,
            self._settings.settle_days,
            contradicted,
        )
        failed = result.syncs[0].status == "failed"
        _log.log(
            logging.WARNING if failed else logging.INFO,
            "%s of %s %s: %s",
            feed.name,
            printable(airmeet),
            "failed" if failed else f"is {result.syncs[0].status}",
            one_line(fault),
        )
        await self._put(airmeet, result)

    async def _put(self, airmeet: Airmeet, result: FeedResult) -> None:
        self._progress.finished += 1
        if airmeet.is_community and is_as_known(result, self._known, self._ledger):
            self.unchanged |= {sync.feed: sync.requested_at for sync in result.syncs}
            return
        self._progress.rows += result.rows
        await self._queue.put(replace(result, sent=self._types.take()))


def _fault_of_one_feed(failure: Exception) -> FeedError | Unavailable | Pending:
    """A failure as one that touches its feed alone, whatever it is.

    Raises:
        FatalError: it touches all.
    """
    if isinstance(failure, FatalError):
        raise failure
    if isinstance(failure, FeedError | Unavailable | Pending):
        return failure
    # What it says may quote somebody's data: where it was raised and its kind must do.
    trace = "".join(traceback.format_tb(failure.__traceback__))
    _log.debug("a feed could not be read: %s\n%s", type(failure).__name__, trace)
    return UnexpectedResponse(f"its answer could not be used ({type(failure).__name__})")


async def _all(jobs: Iterable[Coroutine[Any, Any, _T]]) -> list[_T]:
    """The results of all jobs; when one fails the others end first, then its error is raised."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return cast(list[_T], results)


def _refusals(outcomes: Sequence[BaseException | None]) -> list[Unavailable]:
    """The refusals among the outcomes of a feed's exports.

    Raises:
        BaseException: there is something worse, or nothing but refusals. A failure says more than
            a wait, and a wait more than a refusal.
    """
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    others = [o for o in outcomes if o is not None and not isinstance(o, Unavailable)]
    for other in sorted(others, key=lambda o: isinstance(o, Pending)):
        raise other
    if refusals and len(refusals) == len(outcomes):
        raise refusals[0]
    return refusals
