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
    PackedPage,
    Page,
    PageStats,
    Params,
    read_cursors,
    read_numbered,
    read_whole,
)
from ..errors import AirmeetError, NotAllowed, Unavailable, UnexpectedResponse
from ..feeds import FEEDS, Feed, Paging
from ..privacy.policy import PrivacyPolicy, options_of
from .deduplicate import RowDeduplicator, deduplicator_for
from .lifecycle import FINISHED, Airmeet
from .schema_drift import ColumnTypeRegistry

_TRIES = 2
"""How often a feed is read when the rows received are not as many as the API announced."""


@dataclass(frozen=True)
class FeedRequest:
    """What one series of requests reads.

    Attributes:
        feed: the feed; all of it, or the part of one session or booth.
        airmeet: whose feed it is.
        parent: the key of the session, booth or series.
        finished: whether what it asks for is over, so that a refusal contradicts itself.
    """

    feed: Feed
    airmeet: Airmeet
    parent: dict[str, str]
    finished: bool

    @classmethod
    def whole(cls, feed: Feed, airmeet: Airmeet) -> "FeedRequest":
        """All of a feed that is requested by airmeet."""
        return cls(feed, airmeet, {}, airmeet.status == FINISHED)

    def contradicted_by(self, fault: object) -> bool:
        """Whether a fault is a refusal that contradicts what is known: what is requested is over,
        or exists before anything has begun. The next run requests such a feed again."""
        if not isinstance(fault, Unavailable):
            return False
        return self.finished or not (self.feed.hangs_on_status or fault.status == 404)

    def __str__(self) -> str:
        of = ", ".join(f"{key} {value}" for key, value in self.parent.items())
        return f"{self.feed.name} of {self.airmeet}" + (f" ({of})" if of else "")


@dataclass(frozen=True)
class FeedRows:
    """The rows of one request series, as tables.

    Attributes:
        tables: its rows by table.
        pages: answers with rows.
        missing: rows that the API announced and did not give; negative where it gave more; None
            where it announced nothing.
        type_mismatches: columns some of whose values were of another type than the schema's.
        left_out: fields that are not stored, as `table.column`.
        total: what the API's own total says, where it says one.
    """

    tables: dict[str, pa.Table]
    pages: int
    missing: int | None
    type_mismatches: frozenset[str]
    left_out: frozenset[str] = frozenset()
    total: int | None = None


class FeedReader:
    """Reads series of requests through a client."""

    def __init__(
        self, client: Client, types: ColumnTypeRegistry, policy: PrivacyPolicy | None = None
    ) -> None:
        self._client = client
        self._types = types
        self._policy = policy or PrivacyPolicy()
        self._ahead = Budget(PAGES_AHEAD)

    async def ask(self, request: FeedRequest, params: Params) -> dict[str, Any]:
        """One request of a series.

        Raises:
            AirmeetError: as `Client.get`.
        """
        layout = self._client.hosts.layout
        path = request.feed.path_in(layout, airmeet_id=request.airmeet.id, **request.parent)
        try:
            return await self._client.get(request.feed.service, path, params, request.feed.export)
        except NotAllowed as refusal:
            if not request.feed.of_community:
                raise
            raise Unavailable(f"not in this plan: {refusal}", refusal.status) from None

    async def first_page(self, request: FeedRequest) -> Page:
        """The first page of a feed with cursors; for an export this kicks it off.

        Raises:
            Pending: the export is being prepared.
            AirmeetError: as `Client.get`.
        """
        return Page.of(request.feed, await self.ask(request, {"size": PAGE_SIZE}))

    async def total(self, request: FeedRequest) -> int | None:
        """What the API's total says, by one small request; None where it gives none.

        Raises:
            AirmeetError: as `Client.get`.
        """
        numbered = request.feed.paging == Paging.NUMBERED
        params: Params = {"resultSize": 1, "pageNumber": 1} if numbered else {"size": 1}
        return Page.of(request.feed, await self.ask(request, params)).total

    async def read(self, request: FeedRequest, first: PackedPage | None = None) -> FeedRows:
        """All pages; read again where the API's totals say that rows are missing or gone.

        Rows that come and go while somebody is paging move others across pages. What still differs
        the second time is left to the ledger to show.

        Raises:
            AirmeetError: as `Client.get`.
        """
        for _ in range(_TRIES):
            deduplicator = deduplicator_for(request.feed, request.airmeet.id, self._types)
            try:
                stats = await self._read_once(request, deduplicator, first)
                deduplicator.settle(stats.total)
                tables = deduplicator.tables()
            except AirmeetError:
                raise
            except Exception as nonsense:
                # Such rows touch their own feed alone. What they hold is not in the message: it
                # may be personal data.
                raise UnexpectedResponse(
                    f"its rows make no sense ({type(nonsense).__name__})"
                ) from nonsense
            if not stats.shrank and stats.total in (None, deduplicator.received):
                break
            first = None
        missing = None if stats.total is None else stats.total - deduplicator.received
        if missing and missing > 0 and request.feed.of_community:
            # All rows would be replaced by these.
            raise UnexpectedResponse(f"{missing} of the {stats.total} announced rows did not come")
        tables, left_out = await self._apply_policy(request, tables)
        mismatches = frozenset(deduplicator.type_mismatches)
        return FeedRows(tables, stats.pages, missing, mismatches, left_out, stats.total)

    async def _apply_policy(
        self, request: FeedRequest, tables: dict[str, pa.Table]
    ) -> tuple[dict[str, pa.Table], frozenset[str]]:
        """The tables as they are stored, and the fields that are left out."""
        options = None
        if "participant_answers" in tables and self._policy.needs_options:
            try:
                fields = await self.read(FeedRequest.whole(FEEDS["custom_fields"], request.airmeet))
                options = options_of(fields.tables["custom_field_options"])
            except Unavailable:
                options = {}
        stored: dict[str, pa.Table] = {}
        left_out: set[str] = set()
        for name, table in tables.items():
            stored[name], columns = self._policy.apply(name, table, options)
            left_out.update(f"{name}.{column}" for column in columns)
        return stored, frozenset(left_out)

    async def _read_once(
        self, request: FeedRequest, deduplicator: RowDeduplicator, first: PackedPage | None
    ) -> PageStats:
        begun = first is not None

        async def get(params: Params) -> dict[str, Any]:
            nonlocal begun
            try:
                body = await self.ask(request, params)
            except Unavailable as refusal:
                if begun:  # a refusal after the first page contradicts it
                    raise UnexpectedResponse(
                        f"refused in the middle of its pages: {refusal}"
                    ) from None
                raise
            begun = True
            deduplicator.see(body)
            return body

        def take(rows: list[dict[str, Any]]) -> int:
            return deduplicator.add(rows, **request.parent)

        match request.feed.paging:
            case Paging.WHOLE:
                return await read_whole(request.feed, get, take)
            case Paging.CURSOR:
                return await read_cursors(
                    request.feed, get, take, first.unpacked() if first else None
                )
            case Paging.NUMBERED:
                size = NUMBERED_PAGE_SIZES[self._client.hosts.layout]
                return await read_numbered(request.feed, get, take, size, self._ahead)
