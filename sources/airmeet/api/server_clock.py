"""The API's own clock, as its answers' `Date` shows it.

A machine whose clock is ahead would take events for long over that are not, and never ask again.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_TOLERANCE = timedelta(minutes=2)
"""Differences up to this are the network's, and of clocks that nobody has set."""


class ServerClock:
    """How far this machine's clock is ahead of the API's."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock` gives the machine's present moment, with zone."""
        self._clock = clock
        self._ahead = timedelta(0)

    def note(self, date: str | None) -> None:
        """Take the `Date` of an answer that came just now."""
        try:
            moment = parsedate_to_datetime(date or "")
            ahead = self._clock() - moment.replace(tzinfo=moment.tzinfo or UTC)
        except (ValueError, TypeError, OverflowError, IndexError):  # none, or no date that there is
            return
        ahead = ahead if ahead > _TOLERANCE else timedelta(0)
        if abs(ahead - self._ahead) > _TOLERANCE:  # or moments of one run were out of order
            self._ahead = ahead

    def now(self) -> datetime:
        """The present moment by the machine's clock, or by the API's where that is behind it."""
        return self._clock() - self._ahead
