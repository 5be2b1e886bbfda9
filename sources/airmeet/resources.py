"""The tables as dlt resources over one stream of units.

All resources are transformers of one hidden resource that yields batches: dlt runs it once and
gives every batch to each selected table. So `with_resources` chooses tables, and the engine fetches
just what they need.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema
from dlt.extract import DltResource

from .extract import ledger
from .extract.arrow import decode_dictionaries, empty_table
from .extract.results import FeedResult
from .extract.schema_drift import lines_of
from .schemas import FIELDS, REMOVED, TABLES, Table
from .settings import Layout

_BATCH_ROWS = 25_000
"""Rows of one table gathered before they go to dlt: each item costs it a millisecond or so."""
_MOST_PIECES = 500
"""So many are made one: a table of a few rows takes as much memory as hundreds of rows."""

Batch = dict[str, Any]
"""What came for each table: an Arrow table, or lines for the ledger and for the fields sent."""


def table_resources(
    units: Callable[[], Iterable[FeedResult]], layout: Layout, beside: Sequence[Table] = ()
) -> list[DltResource]:
    """One resource a table, all fed by `units`, which is called once each time they are extracted.

    Within `units`, `selected_tables()` tells which tables are wanted. Tables that only the gateway
    fills are absent in the specification's layout; `beside` are wanted beside those of the API.
    """
    logging.getLogger("dlt").addFilter(_not_about_json)
    batches = dlt.resource(lambda: _batches(units()), name="units", selected=False)
    return [
        _table_resource(table, batches)
        for table in (*TABLES.values(), *beside)
        if layout == "gateway" or not table.gateway_only
    ]


def selected_tables() -> set[str]:
    """The tables that are being extracted. Only while dlt extracts."""
    return set(dlt.current.source().selected_resources) & TABLES.keys()


def _table_resource(table: Table, batches: DltResource) -> DltResource:
    def rows(batch: Batch) -> Iterator[Any]:
        if table.name in batch:
            yield batch[table.name]

    return dlt.transformer(
        rows,
        data_from=batches,
        name=table.name,
        write_disposition="merge",  # delete-insert: what vanished upstream goes
        merge_key=table.merge_keys,
        columns=_hints(table),
        max_table_nesting=0,
    )


def _hints(table: Table) -> dict[str, TColumnSchema]:
    """The columns with their types and descriptions, as dlt wants them."""
    hints: dict[str, TColumnSchema] = {
        column.name: {
            "data_type": column.kind,
            "nullable": column.name not in table.merge_keys,
            "description": column.description,
        }
        for column in table.columns
    }
    if table.removable:
        hints[REMOVED] = {
            "data_type": "bool",
            "hard_delete": True,
            "description": "Always null; it marks rows to remove while they are loaded.",
        }
    return hints


def _batches(units: Iterable[FeedResult]) -> Iterator[Batch]:
    """The units' tables, gathered; every wanted table at least once, so that all of them exist."""
    gathered = {name: _Gathered() for name in selected_tables() - {ledger.TABLE}}
    lines: dict[str, list[dict[str, Any]]] = {ledger.TABLE: [], FIELDS.name: []}
    for name, table in gathered.items():
        table.add(empty_table(TABLES[name]))
    for unit in units:
        for name in unit.tables.keys() & gathered.keys():
            table, rows = gathered[name], unit.tables[name]
            table.add(rows)
            if table.rows >= _BATCH_ROWS:
                yield {name: table.flush()}
        lines[ledger.TABLE] += map(ledger.line_of, unit.syncs)
        lines[FIELDS.name] += lines_of(unit.sent)
    rest: Batch = {name: table.flush() for name, table in gathered.items() if table}
    yield rest | {name: of_table for name, of_table in lines.items() if of_table}


class _Gathered:
    """Pieces of one table, until they are enough for a batch."""

    def __init__(self) -> None:
        self.rows = 0
        self._pieces: list[pa.Table] = []

    def __len__(self) -> int:
        return len(self._pieces)

    def add(self, piece: pa.Table) -> None:
        self._pieces.append(piece)
        self.rows += piece.num_rows
        if len(self._pieces) >= _MOST_PIECES:
            self._pieces = [self.flush().combine_chunks()]
            self.rows = self._pieces[0].num_rows

    def flush(self) -> pa.Table:
        pieces = map(
            decode_dictionaries, self._pieces
        )  # there are destinations that know plain texts only
        table = pa.concat_tables(pieces, promote_options="permissive")
        self.rows, self._pieces = 0, []
        return table


def _not_about_json(record: logging.LogRecord) -> bool:
    """Arrow has no JSON type: that text columns are JSON by their hint is meant, not worth a
    warning for each batch."""
    return "several column hints were different" not in record.getMessage()
