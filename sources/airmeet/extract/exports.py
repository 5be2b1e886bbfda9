"""Exports (202): kicked off once, polled with growing waits, read when they are ready."""

import asyncio
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay

from ..api.pagination import Budget, Page
from ..errors import FeedError, Pending, Unavailable
from ..settings import Settings
from .reader import FeedReader, FeedRequest

_GROWTH = 1.25
"""Each wait is so much longer than the one before: a ready export lies for at most a quarter of
the time that it took to prepare."""


class Export:
    """One export: its kick-off, and the wait until it is ready.

    Attributes:
        part: what it exports.
        page: its first page, once it is ready and where the allowance let it be held.
    """

    def __init__(self, part: FeedRequest, allowance: Budget) -> None:
        self.part = part
        self.page: Page | None = None
        self._allowance = allowance
        self._outcome: Exception | None = None

    async def kick_off(self, reader: FeedReader) -> None:
        """Ask for it once; what comes of it is kept for `ready`."""
        try:
            await self._ask(reader)
        except (FeedError, Unavailable, Pending) as outcome:
            self._outcome = outcome

    async def ready(
        self,
        reader: FeedReader,
        settings: Settings,
        wait: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Wait until it is ready.

        Args:
            reader: asks for it.
            settings: the waits and the patience.
            wait: whether to wait at all.
            sleep: waits, in seconds.

        Raises:
            Pending: it was not ready within the patience.
            AirmeetError: as `Client.get`.
        """
        patience = settings.async_max_wait_seconds if wait else 0.0
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Pending),
            wait=lambda state: _wait(state, settings, patience),
            stop=stop_after_delay(patience),
            sleep=sleep,
            reraise=True,
        ):
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    await self._ask(reader)
                elif self._outcome is not None:
                    raise self._outcome

    async def _ask(self, reader: FeedReader) -> None:
        page = await reader.first_page(self.part)
        if self._allowance.take(len(page.rows)):
            self.page = page

    def release(self) -> None:
        """Let go of the page."""
        if self.page is not None:
            self._allowance.release(len(self.page.rows))
            self.page = None


def _wait(state: RetryCallState, settings: Settings, patience: float) -> float:
    """Growing waits, never shorter than the API asks, the last one ending with the patience."""
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.retry_after if isinstance(fault, Pending) else None
    growing = settings.async_poll_seconds * _GROWTH ** (state.attempt_number - 1)
    wait = max(min(growing, settings.async_poll_max_seconds), asked or 0.0)
    return min(wait, max(0.0, patience - (state.seconds_since_start or 0.0)))
