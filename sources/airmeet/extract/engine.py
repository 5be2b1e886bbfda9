"""Due units in, finished units out: all exports are kicked off first, pages come concurrently.

One event loop in a thread of its own. A run goes:

1. the list of airmeets; from it and the ledger, what is due;
2. the kick-off: every export is asked for once, and what must be read for that (sessions, booths);
3. everything else: plain feeds are read while the exports are prepared; an export is read once all
   exports of its unit are ready. A wait holds no request slot.

A unit (one feed of one airmeet) is handed over whole. What fails touches its unit alone; what makes
all else pointless (keys revoked, network gone) ends the run.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import pyarrow as pa

from ..api.client import Client
from ..api.pagination import Budget
from ..errors import (
    AirmeetError,
    FatalError,
    FeedError,
    NotAllowed,
    Pending,
    SelectionError,
    Unavailable,
    UnexpectedResponse,
    Unreachable,
)
from ..feeds import Feed, feeds_in
from ..privacy.policy import PrivacyPolicy
from ..rows import values_of
from ..schemas import TABLES
from ..settings import Settings
from .arrow import to_arrow
from .exports import Export
from .lifecycle import FINISHED, Airmeet, Ledger, Selection, can_have_attendance, due_feeds
from .listing import list_airmeets
from .progress import Progress
from .queue import UnitQueue
from .reader import FeedReader, FeedRequest, FeedRows
from .results import FeedResult, fault_result, loaded_result
from .schema_drift import ColumnTypeRegistry

_T = TypeVar("_T")

_HANDOVER_WEIGHT = 200_000
_HELD_ROWS = 50_000
"""Rows of first pages held; beyond these a ready export is asked for again when it is read."""
_ALIKE = 25
"""So many feeds not allowed before any could be read: the token is of no use here."""


class Engine:
    """Fetches what is due. `start` it, take units from its `handover`, `stop` it."""

    def __init__(
        self,
        settings: Settings,
        feeds: Sequence[Feed],
        ledger: Ledger,
        selection: Selection,
        token_folder: Path,
        learned: ColumnTypeRegistry,
        wait: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        guard: PrivacyPolicy | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            settings: resolved settings.
            feeds: the feeds wanted.
            ledger: what the destination holds.
            selection: what the run is narrowed to.
            token_folder: where the access token is kept between runs.
            learned: kinds of the destination's columns that the schemas do not know.
            wait: whether to wait for exports, or leave those that are not ready pending.
            sleep: waits, in seconds.
            clock: the present moment, with zone.
            guard: what of people is stored; by the settings, and nobody erased, without one.
        """
        self.handover = UnitQueue(_HANDOVER_WEIGHT)
        self.progress = Progress()
        self._settings = settings
        self._feeds = feeds
        self._ledger = ledger
        self._selection = selection
        self._token_folder = token_folder
        self._learned = learned
        self._wait = wait
        self._guard = guard or settings.guard()
        self._sleep = sleep
        self._clock = clock
        self._thread = threading.Thread(target=self._run, name="airmeet-engine", daemon=True)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._main: asyncio.Task[None] | None
        self._reader: FeedReader
        self._slots: asyncio.Semaphore
        self._tasks: asyncio.TaskGroup
        self._allowance = Budget(_HELD_ROWS)
        self._not_allowed = 0

    def start(self) -> None:
        """Begin to fetch, in the engine's own thread."""
        self._thread.start()

    def stop(self) -> None:
        """End early, or tidy up after the end. What was handed over stays."""
        if self._started.wait(timeout=None if self._thread.is_alive() else 0) and self._main:
            with suppress(RuntimeError):  # it has ended by itself, and its loop with it
                self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            asyncio.run(self._fetch())
        except asyncio.CancelledError:
            pass
        except BaseException as failure:
            error = failure
        finally:
            self._started.set()
            self.handover.end(error)

    async def _fetch(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._started.set()
        self._slots = asyncio.Semaphore(self._settings.max_concurrency)
        client = Client(self._settings, self._token_folder, self._sleep, self._count_request)
        try:
            async with client, asyncio.TaskGroup() as self._tasks:
                self._reader = FeedReader(client, self._learned, self._guard)
                await self._work(await self._plan(client))
            self.progress.stage = "fetched"
        except BaseExceptionGroup as group:
            raise _first(group) from None

    def _count_request(self) -> None:
        self.progress.requests += 1

    async def _plan(self, client: Client) -> list[tuple[Airmeet, list[Feed]]]:
        rows, self.progress.nameless = await list_airmeets(client)
        self.progress.airmeets = len(rows)
        wanted = self._selection.airmeet_ids or frozenset()
        if unknown := sorted(wanted - {str(row["uid"]) for row in rows}):
            raise SelectionError(
                f"no airmeet {', '.join(unknown)} is listed for these keys (archived ones are "
                "left out of Airmeet's list)"
            )
        # Also where there are none: the tables exist from the first load on.
        listed = {"last_listed_at": self._clock()}
        table = to_arrow(
            TABLES["airmeets"], values_of(rows), len(rows), listed, set(), self._learned
        )
        table, left_out = self._guard.apply("airmeets", table)
        named = frozenset(f"airmeets.{name}" for name in left_out)
        sent = self._learned.take()
        await self.handover.put(FeedResult({"airmeets": table}, left_out=named, sent=sent))
        airmeets = [Airmeet.of(row, self._guard.version) for row in rows]
        plan = due_feeds(airmeets, self._feeds, self._ledger, self._selection)
        self.progress.planned = sum(len(due) for _, due in plan)
        return plan

    async def _work(self, plan: list[tuple[Airmeet, list[Feed]]]) -> None:
        self.progress.stage = "kicking off exports"
        waiting: list[Callable[[], Coroutine[Any, Any, None]]] = []
        await self._by_workers(
            self._kick_off(airmeet, feed, due, waiting)
            for airmeet, due in plan
            for feed in due
            if feed.export
        )
        for unit in waiting:
            self._tasks.create_task(unit())
        self.progress.stage = "fetching"
        await self._by_workers(
            self._plain_unit(airmeet, feed)
            for airmeet, due in plan
            for feed in due
            if not feed.export and not any(child.parent == feed.name for child in due)
        )
        self.progress.stage = "waiting for exports"

    async def _by_workers(self, jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
        """Run the jobs, as many at a time as there may be requests."""
        jobs = iter(jobs)

        async def work() -> None:
            for job in jobs:
                await job

        async with asyncio.TaskGroup() as workers:
            for _ in range(self._settings.max_concurrency):
                workers.create_task(work())

    async def _kick_off(
        self,
        airmeet: Airmeet,
        feed: Feed,
        due: list[Feed],
        waiting: list[Callable[[], Coroutine[Any, Any, None]]],
    ) -> None:
        """Ask once for all exports of a unit, and put the rest of its work on `waiting`."""
        requested_at = self._clock()
        parts = [FeedRequest.whole(feed, airmeet)]
        if feed.parent is not None:
            parent = feeds_in(self._settings.hosts().layout)[feed.parent]
            whole = FeedRequest.whole(parent, airmeet)
            try:
                read = await self._reader.read(whole)
            except (FeedError, Unavailable, Pending) as fault:
                contradicted = whole.contradicted_by(fault)
                if parent in due:
                    await self._put_fault(airmeet, parent, fault, requested_at, contradicted)
                reason = UnexpectedResponse(f"its {parent.name} could not be read: {fault}")
                kept = fault if isinstance(fault, Unavailable) else reason
                await self._put_fault(airmeet, feed, kept, requested_at, contradicted)
                return
            if parent in due:
                await self._put_loaded(airmeet, parent, [read], requested_at)
            parents = read.tables[parent.name]
            parts = _children(airmeet, feed, parents, self._clock())
            if not parts and parents.num_rows:
                nothing_yet = Unavailable(f"none of its {parent.name} has begun")
                await self._put_fault(airmeet, feed, nothing_yet, requested_at)
                return
        exports = [Export(part, self._allowance) for part in parts]
        await _all(export.kick_off(self._reader) for export in exports)
        waiting.append(partial(self._export_unit, airmeet, feed, exports, requested_at))

    async def _export_unit(
        self, airmeet: Airmeet, feed: Feed, exports: list[Export], requested_at: datetime
    ) -> None:
        self.progress.waiting += 1
        try:
            outcomes = await asyncio.gather(
                *(e.ready(self._reader, self._settings, self._wait, self._sleep) for e in exports),
                return_exceptions=True,
            )
        finally:
            self.progress.waiting -= 1
        contradicted = any(
            export.part.contradicted_by(outcome)
            for export, outcome in zip(exports, outcomes, strict=True)
        )
        try:
            refusals = _refusals(outcomes)
            async with self._slots:
                reads = await _all(
                    self._reader.read(export.part, export.page)
                    for export, outcome in zip(exports, outcomes, strict=True)
                    if outcome is None
                )
                if contradicted and self._holds_more(airmeet, feed, reads):
                    raise refusals[0]  # or the loaded rows of the part that refuses would go
                await self._put_loaded(airmeet, feed, reads, requested_at, refusals, contradicted)
        except (FeedError, Unavailable, Pending) as fault:
            # What was ready and then refuses contradicts itself, too.
            contradicted |= any(outcome is None for outcome in outcomes)
            await self._put_fault(airmeet, feed, fault, requested_at, contradicted)
        finally:
            for export in exports:
                export.release()

    def _holds_more(self, airmeet: Airmeet, feed: Feed, reads: Sequence[FeedRows]) -> bool:
        """Whether the destination holds more rows of a feed than were read now."""
        known = self._ledger.get((airmeet.id, feed.name))
        rows = sum(read.tables[feed.name].num_rows for read in reads)
        return known is not None and (known.rows or 0) > rows

    async def _plain_unit(self, airmeet: Airmeet, feed: Feed) -> None:
        requested_at, part = self._clock(), FeedRequest.whole(feed, airmeet)
        async with self._slots:
            try:
                read = await self._reader.read(part)
            except (FeedError, Unavailable, Pending) as fault:
                contradicted = part.contradicted_by(fault)
                await self._put_fault(airmeet, feed, fault, requested_at, contradicted)
                return
            await self._put_loaded(airmeet, feed, [read], requested_at)

    async def _put_loaded(
        self,
        airmeet: Airmeet,
        feed: Feed,
        reads: Sequence[FeedRows],
        requested_at: datetime,
        refusals: Sequence[Unavailable] = (),
        contradicted: bool = False,
    ) -> None:
        unit = loaded_result(
            airmeet,
            feed,
            reads,
            refusals,
            requested_at,
            self._clock(),
            self._settings.settle_days,
            contradicted,
        )
        self._not_allowed = -1  # something could be read: never again a reason to stop
        await self._put(unit)

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
            if self._not_allowed >= _ALIKE:
                raise Unreachable(f"nothing can be read with these keys: {fault}")
        unit = fault_result(
            airmeet,
            feed,
            fault,
            requested_at,
            self._ledger,
            self._settings.settle_days,
            contradicted,
        )
        await self._put(unit)

    async def _put(self, unit: FeedResult) -> None:
        self.progress.finished += 1
        self.progress.rows += unit.rows
        await self.handover.put(replace(unit, sent=self._learned.take()))


def _children(airmeet: Airmeet, feed: Feed, parents: pa.Table, now: datetime) -> list[FeedRequest]:
    """One part for each session or booth that may have attendance."""
    assert feed.parent is not None
    key = TABLES[feed.parent].keys[-1]
    parts = []
    for row in parents.to_pylist():
        status, start = row.get("status", airmeet.status), row.get("start_time", airmeet.start)
        if row[key] and can_have_attendance(status, start, now):
            parts.append(FeedRequest(feed, airmeet, {key: row[key]}, status == FINISHED))
    return parts


async def _all(jobs: Iterable[Coroutine[Any, Any, _T]]) -> list[_T]:
    """The results of all jobs; when one fails the others end first, then its error is raised."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return cast(list[_T], results)


def _refusals(outcomes: Sequence[BaseException | None]) -> list[Unavailable]:
    """The refusals among the outcomes of a unit's exports.

    Raises:
        BaseException: there is something worse, or nothing but refusals. A failure tells more than
            a wait, and a wait more than a refusal.
    """
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    others = [o for o in outcomes if o is not None and not isinstance(o, Unavailable)]
    for other in sorted(others, key=lambda o: isinstance(o, Pending)):
        raise other
    if refusals and len(refusals) == len(outcomes):
        raise refusals[0]
    return refusals


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that made the others: a fatal one before any other."""
    fatal = group.subgroup(FatalError) or group
    error: BaseException = fatal
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
