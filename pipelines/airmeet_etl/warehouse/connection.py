"""A DuckDB file that stays open over a run, and when it is written and its memory freed.

Leans on DuckDB's allocator settings and on how it prints `memory_limit`; tested in
`tests/trust/test_foreign_internals.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import dlt
import duckdb

from .warehouse import is_empty, warehouse_file

ALLOCATOR_SETTINGS = ("allocator_flush_threshold", "allocator_bulk_deallocation_flush_threshold")
"""Freed bytes after which DuckDB gives memory back to the system."""
_UNREADABLE_UNIT = "PiB"
"""DuckDB prints a missing limit in this unit, and does not accept it back."""


@contextmanager
def hold_connection(pipeline: dlt.Pipeline) -> Iterator[Callable[[], None]]:
    """Keep a DuckDB file open while dlt opens and closes it a hundred times.

    When its last connection is closed DuckDB closes the file, and first writes all of its log into
    it: that was a fifth of a load's time. Memory that it no longer needs goes back to the system at
    once, since other steps of the run need it.

    Yields:
        The checkpoint: DuckDB writes into its file what was loaded so far, and frees its memory.
        Rows that are in its log alone are kept uncompressed, and what is written is kept for
        queries, which a load does not run. Does nothing at other destinations.
    """
    if is_duckdb(pipeline):
        if (file := warehouse_file(pipeline)) is not None and is_empty(file):
            file.unlink()
        with pipeline.sql_client() as client:
            for setting in ALLOCATOR_SETTINGS:
                client.execute_sql(f"SET {setting} = '1MB'")
            rows = client.execute_sql("SELECT current_setting('memory_limit')")
            assert rows
            limit = "-1" if rows[0][0].endswith(_UNREADABLE_UNIT) else rows[0][0]
            yield partial(_checkpoint, client.native_connection, limit)
    else:
        yield lambda: None


def is_duckdb(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination is a DuckDB file."""
    return pipeline.destination.destination_type.endswith(".duckdb")


def _checkpoint(connection: duckdb.DuckDBPyConnection, limit: str) -> None:
    connection.execute("CHECKPOINT")
    try:
        # DuckDB frees what it can to keep to a new limit, and rejects the limit where that is not
        # enough.
        with suppress(duckdb.OutOfMemoryException):
            connection.execute("SET memory_limit = '1MB'")
    finally:
        connection.execute(f"SET memory_limit = '{limit}'")
