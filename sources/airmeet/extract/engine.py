"""Due feeds in, finished results out: all exports are kicked off first, pages come concurrently.

One event loop in a thread of its own. A run goes:

1. the list of airmeets; from it and the ledger, what is due (`planner`);
2. the kick-off: every export is requested once, and what must be read for that (sessions, booths);
   so are the airmeets of each series, once the list of series is read;
3. everything else: plain feeds are read while the exports are prepared; an export is read once all
   exports of its feed are ready (`exports` waits). A wait holds no request slot.

The result of a feed of an airmeet is put on the queue whole. A failure touches its own feed alone
(`feed_fetcher`); what makes all others pointless (keys revoked, network gone) ends the run.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..api.client import Client
from ..errors import FatalError
from ..feeds import Feed
from ..privacy.policy import PrivacyPolicy
from ..settings import Settings
from .feed_fetcher import FeedFetcher, Work
from .known_list import KnownList
from .late_changes import find_late_changes, watched
from .lifecycle import Airmeet, Ledger, Selection
from .planner import Plan, make_plan
from .progress import Progress
from .queue import UnitQueue
from .reader import FeedReader
from .results import FeedResult
from .schema_drift import ColumnTypeRegistry

_log = logging.getLogger(__name__)

_QUEUE_WEIGHT = 200_000


class Engine:
    """Fetches what is due. `start` it, take results from its `queue`, `stop` it."""

    def __init__(
        self,
        settings: Settings,
        feeds: Sequence[Feed],
        ledger: Ledger,
        selection: Selection,
        token_folder: Path,
        types: ColumnTypeRegistry,
        policy: PrivacyPolicy,
        wait: bool = True,
        known_list: KnownList | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is sent yet.

        Args:
            settings: resolved settings.
            feeds: the feeds wanted.
            ledger: what the destination holds.
            selection: what the run is narrowed to.
            token_folder: where the access token is kept between runs.
            types: of the destination's columns that the schemas do not know.
            policy: what of people is stored.
            wait: whether to wait for exports, or leave those that are not ready pending.
            known_list: the list of airmeets in the destination, and what of the community is; what
                is the same gives no result, but `list_seen_at` and `unchanged`.
            sleep: waits, in seconds.
            clock: the present moment, with zone; where it is ahead of the API's, that counts.
        """
        self.queue = UnitQueue(_QUEUE_WEIGHT)
        self.progress = Progress()
        self.list_digest: str | None = None
        """Of the list of airmeets, once that is read and where all of it can be used."""
        self.list_seen_at: datetime | None = None
        """When the list of airmeets was found as the destination has it."""
        self.unchanged: Mapping[str, datetime] = {}
        """When each table of the community was asked for that is as the destination has it."""
        self._settings = settings
        self._feeds = feeds
        self.ledger = ledger
        self._selection = selection
        self._token_folder = token_folder
        self._types = types
        self._policy = policy
        self._wait = wait
        self._known_list = known_list
        self._sleep = sleep
        self._clock = clock
        self._now = clock
        """The same, set back to the API's clock where it is ahead of that."""
        self._thread = threading.Thread(target=self._run, name="airmeet-engine", daemon=True)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._main: asyncio.Task[None] | None
        self._tasks: asyncio.TaskGroup

    def start(self) -> None:
        """Begin to fetch, in the engine's own thread."""
        self._thread.start()

    def stop(self) -> None:
        """End early, or tidy up after the end. What is on the queue stays there."""
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
            self.queue.end(error)

    async def _fetch(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._started.set()
        client = Client(
            self._settings, self._token_folder, self._sleep, self._count_request, self._clock
        )
        self._now = client.clock.now
        try:
            async with client, asyncio.TaskGroup() as self._tasks:
                reader = FeedReader(client, self._types, self._policy)
                await self._work(reader, await self._plan(client, reader))
            self.progress.stage = "fetched"
        except BaseExceptionGroup as group:
            raise _first(group) from None
        _log.info("all that was due is fetched, with %d requests", self.progress.requests)

    def _count_request(self) -> None:
        self.progress.requests += 1

    async def _plan(self, client: Client, reader: FeedReader) -> Plan:
        plan = await make_plan(
            client,
            self._feeds,
            self.ledger,
            self._selection,
            self._types,
            self._policy,
            self._now,
            self._known_list,
        )
        self.list_digest, self._selection = plan.digest, plan.selection
        plan = await self._with_late_changes(plan, reader)
        self.progress.airmeets, self.progress.nameless = plan.listed, plan.nameless
        self.progress.unlisted = plan.unlisted
        self.progress.planned = plan.feeds
        if plan.airmeets is None:
            self.list_seen_at = plan.listed_at
        else:
            await self.queue.put(plan.airmeets)
        return plan

    async def _with_late_changes(self, plan: Plan, reader: FeedReader) -> Plan:
        """The plan with the final feeds to which something was added since."""
        now, settings = self._now(), self._settings
        late_seconds = (settings.settle_days + settings.late_days) * 24 * 3600
        watching = watched(plan.known, self._feeds, self.ledger, self._selection, now, late_seconds)
        if not watching:
            return plan
        self.progress.stage = "looking for late changes"
        found = await find_late_changes(
            reader, watching, self._feeds, settings.max_concurrency, now
        )
        if found.unchanged:
            await self.queue.put(FeedResult({}, tuple(found.unchanged)))
        due = dict(plan.due)
        for airmeet, feeds in found.due.items():
            due[airmeet] = [*dict.fromkeys((*due.get(airmeet, []), *feeds))]
        return replace(plan, due=[*due.items()])

    async def _work(self, reader: FeedReader, plan: Plan) -> None:
        fetcher = FeedFetcher(
            self._settings,
            self.ledger,
            reader,
            self._types,
            self.queue,
            self.progress,
            self._wait,
            self._sleep,
            self._now,
            self._known_list,
        )
        self.unchanged = fetcher.unchanged
        waiting: list[Work] = []

        async def kick_off(airmeet: Airmeet, feed: Feed, due: list[Feed]) -> None:
            if (work := await fetcher.kick_off(airmeet, feed, due)) is not None:
                waiting.append(work)

        self.progress.stage = "kicking off exports"
        await self._by_workers(
            kick_off(airmeet, feed, due)
            for airmeet, due in plan.due
            for feed in due
            if feed.is_kicked_off
        )
        for work in waiting:
            self._tasks.create_task(work())
        self.progress.stage = "fetching"
        await self._by_workers(
            fetcher.fetch(airmeet, feed)
            for airmeet, due in plan.due
            for feed in due
            if not feed.is_kicked_off and not any(child.parent == feed.name for child in due)
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


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that caused the others: a fatal one before any other."""
    fatal = group.subgroup(FatalError) or group
    error: BaseException = fatal
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
