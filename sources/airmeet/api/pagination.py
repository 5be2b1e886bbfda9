"""Pages to a whole feed: cursors, page numbers, and the many ways in which each can end.

No single sign marks the last page: `cursors.after` is null, or leads to an empty page, or leads
back to the first page; `cursors` may be missing. And a page shorter than requested need not be the
last. So reading goes on until there is no cursor, or no new rows come.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import Unavailable, UnexpectedResponse, one_line
from ..feeds import Feed
from ..rows import Row, are_objects, find_key
from .responses import plain_words
from .unseen import unseen_rows

Params = dict[str, Any]
Get = Callable[[Params], Awaitable[dict[str, Any]]]
"""Asks for one page of a feed."""
Take = Callable[[list[Row]], int]
"""Takes a page's rows and says how many of them are new."""

PAGE_SIZE = 500
"""The most that the specification allows (§2.1, 2.2, 2.6 …)."""
NUMBERED_PAGE_SIZES = {"v1": 500, "gateway": 1000}
"""§2.3 names no maximum; the gateway serves up to 1000 where it does. A smaller page is noticed."""
_DEFAULT_SIZE = 50
"""What §2.3 gives unasked: it is asked for where more is refused."""
PAGES_AHEAD = 8
"""Numbered pages under way before their turn, of all feeds together: their rows wait in memory."""

_MOST_PAGES = 100_000
"""Pages after which a feed is taken for endless, whatever it announces."""

_IDLE_PAGES = 2
"""Consecutive pages without a new row that end a feed whose cursors never do."""


class Budget:
    """How much of something may be held at once."""

    def __init__(self, amount: int) -> None:
        self._left = amount

    def acquire(self, amount: int = 1) -> bool:
        """Take the amount, if there is as much left."""
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def release(self, amount: int = 1) -> None:
        """Give back what was acquired."""
        self._left += amount


@dataclass(frozen=True)
class Page:
    """One answer of a feed.

    Attributes:
        rows: as the API gives them.
        cursors: `after` and `before`; empty where the answer has none.
        total: rows of the whole feed, where the API says.
    """

    rows: list[Row]
    cursors: Mapping[str, Any]
    total: int | None

    @classmethod
    def of(cls, feed: Feed, body: Mapping[str, Any]) -> "Page":
        """Read a body.

        Raises:
            UnexpectedResponse: the rows are not where the specification has them; this never counts
                as zero rows.
        """
        if feed.unseen:
            seen = unseen_rows(feed, feed.unseen, body)
            # They may stand beside the list, within `data`.
            around = body if find_key(body, "cursors") else _value(body, "data")
            cursors = _value(around, "cursors") if isinstance(around, dict) else None
            cursors = cursors if isinstance(cursors, dict) else {}
            return cls(seen, cursors, _total(_value(cursors, "totalCount")))
        key = next((key for rows in feed.rows if (key := find_key(body, rows))), None)
        cursors = _value(body, "cursors")
        cursors = cursors if isinstance(cursors, dict) else {}
        total = _total(_value(cursors, "totalCount", _value(body, "totalUserCount")))
        has_none = 0 in (total, _total(_value(body, "totalCount")))
        if key is None and not has_none:
            raise UnexpectedResponse(
                f"the answer lacks {' and '.join(map(repr, feed.rows))} (§{feed.section})"
            )
        rows = None if key is None else body[key]
        if not rows and (wrong := _value(body, "errors") or _value(body, "error")):
            raise UnexpectedResponse(f"no rows, but an error: {plain_words(one_line(wrong))}")
        if (rows is None and feed.null_is_empty) or (not rows and has_none):
            rows = []
        if not are_objects(rows):
            raise UnexpectedResponse(f"{key!r} is not a list of objects (§{feed.section})")
        return cls(rows, cursors, total)

    def cursor(self, direction: str) -> str | int | None:
        """The cursor to the next page; None where there is none.

        Raises:
            UnexpectedResponse: there is something that cannot be sent back. Taken for none, it
                would cut the feed.
        """
        cursor = _value(self.cursors, direction)
        if isinstance(cursor, float) and cursor.is_integer():
            return int(cursor)
        if type(cursor) in (str, int):
            return None if cursor == "" else cursor
        if cursor:
            raise UnexpectedResponse(f"the cursor {direction!r} is neither a text nor a number")
        return None


@dataclass(frozen=True)
class PackedPage:
    """A page that waits to be read, as JSON: objects in memory take several times as much.

    Attributes:
        rows: as JSON.
        cursors, total: as those of the page.
    """

    rows: bytes
    cursors: Mapping[str, Any]
    total: int | None

    @classmethod
    def of(cls, page: Page) -> "PackedPage | None":
        """The page packed; None where a row holds what cannot be written again."""
        try:
            return cls(orjson.dumps(page.rows), page.cursors, page.total)
        except TypeError:  # a number beyond 64 bits, or many levels
            return None

    def unpacked(self) -> Page:
        """The page."""
        return Page(orjson.loads(self.rows), self.cursors, self.total)


