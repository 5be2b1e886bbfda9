"""What a load did."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from airmeet.extract.lifecycle import FeedSync
from airmeet.extract.results import FeedResult

_COUNTED = (
    "unavailable", "fetched", "resumed", "packages", "requests", "airmeets", "nameless",
    "deliveries", "unreadable",
)  # fmt: skip


@dataclass
class LoadResult:
    """What a load did.

    Attributes:
        rows: rows loaded by table.
        unfinished: ledger rows of feeds that are pending or failed.
        unavailable: how many feeds had nothing to give.
        fetched: how many feeds were loaded.
        resumed: packages of an earlier run that were completed first.
        packages: packages loaded by this one.
        requests: requests sent.
        airmeets: airmeets listed.
        list_changed: the list of airmeets was not the one that was loaded last.
        nameless: more of them, without an id.
        unlisted: airmeets that were asked for and are not listed.
        left_out: fields that are not stored, as `table.column`.
        sent: fields that rows carried.
        stopped_by: why the run ended early.
        deliveries: of webhooks, taken up out of the inbox.
        unreadable: of these, whose content could not be read.
        inbox_fault: why the inbox could not be taken up.
    """

    rows: Counter[str] = field(default_factory=Counter)
    unfinished: list[FeedSync] = field(default_factory=list)
    unavailable: int = 0
    fetched: int = 0
    resumed: int = 0
    packages: int = 0
    requests: int = 0
    airmeets: int = 0
    list_changed: bool = False
    nameless: int = 0
    unlisted: frozenset[str] = frozenset()
    left_out: set[str] = field(default_factory=set)
    sent: dict[tuple[str, str], datetime] = field(default_factory=dict)
    stopped_by: BaseException | None = None
    deliveries: int = 0
    unreadable: int = 0
    inbox_fault: str = ""

    @staticmethod
    def sum_of(results: "Iterable[LoadResult]") -> "LoadResult":
        """Several loads as one."""
        total = LoadResult()
        for result in results:
            total.rows += result.rows
            total.unfinished += result.unfinished
            total.left_out |= result.left_out
            total.sent |= result.sent
            total.stopped_by = total.stopped_by or result.stopped_by
            for name in _COUNTED:
                setattr(total, name, getattr(total, name) + getattr(result, name))
        return total

    @property
    def changed(self) -> bool:
        """Whether anything that reports follow from was written. An airmeet that left the list
        makes nothing due, and is withdrawn all the same."""
        fetched = self.fetched or self.unavailable or self.unfinished
        return bool(self.resumed or self.deliveries or fetched or self.list_changed)

    def add(self, result: FeedResult) -> None:
        """Count a feed's result that is being loaded."""
        self.left_out |= result.left_out
        self.sent |= result.sent
        for name, table in result.tables.items():
            if name == "airmeets":
                self.rows[name] += table.num_rows
                self.list_changed = True
        for sync in result.syncs:
            if sync.status == "loaded":
                self.fetched += 1
                self.rows[sync.feed] += sync.rows or 0
            elif sync.status == "unavailable":
                self.unavailable += 1
            else:
                self.unfinished.append(sync)
