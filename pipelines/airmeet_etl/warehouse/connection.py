"""A DuckDB file that stays open over a run: when it is written, and how much memory it takes.

DuckDB lets in one process at a time, so whoever holds the file also keeps others from writing.

Leans on DuckDB's allocator settings and on how it prints `memory_limit`; tested in
`tests/trust/test_foreign_duckdb.py`.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
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


class Checkpoint:
    """DuckDB writes into its file what was loaded so far, and frees its memory, while others work.

    Rows that are in its log alone are kept uncompressed, and what is written is kept for queries,
    which a load does not run. Nobody may write meanwhile. At other destinations nothing is done.
    """

    def __init__(self, thread: ThreadPoolExecutor, connection: Any = None) -> None:
        self._thread = thread
        self._connection = connection
        self._begun: Future[None] | None = None

    def begin(self) -> None:
        """Let it be written."""
        self.wait()
        if self._connection is not None:
            self._begun = self._thread.submit(_checkpoint, self._connection.cursor())

    def wait(self) -> None:
        """Wait until all that was begun is written.

        Raises:
            duckdb.Error: it could not be written.
        """
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.result()


@contextmanager
def hold_connection(pipeline: dlt.Pipeline, notify: Notify | None = None) -> Iterator[Checkpoint]:
    """Keep a DuckDB file open while dlt opens and closes it a hundred times.

    When its last connection is closed DuckDB closes the file, and first writes all of its log into
    it: that was a fifth of a load's time.

    Args:
        pipeline: whose destination it is.
        notify: takes the line that says which process has the file open, and is waited for; without
            it nobody is waited for.

    Yields:
        What writes its log into the file.

    Raises:
        DatasetBusy: another process has the file open, and had it during the whole wait.
    """
    with ExitStack() as stack:
        connection = None
        if is_duckdb(pipeline):
            if (file := warehouse_file(pipeline)) is not None and is_empty(file):
                file.unlink()
            connection = _opened(pipeline, stack, notify).native_connection
        # Entered last: it ends before the file is closed.
        thread = stack.enter_context(ThreadPoolExecutor(1, "airmeet-checkpoint"))
        yield Checkpoint(thread, connection)


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
def loading_sparingly(pipeline: dlt.Pipeline) -> Iterator[None]:
    """Let DuckDB give back to the system at once what it frees, whatever it holds."""
    with _set_in(pipeline, _GIVING_BACK):
        yield


@contextmanager
def merging_with_one_thread(pipeline: dlt.Pipeline) -> Iterator[None]:
    """Let DuckDB merge a package with one thread, while the next one is fetched: that takes a core
    by itself. Each further thread holds rows of its own that are not compressed yet."""
    with _set_in(pipeline, {"threads": "1"}):
        yield


@contextmanager
def _set_in(pipeline: dlt.Pipeline, settings: Mapping[str, str]) -> Iterator[None]:
    """Change DuckDB's settings meanwhile; at other destinations nothing."""
    if not is_duckdb(pipeline):
        yield
        return
    with pipeline.sql_client() as client, _set_meanwhile(client, settings):
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


def _checkpoint(connection: duckdb.DuckDBPyConnection) -> None:
    with connection:
        connection.execute("CHECKPOINT")
        [(limit,)] = connection.execute("SELECT current_setting('memory_limit')").fetchall()
        limit = "-1" if limit.endswith(_UNREADABLE_UNIT) else limit
        try:
            # DuckDB frees what it can to keep to a new limit, and rejects the limit where that is
            # not enough.
            with suppress(duckdb.OutOfMemoryException):
                connection.execute("SET memory_limit = '1MB'")
        finally:
            connection.execute(f"SET memory_limit = '{limit}'")
