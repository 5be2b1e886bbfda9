"""How a feed ended, for the destination: its tables and its rows in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from ..errors import AirmeetError, Pending, Unavailable, one_line
from ..feeds import Feed
from ..schemas import TABLES
from .arrow import tombstone
from .lifecycle import Airmeet, FeedSync, Ledger, Status, version_of, with_finality
from .reader import FeedRows
from .schema_drift import FieldLastSeen

_TABLE_WEIGHT = 100


@dataclass(frozen=True)
class FeedResult:
    """One whole feed of one airmeet, or why there is none; or the list of airmeets.

    Attributes:
        tables: rows by table; a table that is missing here is left as it was.
        syncs: rows for the ledger.
        left_out: fields that are not stored, as `table.column`.
        sent: fields that rows of this run have carried since the result before.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)
    syncs: tuple[FeedSync, ...] = ()
    left_out: frozenset[str] = frozenset()
    sent: FieldLastSeen = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows in all tables."""
        return sum(table.num_rows for table in self.tables.values())

    @property
    def weight(self) -> int:
        """Its share of memory, in rows: an empty table takes as much as about a hundred rows."""
        return self.rows + _TABLE_WEIGHT * len(self.tables)


def loaded_result(
    airmeet: Airmeet,
    feed: Feed,
    parts: Sequence[FeedRows],
    refusals: Sequence[Unavailable],
    requested_at: datetime,
    ready_at: datetime,
    settle_days: float,
    contradicted: bool = False,
) -> FeedResult:
    """The result of a feed that was read whole.

    Args:
        airmeet: whose feed it is.
        feed: the feed.
        parts: the rows of all its requests that were answered.
        refusals: what the other requests answered; the ledger names them.
        requested_at: when the first request was sent.
        ready_at: when the last rows were there.
        settle_days: days after the end until what is fetched is final.
        contradicted: one was refused although what it asks for is over.
    """
    tables: dict[str, pa.Table] = {}
    syncs = []
    counted = [part.missing for part in parts if part.missing is not None]
    totals = [part.total for part in parts if part.total is not None]
    for name in feed.tables:
        pieces = [table for part in parts if (table := part.tables[name]).num_rows]
        if pieces:
            tables[name] = pa.concat_tables(pieces, promote_options="permissive")
        else:
            # No rows delete nothing: a tombstone does. Also where the ledger knows of no rows: a
            # package that was never completed may have brought some.
            tables[name] = tombstone(TABLES[name], airmeet.id)
        rows = sum(table.num_rows for table in pieces)
        # The totals count the feed's own rows, not those of lists within them.
        announced = rows + sum(counted) if counted and name == feed.tables[0] else None
        sync = FeedSync(
            airmeet_id=airmeet.id,
            feed=name,
            status="loaded",
            airmeet_version=version_of(airmeet, name),
            requested_at=requested_at,
            rows=rows,
            expected_rows=announced,
            pages=sum(part.pages for part in parts),
            ready_at=ready_at,
            loaded_at=ready_at,
            error=_remarks(parts, refusals, name),
            api_total=sum(totals) if totals and name == feed.tables[0] else None,
        )
        syncs.append(with_finality(airmeet, sync, settle_days, contradicted))
    return FeedResult(tables, tuple(syncs), _left_out(parts))


def fault_result(
    airmeet: Airmeet,
    feed: Feed,
    fault: AirmeetError,
    requested_at: datetime,
    ledger: Ledger,
    settle_days: float,
    contradicted: bool = False,
) -> FeedResult:
    """The result of a feed that could not be read: its rows stay as they were, and the ledger says
    why."""
    status: Status = "failed"
    if isinstance(fault, Unavailable):
        status = "unavailable"
    elif isinstance(fault, Pending):
        status = "pending"
    syncs = []
    for name in feed.tables:
        before = ledger.get((airmeet.id, name))
        sync = FeedSync(
            airmeet_id=airmeet.id,
            feed=name,
            status=status,
            airmeet_version=version_of(airmeet, name),
            requested_at=requested_at,
            rows=before.rows if before else None,
            loaded_at=before.loaded_at if before else None,
            error=one_line(fault),
        )
        syncs.append(with_finality(airmeet, sync, settle_days, contradicted))
    return FeedResult({}, tuple(syncs))


def _left_out(parts: Sequence[FeedRows]) -> frozenset[str]:
    return frozenset[str]().union(*(part.left_out for part in parts))


def _remarks(parts: Sequence[FeedRows], refusals: Sequence[Unavailable], table: str) -> str | None:
    remarks = []
    if refusals:
        asked = len(parts) + len(refusals)
        remarks.append(f"{len(refusals)} of {asked} had nothing to give: {refusals[0]}")
    if type_mismatches := sorted(set[str]().union(*(part.type_mismatches for part in parts))):
        remarks.append(
            f"values of another type went to {', '.join(f'{m}_text' for m in type_mismatches)}"
        )
    fields = (f.split(".") for f in _left_out(parts))
    if names := sorted(column for of, column in fields if of == table):
        remarks.append(f"not stored: {', '.join(names)}")
    return one_line("; ".join(remarks)) if remarks else None
