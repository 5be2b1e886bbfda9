"""Knows rows that come twice: makes the deduplicator for a feed, and the ones for things.

Pages overlap when rows arrive while pages are read, and some cursors lead back to the first page:
every row counts once, by what its feed's shape says. Things and people are known by a hash of 64
bits, since the keys themselves took several times the memory.
"""

from collections.abc import Sequence

import pyarrow as pa

from ..feeds import Feed, Shape
from ..rows import Row, column_name, digest, values_of
from ..schemas import TABLES, Table
from .arrow import TableBuilder
from .children import ChildRows
from .people import People, Respondents
from .row_deduplicator import RowDeduplicator
from .schema_drift import ColumnTypeRegistry

__all__ = ["RowDeduplicator", "deduplicator_for"]


class _Keyed(RowDeduplicator):
    """Things with an id: the last writing of a thing counts, with its lists."""

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        super().__init__(feed, airmeet_id, types)
        self._positions: dict[int, int] = {}
        self._children = ChildRows(feed, airmeet_id, types)
        self._details: Row = {}

    @property
    def received(self) -> int:
        return len(self._positions)

    def see(self, answer: Row) -> None:
        if self.feed.details:
            known = {*self.feed.rows, *self._children.add_beside(answer)}
            self._details |= {key: value for key, value in answer.items() if key not in known}

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        before, start = len(self._positions), self.main.rows
        if self.feed.flatten_key:
            rows = [_flattened(row, self.feed.flatten_key) for row in rows]
        values = values_of(rows)
        own = values.get(_api_key(self.main.table, rows)) or [None] * len(rows)
        ids = own
        if None in own:
            ids = [digest(row) if id is None else id for id, row in zip(own, rows, strict=True)]
        within = [key for key in self.main.table.keys[1:-1] if key not in parent]
        places = [values.get(key) or [None] * len(rows) for key in within]
        places += [[value] * len(rows) for value in parent.values()]
        known_by = [*map(hash, zip(*places, ids, strict=True))]
        if self.feed.lists:
            self._children.add(rows, own, known_by)
            for key in self._children.keys:
                values.pop(key, None)
        self._positions.update(zip(known_by, range(start, start + len(rows)), strict=True))
        self.main.add_values(values, len(rows), **parent)
        return len(self._positions) - before

    def tables(self) -> dict[str, pa.Table]:
        # As many as there are rows: none came twice, and all are in their order.
        all_once = len(self._positions) == self.main.rows
        keep = None if all_once else sorted(self._positions.values())
        tables = {self.main.table.name: self.main.finish(keep), **self._children.tables()}
        if self.feed.details:
            details = TableBuilder(TABLES[self.feed.details], self.main.airmeet_id, self.types)
            details.add([self._details] if self._details else [])
            self.main.type_mismatches |= details.type_mismatches
            tables[self.feed.details] = details.finish()
        return tables

    @property
    def type_mismatches(self) -> set[str]:
        return self.main.type_mismatches | self._children.type_mismatches


def _flattened(row: Row, key: str) -> Row:
    """The row with the fields of the object under `key` as its own."""
    inner = row.get(key)
    if not isinstance(inner, dict):
        return row
    return {**{k: v for k, v in row.items() if k != key}, **inner}


def _api_key(table: Table, rows: Sequence[Row]) -> str:
    """The API's word for the table's own key, the last of its key columns."""
    key = table.keys[-1]
    words = (
        word
        for row in rows[:1]
        for word in row
        if table.api_names.get(word, column_name(word)) == key
    )
    return next(words, key)


class _Positional(RowDeduplicator):
    """Things without an id, each known by its place in the one answer that holds all."""

    @property
    def received(self) -> int:
        return self.main.rows

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        start = self.main.rows
        self.main.add([{**row, "position": n} for n, row in enumerate(rows, start)], **parent)
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
