"""JSON rows to Arrow tables.

Nothing is dropped: a field that the schema does not know becomes a column, a value that does not
fit its column goes to a text column beside it (`<column>_text`).
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..person import MISSING_IDS
from ..rows import Columns, Row
from ..schemas import REMOVED, Kind, Table, arrow_types
from .by_column import columns_of
from .columns import typed_column
from .schema_drift import ColumnTypeRegistry

_NEVER = -(2**63)


class TableBuilder:
    """Gathers one unit's rows of one table as Arrow batches."""

    def __init__(self, table: Table, owner: str, types: ColumnTypeRegistry) -> None:
        self.table = table
        self.owner = owner
        self._types = types
        self.type_mismatches: set[str] = set()
        self.rows = 0
        self._batches: list[pa.Table] = []

    def add(self, rows: Sequence[Row], **fixed: Any) -> None:
        """Add rows; `fixed` columns are the same for all of them."""
        self.add_values(columns_of(self.table, rows), len(rows), **fixed)

    def add_values(self, values: Columns, count: int, **fixed: Any) -> None:
        """Add so many rows by their values, as `columns_of` gives them."""
        if not count:
            return
        fixed[self.table.owner] = self.owner
        self.rows += count
        self._batches.append(
            to_arrow(self.table, values, count, fixed, self.type_mismatches, self._types)
        )

    def moments(self, column: str) -> "array[int]":
        """The times in one of the table's columns, of all rows so far, as Unix microseconds; none
        is before all others. Arrow's own way to Python takes twenty times as long."""
        moments = array("q")
        for batch in self._batches:
            for chunk in batch.column(column).cast(pa.int64()).fill_null(_NEVER).chunks:
                moments.frombytes(chunk.buffers()[1][8 * chunk.offset :][: 8 * len(chunk)])
        return moments

    def texts(self, column: str) -> pa.ChunkedArray:
        """One of the table's columns of texts, of all rows so far, without a copy."""
        columns = [batch.column(column) for batch in self._batches]
        return pa.chunked_array([chunk for c in columns for chunk in c.chunks], pa.string())

    def finish(self, keep: Sequence[int] | None = None) -> pa.Table:
        """All rows, or those at the positions in `keep`, which ascend, as one table."""
        if not self._batches:
            return empty_table(self.table)
        if keep is not None and len(keep) < self.rows:
            _keep_alone(self._batches, keep)
        table = pa.concat_tables(self._batches, promote_options="permissive")
        self._batches.clear()
        self.rows = table.num_rows
        return table


def _keep_alone(batches: list[pa.Table], keep: Sequence[int]) -> None:
    """Leave out of the batches all rows but those at the positions in `keep`. One batch after the
    other: a large feed would not fit into memory twice."""
    start = first = 0
    for number, batch in enumerate(batches):
        last = bisect_left(keep, start + batch.num_rows, first)
        if last - first < batch.num_rows:
            positions = pa.array((position - start for position in keep[first:last]), pa.int64())
            batches[number] = batch.take(positions)
        start, first = start + batch.num_rows, last


def empty_table(table: Table) -> pa.Table:
    """The table's own columns and no row."""
    return table.arrow_schema.empty_table()


def tombstone(table: Table, owner: str) -> pa.Table:
    """One row that removes the rows of an airmeet, or of the community, when it is merged."""
    marks = {table.owner: owner, REMOVED: True}
    schema = table.arrow_schema
    values = [pa.array([marks.get(field.name)], field.type) for field in schema]
    return pa.Table.from_arrays(values, schema=schema)


def to_arrow(
    table: Table,
    values: Columns,
    count: int,
    fixed: Mapping[str, Any],
    type_mismatches: set[str],
    types: ColumnTypeRegistry,
) -> pa.Table:
    """Rows with the table's columns, fields it does not know behind them.

    Args:
        table: whose schema counts.
        values: of the rows, by column, as `columns_of` gives them.
        count: how many rows there are.
        fixed: values that are the same in all rows, by column.
        type_mismatches: receives the columns some of whose values did not fit their type.
        types: kinds of the columns that the schema does not know; notes which there are.
    """
    sources = {name: found for name, found in values.items() if name not in table.left_out}
    if count:
        derived = {column.name for column in table.columns if column.derived}
        types.see(table.name, (sources.keys() | fixed.keys()) - derived)
    fields: list[pa.Field] = []
    arrays: list[pa.Array] = []

    def append(field: pa.Field, kind: Kind, found: Sequence[Any]) -> None:
        array, rest = typed_column(found, kind)
        fields.append(field)
        arrays.append(array)
        if rest is not None:
            type_mismatches.add(field.name)
            types.see(table.name, [f"{field.name}_text"])
            fields.append(pa.field(f"{field.name}_text", pa.string()))
            arrays.append(rest)

    schema = table.arrow_schema
    for column, field in zip(table.columns, schema, strict=False):
        found = sources.pop(column.name, None)
        if column.name in fixed:
            arrays.append(_repeated(fixed[column.name], field.type, count))
            fields.append(field.with_type(arrays[-1].type))
        elif found is not None:
            append(field, column.kind, found)
            if column.identifies:
                arrays[-1] = _without_missing_ids(arrays[-1])
        else:
            fields.append(field)
            arrays.append(pa.nulls(count, field.type))
    if table.removable:
        fields.append(schema.field(REMOVED))
        arrays.append(pa.nulls(count, pa.bool_()))
    known = {field.name for field in fields}
    for name, found in sources.items():
        kind = types.kind(table.name, name, found)
        if name not in known and kind is not None:
            append(pa.field(name, arrow_types()[kind]), kind, found)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _without_missing_ids(ids: pa.Array) -> pa.Array:
    """Ids with null where they identify nobody."""
    words = pc.ascii_lower(pc.utf8_trim_whitespace(ids))
    none = pc.is_in(words, pa.array(MISSING_IDS, pa.string()))
    return pc.if_else(none, None, ids) if pc.any(none).as_py() else ids


def _repeated(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    """A column of one value. A text stands there once, and each row points to it: written out, the
    ids of a row's airmeet and session are a third of its memory."""
    if not pa.types.is_string(kind):
        return pa.repeat(pa.scalar(value, kind), count)
    places = pa.repeat(pa.scalar(0, pa.int32()), count)
    return pa.DictionaryArray.from_arrays(places, pa.array([value], kind))


def dictionary_columns(table: pa.Table) -> tuple[str, ...]:
    """The columns whose texts stand there once, each row pointing to its own."""
    return tuple(f.name for f in table.schema if pa.types.is_dictionary(f.type))


def decode_dictionaries(table: pa.Table) -> pa.Table:
    """The table with its `dictionary_columns` as plain texts, one in each row."""
    for name in dictionary_columns(table):
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        plain = table.column(place).cast(field.type.value_type)
        table = table.set_column(place, field.with_type(plain.type), plain)
    return table
