"""Pages: which rows of a row set they hold, the cursors beside them, and the encoded bytes."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

DEFAULT_SIZE = 50
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a client asked for; if both cursors are given, `after` counts (§2.1)."""

    size: int = DEFAULT_SIZE
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Rows `low` to `high` of a row set and what goes into `cursors`; None: no cursors at all."""

    low: int
    high: int
    cursors: dict[str, int | None] | None


def window(ids: Sequence[int], asked: Cursor, last_page: str) -> Window:
    """Return the page that a cursor leads to, in ascending order of ids.

    `last_page` is the option of that name.
    """
    if asked.after is not None:
        low = bisect_right(ids, asked.after)
        if last_page == "loop" and low == len(ids):
            low = 0
        high = low + asked.size
    elif asked.before is not None:
        high = bisect_left(ids, asked.before)
        low = max(0, high - asked.size)
    else:
        low, high = 0, asked.size
    high = min(high, len(ids))
    if last_page == "missing" and low == 0 and high == len(ids):
        return Window(low, high, None)
    if low == high:
        # Beyond the end Airmeet repeats the cursor that it was given, or none.
        echoed = asked.after if last_page == "last_id" else None
        return Window(low, high, {"before": None, "after": echoed, "pageCount": 0})
    more = high < len(ids) or last_page in ("last_id", "loop")
    return Window(
        low,
        high,
        {
            "before": ids[low] if low else None,
            "after": ids[high - 1] if more else None,
            "pageCount": high - low,
        },
    )


def newest_first(ids: Sequence[int], asked: Cursor, last_page: str) -> Window:
    """Return the page that a cursor leads to if the newest rows come first.

    `before` then leads to the next page. `low` to `high` are still in ascending order; the caller
    reverses the rows.
    """
    if asked.after is not None:
        low = bisect_right(ids, asked.after)
        high = min(low + asked.size, len(ids))
    else:
        high = len(ids) if asked.before is None else bisect_left(ids, asked.before)
        if last_page == "loop" and high == 0:
            high = len(ids)
        low = max(0, high - asked.size)
    if last_page == "missing" and low == 0 and high == len(ids):
        return Window(low, high, None)
    if low == high:
        echoed = asked.before if last_page == "last_id" else None
        return Window(low, high, {"before": echoed, "after": None, "pageCount": 0})
    more = low > 0 or last_page in ("last_id", "loop")
    return Window(
        low,
        high,
        {
            "before": ids[low] if more else None,
            "after": ids[high - 1],
            "pageCount": high - low,
        },
    )


class Pages:
    """A cache of encoded pages, those used last, up to `limit` bytes.

    Attributes:
        orders: positions of rows by version of the row set and sorting key.
    """

    def __init__(self, limit: int = 256_000_000) -> None:
        self._limit = limit
        self._size = 0
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self.orders: dict[tuple[int, str], list[int]] = {}

    def get(self, key: Hashable) -> bytes | None:
        """Return a page kept earlier."""
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def keep(self, key: Hashable, page: bytes) -> bytes:
        """Keep a page and return it; pages that were not used for longest are dropped."""
        self._pages[key] = page
        self._size += len(page)
        while self._size > self._limit:
            self._size -= len(self._pages.popitem(last=False)[1])
        return page

    def clear(self) -> None:
        """Drop every page and order: something changed."""
        self._pages.clear()
        self.orders.clear()
        self._size = 0