def _value(body: Mapping[str, Any], key: str, default: Any = None) -> Any:
    """A value by its key in any writing."""
    written = find_key(body, key)
    return default if written is None else body[written]


def _total(value: Any) -> int | None:
    """A total that can be one; the ledger could not hold another."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    return value if type(value) is int and 0 <= value < 2**53 else None


@dataclass
class PageStats:
    """What was read: answers with rows, the API's total as it last said, and whether it fell."""

    pages: int = 0
    total: int | None = None
    shrank: bool = False
    _rows: int = 0
    _highest_total: int | None = None

    def note(self, page: Page) -> None:
        """Count a page.

        Raises:
            UnexpectedResponse: pages and rows are so many beyond the totals that they never end.
        """
        self.pages += 1
        self._rows += len(page.rows)
        if page.total is not None:
            self.shrank |= self.total is not None and page.total < self.total
            self.total = page.total
            self._highest_total = max(page.total, self._highest_total or 0)
        announced = self._highest_total
        # Totals may be wrong, or those of one page: they bound a feed loosely.
        if self.pages > _MOST_PAGES or (
            announced is not None
            and (self.pages > 10 * announced + 1_000 or self._rows > 100 * announced + 10_000)
        ):
            rows = "no number" if announced is None else f"{announced:,}"
            raise UnexpectedResponse(
                f"it seems to have no end: {self.pages:,} pages with {self._rows:,} rows came, "
                f"where {rows} was announced"
            )


async def read_whole(feed: Feed, get: Get, take: Take) -> PageStats:
    """A feed that comes in one answer."""
    stats = PageStats()
    page = Page.of(feed, await get({}))
    stats.note(page)
    take(page.rows)
    return stats


async def read_cursors(
    feed: Feed, get: Get, take: Take, first: Page | None = None, way: str = "after"
) -> PageStats:
    """A feed with cursors.

    Args:
        feed: whose pages they are.
        get: asks for a page.
        take: takes the rows.
        first: the first page, where it is already there.
        way: `after`, or `before` to go the other way.
    """
    stats = PageStats()
    page = first or Page.of(feed, await get({"size": PAGE_SIZE}))
    del first
    followed: set[str] = set()
    idle = 0
    while True:
        stats.note(page)
        idle = 0 if take(page.rows) else idle + 1
        cursor = page.cursor(way)
        ended = cursor is None or str(cursor) in followed
        if ended or idle == _IDLE_PAGES:
            return stats
        followed.add(str(cursor))
        del page  # its rows need not wait for the next one
        page = Page.of(feed, await get({"size": PAGE_SIZE, way: cursor}))


async def read_numbered(feed: Feed, get: Get, take: Take, size: int, ahead: Budget) -> PageStats:
    """A feed with page numbers, from 1; pages come concurrently once the total is known.

    Requested in ascending order of registration, so that people who register meanwhile come last
    and move nobody across pages.

    Args:
        feed: whose pages they are.
        get: asks for a page.
        take: takes the rows.
        size: rows asked for a page, as far as the API takes it.
        ahead: pages that may be asked for before their turn.
    """
    stats = PageStats()
    distinct = idle = 0

    async def ask(number: int) -> Page:
        order: Params = {"sortingKey": "registrationDate", "sortingDirection": "ASC"}
        return Page.of(feed, await get({"resultSize": size, "pageNumber": number, **order}))

    try:
        page = await ask(1)
    except Unavailable as refusal:
        if refusal.status != 400 or size <= _DEFAULT_SIZE:
            raise
        size = _DEFAULT_SIZE
        page = await ask(1)
    per_page = len(page.rows)
    number = 1
    under_way: deque[asyncio.Task[Page]] = deque()
    try:
        while True:
            stats.note(page)
            new = take(page.rows)
            distinct += new
            idle = 0 if new else idle + 1
            total = stats.total
            ended = not page.rows or (total is not None and distinct >= total)
            if ended or idle == _IDLE_PAGES:
                return stats
            # The server may give fewer rows a page than requested: the first page shows how many.
            last = number + 1 if total is None else max(number + 1, -(-total // per_page))
            while number + len(under_way) < last and (not under_way or ahead.acquire()):
                under_way.append(asyncio.ensure_future(ask(number + len(under_way) + 1)))
            turn = under_way.popleft()
            if under_way:  # the next one is no longer ahead
                ahead.release()
            del page  # its rows need not wait for the next one
            page = await turn
            del turn
            number += 1
    finally:
        ahead.release(max(0, len(under_way) - 1))
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
