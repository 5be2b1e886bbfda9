"""Results of feeds, from the engine's event loop to the thread that runs dlt; bounded by rows.

The bound limits memory: an engine that is ahead of the load waits here.
"""

import asyncio
import threading
from collections import deque

from .results import FeedResult


class UnitQueue:
    """A queue between one event loop and one other thread."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._results: deque[FeedResult] = deque()
        self._weight = 0
        self._changed = threading.Condition()
        self._ended = False
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._room = asyncio.Event()

    async def put(self, result: FeedResult) -> None:
        """Add a result; waits while the queue is full."""
        self._loop = asyncio.get_running_loop()
        while self._weight >= self._limit:
            self._room.clear()
            await self._room.wait()
        with self._changed:
            self._results.append(result)
            self._weight += result.weight
            self._changed.notify()

    def end(self, error: BaseException | None = None) -> None:
        """No more results will come; `error` is why, unless all are done."""
        with self._changed:
            self._ended = True
            self._error = error
            self._changed.notify()

    def get(self, timeout: float | None = None, below: int | None = None) -> FeedResult | None:
        """The next result. None when none came within `timeout` seconds, when all are taken, or
        when it has `below` rows or more: then it stays."""
        with self._changed:
            self._changed.wait_for(lambda: self._results or self._ended, timeout)
            if not self._results or (below is not None and self._results[0].rows >= below):
                return None
            result = self._results.popleft()
            self._weight -= result.weight
        if self._loop is not None and not self._loop.is_closed():
            self._wake(self._loop)
        return result

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._room.set)
        except RuntimeError:  # the engine ended and closed its loop in between
            return

    @property
    def drained(self) -> bool:
        """Whether all results are taken."""
        with self._changed:
            return self._ended and not self._results

    @property
    def error(self) -> BaseException | None:
        """Why the engine ended early."""
        return self._error
