"""A DuckDB file that stays open over a run: when it is written, and how much memory it takes.

DuckDB lets in one process at a time, so whoever holds the file also keeps others from writing.

Leans on DuckDB's allocator settings and on how it prints `memory_limit`; tested in
`tests/trust/test_foreign_internals.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from time import sleep
from typing import Any

import dlt
import duckdb
from dlt.destinations.exceptions import DatabaseException

from ..exit_codes import FileHeld, to_command_error
from .patience import Notify, wait_for
from .warehouse import is_empty, warehouse_file

ALLOCATOR_SETTINGS = ("allocator_flush_threshold", "allocator_bulk_deallocation_flush_threshold")
"""Freed bytes after which DuckDB gives memory back to the system."""
_GIVING_BACK = dict.fromkeys(ALLOCATOR_SETTINGS, "1MB")
_MANY_ROWS = 300_000
"""In all tables: over so many a build of all takes memory that is worth giving back."""
_UNREADABLE_UNIT = "PiB"
"""DuckDB prints a missing limit in this unit, and does not accept it back."""


@contextmanager
def hold_connection(
    pipeline: dlt.Pipeline, notify: Notify | None = None
) -> Iterator[Callable[[], None]]:
    """Keep a DuckDB file open while dlt opens and closes it a hundred times.

    When its last connection is closed DuckDB closes the file, and first writes all of its log into
    it: that was a fifth of a load's time.

    Args:
        pipeline: whose destination it is.
        notify: takes the line that says which process has the file open, and is waited for; without
            it nobody is waited for.

    Yields:
        The checkpoint: DuckDB writes into its file what was loaded so far, and frees its memory.
        Rows that are in its log alone are kept uncompressed, and what is written is kept for
        queries, which a load does not run. Does nothing at other destinations.

    Raises:
        DatasetBusy: another process has the file open, and had it during the whole wait.
    """
    if is_duckdb(pipeline):
        if (file := warehouse_file(pipeline)) is not None and is_empty(file):
            file.unlink()
        with ExitStack() as stack:
            client = _opened(pipeline, stack, notify)
            rows = client.execute_sql("SELECT current_setting('memory_limit')")
            assert rows
            limit = "-1" if rows[0][0].endswith(_UNREADABLE_UNIT) else rows[0][0]
            yield partial(_checkpoint, client.native_connection, limit)
    else:
        yield lambda: None


def _opened(pipeline: dlt.Pipeline, stack: ExitStack, notify: Notify | None) -> Any:
    """The pipeline's client, open until the stack ends."""
    if notify is None:
        client: Any = pipeline.sql_client()
        return stack.enter_context(client)
    opened: list[Any] = []
    said: list[FileHeld] = []

    def attempt(seconds: float) -> bool:
        sleep(seconds)
        try:
            client: Any = pipeline.sql_client()
            opened.append(stack.enter_context(client))
        except Exception as error:
            held = to_command_error(error)
            if not isinstance(held, FileHeld):
                raise
            said.append(held)
        return bool(opened)

    does = f"has {warehouse_file(pipeline)} open"
    wait_for(attempt, lambda: said[-1].who, does, notify)
    return opened[0]


@contextmanager
def giving_memory_back(pipeline: dlt.Pipeline, client: Any) -> Iterator[None]:
    """Let DuckDB give back to the system each megabyte that it frees, where it holds many rows.

    Over a million rows what statements leave unused was a sixth of a build's peak. Over a few,
    giving it back and taking it again was a quarter of a build's CPU.

    Args:
        client: an open client of the destination.
    """
    holds_many = is_duckdb(pipeline) and _rows_in_all_tables(client) >= _MANY_ROWS
    with _set_meanwhile(client, _GIVING_BACK if holds_many else {}):
        yield


@contextmanager
def merging_sparingly(pipeline: dlt.Pipeline) -> Iterator[None]:
    """Let DuckDB merge packages with one thread, which gives back to the system what it frees.

    While a package is merged the next one is fetched, which takes a core by itself. Each further
    thread holds rows of its own that are not compressed yet, and what it freed.
    """
    if not is_duckdb(pipeline):
        yield
        return
    with (
        pipeline.sql_client() as client,
        _set_meanwhile(client, {"threads": "1", **_GIVING_BACK}),
    ):
        yield


@contextmanager
def _set_meanwhile(client: Any, settings: Mapping[str, str]) -> Iterator[None]:
    """Change settings of DuckDB; they are what they were afterwards."""
    before = {
        name: client.execute_sql(f"SELECT current_setting('{name}')")[0][0] for name in settings
    }
    for name, value in settings.items():
        client.execute_sql(f"SET {name} = '{value}'")
    try:
        yield
    finally:
        with suppress(DatabaseException):  # of a database that failed; why is said already
            for name, value in before.items():
                client.execute_sql(f"SET {name} = '{value}'")


def _rows_in_all_tables(client: Any) -> int:
    """As DuckDB estimates them, without reading a table."""
    rows = client.execute_sql("SELECT coalesce(sum(estimated_size), 0) FROM duckdb_tables()")
    return int(rows[0][0])


def is_duckdb(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination is a DuckDB file."""
    return pipeline.destination.destination_type.endswith(".duckdb")


def write_log(pipeline: dlt.Pipeline) -> None:
    """Let DuckDB write what its log holds into its file, which it else does when the file is
    closed; so it can be done while other work goes on. Does nothing at other destinations."""
    if is_duckdb(pipeline):
        with pipeline.sql_client() as client, suppress(duckdb.TransactionException):
            client.native_connection.execute("CHECKPOINT")  # not while somebody writes


def _checkpoint(connection: duckdb.DuckDBPyConnection, limit: str) -> None:
    connection.execute("CHECKPOINT")
    try:
        # DuckDB frees what it can to keep to a new limit, and rejects the limit where that is not
        # enough.
        with suppress(duckdb.OutOfMemoryException):
            connection.execute("SET memory_limit = '1MB'")
    finally:
        connection.execute(f"SET memory_limit = '{limit}'")
