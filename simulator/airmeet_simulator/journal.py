"""The log of requests: what was asked, when, and how it was answered."""

from collections import Counter
from typing import NamedTuple


class Entry(NamedTuple):
    """One request.

    Attributes:
        ordinal: 1 for the first request.
        at: seconds since the epoch, by the simulator's clock.
        feed: a table's name, or "auth", "airmeets", "" for no known path.
        airmeet_id: "" if the path names none.
        part: the session's or booth's id, else "".
        status: of the body: 202 and 400 also where HTTP says 200; 0 for an answer that
            never arrived completely.
    """

    ordinal: int
    at: float
    feed: str
    airmeet_id: str
    part: str
    status: int


class Journal:
    """Every request since the start, or since `clear`."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.counts: Counter[tuple[str, str, int]] = Counter()

    @property
    def total(self) -> int:
        """How many requests were answered."""
        return len(self.entries)

    def feeds(self) -> Counter[str]:
        """Return how many requests each feed had."""
        return Counter(entry.feed for entry in self.entries)

    def add(self, at: float, feed: str, airmeet_id: str, part: str, status: int) -> None:
        """Log one request."""
        self.entries.append(Entry(self.total + 1, at, feed, airmeet_id, part, status))
        self.counts[feed, airmeet_id, status] += 1

    def clear(self) -> None:
        """Remove all entries."""
        self.entries.clear()
        self.counts.clear()
