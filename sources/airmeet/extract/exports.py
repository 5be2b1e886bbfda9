"""Exports (202): kicked off once, polled with growing waits, read when they are ready."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay

from ..api.pagination import Budget, PackedPage
from ..errors import FatalError, Pending
from ..safe_text import printable
from ..settings import Settings
from .reader import FeedReader, FeedRequest

_log = logging.getLogger(__name__)

_EARLY_SECONDS = (2.0, 5.0, 15.0)
"""The first waits unless one is set: most exports are small, and are ready in seconds."""
_POLL_SECONDS = 30.0
"""The wait after these."""
_GROWTH = 1.25
"""Factor from one wait to the next: a ready export stays unread for at most a quarter of the time
that it took to prepare."""


class Export:
    """One export: its kick-off, and the wait until it is ready.

    Attributes:
        request: what it exports.
        page: its first page, once it is ready and where the budget let it be held.
    """

    def __init__(self, request: FeedRequest, held_bytes: Budget) -> None:
        self.request = request
        self.page: PackedPage | None = None
        self._held_bytes = held_bytes
        self._outcome: Exception | None = None

    async def kick_off(self, reader: FeedReader) -> None:
        """Request it once; how that ended is kept for `wait_until_ready`."""
        try:
            await self._ask(reader)
        except FatalError:
            raise
        except Exception as outcome:
            self._outcome = outcome

    async def wait_until_ready(
        self,
        reader: FeedReader,
        settings: Settings,
        wait: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        will_poll: Callable[[float], None] | None = None,
    ) -> None:
        """Wait until it is ready: the API answers 202 until then (§2, asynchronous endpoints).

        Args:
            reader: asks for it.
            settings: the waits, and after how long to give up.
            wait: whether to wait at all.
            sleep: waits, in seconds.
            will_poll: gets to know in how many seconds it is asked again.

        Raises:
            Pending: it was not ready within `async_max_wait_seconds`.
            AirmeetError: as `Client.get`.
        """
        if self._outcome is None:
            return  # it was ready when it was kicked off
        patience = settings.async_max_wait_seconds if wait else 0.0
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Pending),
            wait=lambda state: _wait(state, settings, patience),
            stop=stop_after_delay(patience),
            sleep=sleep,
            before_sleep=partial(self._say_wait, will_poll),
            reraise=True,
        ):
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    await self._ask(reader)
                else:
                    raise self._outcome

    def _say_wait(self, will_poll: Callable[[float], None] | None, state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        if will_poll is not None:
            will_poll(seconds)
        _log.info("%s is being prepared; next poll in %.0f s", printable(self.request), seconds)

    async def _ask(self, reader: FeedReader) -> None:
        page = PackedPage.of(await reader.first_page(self.request))
        if page is not None and self._held_bytes.acquire(len(page.rows)):
            self.page = page

    def release(self) -> None:
        """Let go of the page."""
        if self.page is not None:
            self._held_bytes.release(len(self.page.rows))
            self.page = None


def _wait(state: RetryCallState, settings: Settings, patience: float) -> float:
    """Growing waits, never shorter than the API asks, the last one not beyond the patience."""
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.retry_after if isinstance(fault, Pending) else None
    soon = _unasked_wait(state.attempt_number - 1, settings.async_poll_seconds)
    wait = max(min(soon, settings.async_poll_max_seconds), asked or 0.0)
    return min(wait, max(0.0, patience - (state.seconds_since_start or 0.0)))


def _unasked_wait(past: int, first: float | None) -> float:
    """The wait after so many before it, where the API asks for none.

    Args:
        past: the waits before.
        first: the first wait that is set; None where none is.
    """
    if first is not None:
        return float(first * _GROWTH**past)
    if past < len(_EARLY_SECONDS):
        return _EARLY_SECONDS[past]
    return float(_POLL_SECONDS * _GROWTH ** (past - len(_EARLY_SECONDS)))
