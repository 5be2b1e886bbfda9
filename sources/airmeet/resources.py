"""The tables as dlt resources over one stream of results.

All resources are transformers of one hidden resource that yields batches: dlt runs it once and
gives every batch to each selected table. So `with_resources` chooses tables, and the engine fetches
only what they need.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.extract import DltResource

from .dlt_tables import declaration, is_made, merged_resource
from .extract import ledger
from .extract.arrow import decode_dictionaries, dictionary_columns, empty_table
from .extract.results import FeedResult
from .extract.schema_drift import rows_of_sent
from .feeds import AIRMEETS
from .parquet_files import in_parquet_files
from .schemas import FIELDS, TABLES, WEBHOOK_TABLES, Table
from .settings import Layout

_BATCH_ROWS = 25_000
"""Rows of one table gathered before they go to dlt: each item costs it a millisecond or so."""
_MOST_PIECES = 500
"""Pieces after which they are combined: a table of a few rows takes as much memory as hundreds."""

Batch = dict[str, Any]
"""New rows by table: an Arrow table, or dicts for the ledger and for the fields sent."""


def table_resources(
    results: Callable[[], Iterable[FeedResult]],
    layout: Layout,
    beside: Sequence[Table] = (),
    folder: Path | None = None,
) -> list[DltResource]:
    """One resource a table, all fed by `results`, which is called once for each extraction.

    Within `results`, `selected_tables()` says which tables are wanted. Tables that only the gateway
    fills are absent in the specification's layout; `beside` are tables beside those of the API.
    Rows go to dlt as Arrow tables, which a user's own steps can change; with a `folder` of
    `parquet_folder` they go there, and to dlt as files.
    """
    # A logger holds the same filter once, however often it is added.
    logging.getLogger("dlt").addFilter(_not_about_json)

    def all_batches() -> Iterable[Batch]:
        batches = _batches(results())
        return batches if folder is None else in_parquet_files(batches, folder)

    batches = dlt.resource(all_batches, name="results", selected=False)
    return [
        _table_resource(table, batches)
        for table in (*TABLES.values(), *beside)
        if layout == "gateway" or not table.gateway_only
    ]


def webhook_resources(rows: Mapping[str, list[dict[str, Any]]]) -> list[DltResource]:
    """One resource a table of what webhooks delivered, with its rows.

    Args:
        rows: by table; a delivery that is there already is replaced.
    """
    return [merged_resource(table, rows[table.name]) for table in WEBHOOK_TABLES.values()]


def selected_tables() -> set[str]:
    """The tables that are being extracted. Only while dlt extracts."""
    return set(dlt.current.source().selected_resources) & TABLES.keys()


def _table_resource(table: Table, batches: DltResource) -> DltResource:
    def rows(batch: Batch) -> Iterator[Any]:
        if table.name in batch:
            yield batch[table.name]

    return dlt.transformer(rows, data_from=batches, **declaration(table))


def _batches(results: Iterable[FeedResult]) -> Iterator[Batch]:
    """The results' tables, gathered. A wanted table that is not there yet is sent without rows, so
    that all of them exist; each costs dlt as much as one with rows."""
    known = dlt.current.source_schema()
    gathered = {name: _Gathered() for name in selected_tables() - {ledger.TABLE}}
    rows: dict[str, list[dict[str, Any]]] = {ledger.TABLE: [], FIELDS.name: []}
    for name, table in gathered.items():
        if not is_made(TABLES[name], known):
            table.add(empty_table(TABLES[name]))
    for result in results:
        for name in result.tables.keys() & gathered.keys():
            table = gathered[name]
            table.add(result.tables[name])
            if table.rows >= _BATCH_ROWS:
                yield {name: table.flush()}
        # The ledger says nothing of tables that are not loaded: they would never be fetched.
        rows[ledger.TABLE] += [
            ledger.ledger_row(sync)
            for sync in result.syncs
            if sync.feed in gathered or sync.feed == AIRMEETS.name
        ]
        rows[FIELDS.name] += rows_of_sent(result.sent)
    rest: Batch = {name: table.flush() for name, table in gathered.items() if table}
    yield rest | {name: of_table for name, of_table in rows.items() if of_table}


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
        # There are destinations that know plain texts only. Each piece by itself would wait for the
        # engine's thread, hundreds of times.
        alike: defaultdict[tuple[str, ...], list[pa.Table]] = defaultdict(list)
        for piece in self._pieces:
            alike[dictionary_columns(piece)].append(piece)
        plain = (decode_dictionaries(_together(pieces)) for pieces in alike.values())
        table = _together(plain)
        self.rows, self._pieces = 0, []
        return table


def _together(tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="permissive")


def _not_about_json(record: logging.LogRecord) -> bool:
    """Arrow has no JSON type, so dlt would warn for each batch that a text column has the hint
    JSON, which is meant."""
    return "several column hints were different" not in record.getMessage()
