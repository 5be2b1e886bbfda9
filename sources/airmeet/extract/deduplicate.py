"""Knows rows that come twice: makes the deduplicator for a feed, and the ones for things.

Pages overlap when rows arrive while pages are read, and some cursors lead back to the first page:
every row counts once, by what its feed's shape says. Things and people are known by a hash of 64
bits, since the keys themselves took several times the memory.
"""

from collections.abc import Sequence

import pyarrow as pa

from ..feeds import Feed, Shape
from ..person import positions_of_missing
from ..rows import Row, column_name, content_hash, find_key
from ..schemas import TABLES
from .arrow import TableBuilder
from .by_column import columns_of
from .children import ChildRows
from .people import People, Respondents
from .row_deduplicator import Anonymous, RowDeduplicator
from .schema_drift import ColumnTypeRegistry

__all__ = ["RowDeduplicator", "deduplicator_for"]


class _Keyed(RowDeduplicator):
    """Things with an id: the last writing of a thing counts, with its lists."""

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, types)
        self._positions: dict[int, int] = {}
        self._anonymous = Anonymous()
        self._nameless: set[int] = set()
        """The positions of rows without an id."""
        self._children = ChildRows(feed, airmeet_id, types)
        self._details: Row = {}

    @property
    def received(self) -> int:
        return len(self._positions) + len(self._anonymous)

    def see(self, answer: Row) -> None:
        if self.feed.details:
            known = {*map(column_name, self.feed.rows), *self._children.add_beside(answer)}
            self._details |= {
                key: value
                for key, value in answer.items()
                if column_name(key) not in known and value is not None
            }

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before, start = self.received, self.main.rows
        if self.feed.flatten_key:
            rows = [_flattened(row, self.feed.flatten_key) for row in rows]
        values = columns_of(self.main.table, rows)
        nothing = [None] * len(rows)
        own = values.get(self.main.table.keys[-1], nothing)
        nameless = positions_of_missing(own)
        within = [key for key in self.main.table.keys[1:-1] if key not in parent]
        places = [values.get(key, nothing) for key in within]
        places += [[value] * len(rows) for value in parent.values()]
        # As texts: Python's hash takes the numbers -1 and -2 for one.
        names = [*map(str, own)]
        for n in nameless:
            names[n] = f"row {start + n}"
        known_by = [*map(hash, zip(*(map(str, place) for place in places), names, strict=True))]
        if self.feed.lists:
            self._children.add(rows, own, known_by)
            for key in self._children.keys:
                values.pop(key, None)
        positions: Sequence[int] = range(start, start + len(rows))
        if nameless:
            contents = {start + n: content_hash(rows[n]) for n in nameless}
            self._nameless.update(contents)
            known_by = [known for n, known in enumerate(known_by) if n not in nameless]
            positions = [start + n for n in range(len(rows)) if n not in nameless]
            self._anonymous.add_page(contents, known_by)
        self._positions.update(zip(known_by, positions, strict=True))
        self.main.add_values(values, len(rows), **parent)
        return self.received - before

    def settle(self, total: int | None) -> None:
        self._anonymous.settle(None if total is None else total - len(self._positions))

    def tables(self) -> dict[str, pa.Table]:
        # As many as there are rows: none came twice, and all are in their order.
        nameless = self._nameless - self._anonymous.repeats
        all_once = len(self._positions) + len(nameless) == self.main.rows
        keep = None if all_once else sorted({*self._positions.values(), *nameless})
        tables = {self.main.table.name: self.main.finish(keep), **self._children.tables()}
        if self.feed.details:
            details = TableBuilder(TABLES[self.feed.details], self.main.owner, self.types)
            details.add([self._details] if self._details else [])
            self.main.type_mismatches |= details.type_mismatches
            tables[self.feed.details] = details.finish()
        return tables

    @property
    def type_mismatches(self) -> set[str]:
        return self.main.type_mismatches | self._children.type_mismatches


def _flattened(row: Row, key: str) -> Row:
    """The row with the fields of the object under `key` as its own, where it has none itself."""
    written = find_key(row, key)
    inner = row[written] if written else None
    if not isinstance(inner, dict):
        return row
    said = {k: v for k, v in row.items() if k != written}
    return said | {k: v for k, v in inner.items() if said.get(k) is None}


class _Positional(RowDeduplicator):
    """Things without an id, each known by its place in the one answer that holds all."""

    @property
    def received(self) -> int:
        return self.main.rows

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        start = self.main.rows
        values = columns_of(self.main.table, rows)
        values["position"] = range(start, start + len(rows))
        self.main.add_values(values, len(rows), **parent)
        return len(rows)

    def tables(self) -> dict[str, pa.Table]:
        return {self.main.table.name: self.main.finish()}


_SHAPES: dict[Shape, type[RowDeduplicator]] = {
    Shape.KEYED: _Keyed,
    Shape.POSITIONAL: _Positional,
    Shape.PEOPLE: People,
    Shape.RESPONDENTS: Respondents,
}


def deduplicator_for(feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> RowDeduplicator:
    """A deduplicator for the feed's shape."""
    return _SHAPES[feed.shape](feed, airmeet_id, types)
