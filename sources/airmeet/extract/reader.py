"""One series of requests to its rows: a feed of an airmeet, or of one of its sessions or booths."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ..api.client import Client
from ..api.pagination import (
    NUMBERED_PAGE_SIZES,
    PAGE_SIZE,
    PAGES_AHEAD,
    Budget,
    Page,
    PageStats,
    Params,
    read_cursors,
    read_numbered,
    read_whole,
)
from ..errors import Unavailable, UnexpectedResponse
from ..feeds import FEEDS, Feed, Paging
from ..privacy.policy import PrivacyPolicy, options_of
from .deduplicate import RowDeduplicator, deduplicator_for
from .lifecycle import FINISHED, Airmeet
from .schema_drift import ColumnTypeRegistry

_TRIES = 2
"""How often a feed is read when the rows received are not as many as the API announced."""

_NONSENSE = (ValueError, TypeError, KeyError, ArithmeticError, pa.ArrowException)


@dataclass(frozen=True)
class FeedRequest:
    """What one series of requests reads.

    Attributes:
        feed: of which it is the whole, or one session's or booth's part.
        airmeet: whose feed it is.
        parent: the key of the session or booth.
        finished: whether what it asks for is over, so that a refusal contradicts itself.
    """

    feed: Feed
    airmeet: Airmeet
    parent: dict[str, str]
    finished: bool

    @classmethod
    def whole(cls, feed: Feed, airmeet: Airmeet) -> "FeedRequest":
        """The one part of a feed that is asked for by its airmeet."""
        return cls(feed, airmeet, {}, airmeet.status == FINISHED)

    def contradicted_by(self, fault: object) -> bool:
        """Whether a fault is a refusal that cannot be the last word: by what has finished, or of
        what is there before anything has begun."""
        if not isinstance(fault, Unavailable):
            return False
        return self.finished or not (self.feed.hangs_on_status or fault.status == 404)


@dataclass(frozen=True)
class FeedRows:
    """A part that was read.

    Attributes:
        tables: its rows by table.
        pages: answers with rows.
        missing: rows that the API announced and did not give; negative where it gave more; None
            where it announced nothing.
        misfits: columns some of whose values were of another type than the schema's.
        left_out: fields that are not stored, as `table.column`.
    """

    tables: dict[str, pa.Table]
    pages: int
    missing: int | None
    type_mismatches: frozenset[str]
    left_out: frozenset[str] = frozenset()


class FeedReader:
    """Reads parts through a client."""

    def __init__(
        self, client: Client, learned: ColumnTypeRegistry, guard: PrivacyPolicy | None = None
    ) -> None:
        self._client = client
        self._learned = learned
        self._guard = guard or PrivacyPolicy()
        self._ahead = Budget(PAGES_AHEAD)

    async def ask(self, part: FeedRequest, params: Params) -> dict[str, Any]:
        """One request of a part.

        Raises:
            AirmeetError: as `Client.get`.
        """
        layout = self._client.hosts.layout
        path = part.feed.path_in(layout).format(airmeet_id=part.airmeet.id, **part.parent)
        return await self._client.get(part.feed.service, path, params)

    async def first_page(self, part: FeedRequest) -> Page:
        """The first page of a part with cursors; for an export this kicks it off.

        Raises:
            Pending: the export is being prepared.
            AirmeetError: as `Client.get`.
        """
        return Page.of(part.feed, await self.ask(part, {"size": PAGE_SIZE}))

    async def read(self, part: FeedRequest, first: Page | None = None) -> FeedRows:
        """The whole part; read again where the API's totals say that rows are missing or gone.

        Rows that come and go while somebody is paging move others across pages. What still differs
        the second time is left to the ledger to show.

        Raises:
            AirmeetError: as `Client.get`.
        """
        for _ in range(_TRIES):
            collector = deduplicator_for(part.feed, part.airmeet.id, self._learned)
            try:
                reading = await self._read_once(part, collector, first)
                tables = collector.tables()
            except (
                ValueError,
                TypeError,
                KeyError,
                ArithmeticError,
                pa.ArrowException,
            ) as nonsense:
                # Rows of no shape that anybody foresaw touch their own feed alone. What they hold
                # is not said: it may be somebody's data.
                raise UnexpectedResponse(
                    f"its rows make no sense ({type(nonsense).__name__})"
                ) from nonsense
            if not reading.shrank and reading.total in (None, collector.received):
                break
            first = None
        missing = None if reading.total is None else reading.total - collector.received
        tables, left_out = await self._treated(part, tables)
        return FeedRows(
            tables, reading.pages, missing, frozenset(collector.type_mismatches), left_out
        )

    async def _treated(
        self, part: FeedRequest, tables: dict[str, pa.Table]
    ) -> tuple[dict[str, pa.Table], frozenset[str]]:
        """What of the tables is stored, and the fields that are not."""
        options = None
        if "participant_answers" in tables and self._guard.needs_options:
            try:
                fields = await self.read(FeedRequest.whole(FEEDS["custom_fields"], part.airmeet))
                options = options_of(fields.tables["custom_field_options"])
            except Unavailable:
                options = {}
        stored: dict[str, pa.Table] = {}
        left_out: set[str] = set()
        for name, table in tables.items():
            stored[name], columns = self._guard.apply(name, table, options)
            left_out.update(f"{name}.{column}" for column in columns)
        return stored, frozenset(left_out)

    async def _read_once(
        self, part: FeedRequest, collector: RowDeduplicator, first: Page | None
    ) -> PageStats:
        begun = first is not None

        async def get(params: Params) -> dict[str, Any]:
            nonlocal begun
            try:
                body = await self.ask(part, params)
            except Unavailable as refusal:
                if begun:  # who gave a page has something to give
                    raise UnexpectedResponse(
                        f"refused in the middle of its pages: {refusal}"
                    ) from None
                raise
            begun = True
            collector.see(body)
            return body

        def take(rows: list[dict[str, Any]]) -> int:
            return collector.add(rows, **part.parent)

        match part.feed.paging:
            case Paging.WHOLE:
                return await read_whole(part.feed, get, take)
            case Paging.CURSOR:
                return await read_cursors(part.feed, get, take, first)
            case Paging.NUMBERED:
                size = NUMBERED_PAGE_SIZES[self._client.hosts.layout]
                return await read_numbered(part.feed, get, take, size, self._ahead)
