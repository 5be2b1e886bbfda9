"""When people came to an airmeet and for how long, with the oddities of the field."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

_NEVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2199, 2, 28, 23, 59, 59, tzinfo=UTC))
_ODD_LENGTHS = (0, 0, 1, 999, 1000, -1, -60_000, 31 * 86_400_000, 31 * 86_400_000 + 1, 2**53 + 1)
_REPLAYS = (None, 0.0, 0.5, 12.0, 30.0, 44_640.0, 44_641.0, -3.0)
_ZONE = timedelta(hours=5, minutes=30)


class Visits:
    """The visits of one airmeet: whether it tells times at all, and which."""

    def __init__(self, draw: Random, start: datetime | None, end: datetime | None) -> None:
        self.draw = draw
        self.start = start or datetime(2026, 5, 1, 9, tzinfo=UTC)
        length = end - self.start if end else timedelta(hours=2)
        self.length = min(max(length, timedelta(minutes=40)), timedelta(days=9))
        self.untold = draw.choice((0.0, 0.0, 0.0, 0.03, 0.1, 1.0))
        """Of times, the share that is not told."""
        self.oddness = draw.choice((0.0, 0.05, 0.3))
        self.grid = draw.choice((timedelta(minutes=12), timedelta(minutes=5), timedelta(seconds=1)))
        """What times are multiples of: on a coarse one they meet each other and all bounds."""

    def within(self, margin: float) -> datetime:
        """A moment between start and end, or a share of the length outside of them."""
        shift = self.draw.uniform(-margin, 1 + margin) * (self.length / self.grid)
        return self.start + round(shift) * self.grid

    def one(self) -> dict[str, Any]:
        """time_stamp and time_spent of a row of attendance."""
        return {"time_stamp": self._begin(), "time_spent": self._spent()}

    def replay(self) -> dict[str, Any]:
        """duration_viewed of a row of replays."""
        odd = self.draw.random() < 0.2
        return {
            "duration_viewed": self.draw.choice(_REPLAYS) if odd else self.draw.randrange(60) * 0.5
        }

    def _begin(self) -> datetime | None:
        if self.draw.random() < self.untold:
            return None
        begin = self.within(0.1)
        if self.draw.random() >= self.oddness:
            return begin
        kind = self.draw.randrange(5)
        if kind == 0:
            return self.draw.choice(_NEVER)
        if kind == 1:  # a local time in disguise
            return begin + self.draw.choice((_ZONE, -_ZONE))
        if kind == 2:
            return begin + timedelta(days=self.draw.choice((-2, -1, 1, 40)))
        if kind == 3:
            return begin + timedelta(microseconds=self.draw.choice((1, 400_000, 999_999)))
        return self.draw.choice((self.start, self.start + self.length))

    def _spent(self) -> int | None:
        if self.draw.random() < self.untold:
            return None
        if self.draw.random() < self.oddness:
            return self.draw.choice(_ODD_LENGTHS)
        most = self.draw.choice((0.2, 1.0, 1.2)) * (self.length / self.grid)
        spent = round(self.draw.uniform(0, most)) * self.grid
        return round(spent / timedelta(milliseconds=1)) + self.draw.choice((0, 0, 0, 1, 999))
