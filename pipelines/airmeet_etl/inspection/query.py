"""SQL that somebody asks of what is loaded: one statement at a time, which only reads."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import dlt
import duckdb
from airmeet.errors import one_line
from airmeet.nearest import nearest

from ..exit_codes import CommandError, FileHeld, first_line, to_command_error
from ..reports.build import reports_dataset
from ..reports.combined import COMMUNITY, POOLED
from ..reports.destination import dialect_of, open_client
from ..reports.publish import published_file
from ..warehouse.columns import declared
from ..warehouse.connection import is_duckdb
from ..warehouse.statements import literal, quoted
from ..warehouse.warehouse import (
    community_of,
    require_loaded,
    stored_dataset,
    warehouse_file,
)

_READS = {"SELECT", "EXPLAIN", "RELATION"}
"""What DuckDB calls statements that change nothing; SHOW, DESCRIBE and SUMMARIZE are selections."""


@dataclass(frozen=True)
class Answer:
    """What a statement gave."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Reader(Protocol):
    """Takes one statement after the other."""

    note: str
    """What to say of where it reads; mostly nothing."""

    def ask(self, statement: str) -> Answer:
        """Run a statement.

        Raises:
            CommandError: it is not one statement that reads, or the database refuses it.
        """

    def tables(self) -> list[str]:
        """The tables by name, as a statement takes them."""


@contextmanager
def opened_reader(pipeline: dlt.Pipeline, over_all: Path | None = None) -> Iterator[Reader]:
    """What is loaded and reported, open for reading. Reports are found by their bare names, raw
    tables by their dataset's (`airmeet.sessions`), or bare where no report has the name.

    While a load has a DuckDB file open, the reports as last published are read in its place.

    Args:
        pipeline: what is asked of.
        over_all: of a community's pipeline, where the reports over all communities are published.

    Raises:
        CommandError: nothing is loaded, or nothing can be read.
    """
    file = warehouse_file(pipeline) if is_duckdb(pipeline) else None
    if file is None:
        require_loaded(pipeline)
        with open_client(pipeline, reports_dataset(pipeline)) as client:
            yield _OverClient(client, stored_dataset(pipeline))
        return
    if not file.exists():
        require_loaded(pipeline)
    connection, note = _connected(file, pipeline, over_all)
    try:
        yield _OverFile(connection, [reports_dataset(pipeline), str(pipeline.dataset_name)], note)
    finally:
        connection.close()


def _connected(
    file: Path, pipeline: dlt.Pipeline, over_all: Path | None
) -> tuple[duckdb.DuckDBPyConnection, str]:
    try:
        return _read_only(file), ""
    except duckdb.Error as error:
        held, published = to_command_error(error), published_file(pipeline)
        if isinstance(held, FileHeld):
            if published.exists():
                return _read_only(published), f"{held}; these are the reports as last published"
            community = community_of(pipeline)
            if community and over_all and over_all.exists():
                there = _of_one_community(over_all, community, reports_dataset(pipeline))
                return there, f"{held}; {_OF_ALL}"
        raise held from None


_OF_ALL = (
    "these are the reports as last published over all communities, of this one alone; "
    f"{' and '.join(POOLED)}, which count people over all of them, are left out"
)


def _of_one_community(over_all: Path, community: str, dataset: str) -> duckdb.DuckDBPyConnection:
    """One community's reports out of the file of those over all, under the name of its dataset."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH {literal(str(over_all))} AS published (READ_ONLY)")
    connection.execute("SET enable_external_access = false")
    connection.execute(f"CREATE SCHEMA {quoted(dataset)}")
    reports = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_columns() "
        "WHERE database_name = 'published' AND column_name = ?",
        [COMMUNITY],
    ).fetchall()
    for schema, table in reports:
        if table not in POOLED:
            connection.execute(
                f"CREATE VIEW {quoted(dataset, table)} AS SELECT * EXCLUDE ({COMMUNITY}) "
                f"FROM published.{quoted(schema, table)} "
                f"WHERE {COMMUNITY} = {literal(community)}"
            )
    return connection


def _read_only(file: Path) -> duckdb.DuckDBPyConnection:
    """A connection that neither writes nor reaches another file or host."""
    config: dict[str, Any] = {"enable_external_access": False}
    return duckdb.connect(str(file), read_only=True, config=config)


class _OverFile:
    """A DuckDB file."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, datasets: Sequence[str], note: str
    ) -> None:
        self.note = note
        self._connection = connection
        schemas = self._all(
            "SELECT schema_name FROM information_schema.schemata "
            "WHERE catalog_name = current_database()"
        )
        there = {str(name).lower(): str(name) for (name,) in schemas}
        found = [there[name.lower()] for name in datasets if name.lower() in there]
        if found:
            connection.execute(f"SET search_path = '{','.join(found)}'")
        connection.execute("SET lock_configuration = true")

    def ask(self, statement: str) -> Answer:
        try:
            statements = duckdb.extract_statements(statement)
            if len(statements) != 1 or statements[0].type.name not in _READS:
                raise CommandError("one statement that reads, please: SELECT, FROM, DESCRIBE, …")
            self._connection.execute(statements[0])
            names = tuple(str(name) for name, *_ in self._connection.description or ())
            return Answer(names, self._connection.fetchall())
        except duckdb.Error as error:
            raise CommandError(_said(error, statement, self.tables(), self._columns)) from None

    def tables(self) -> list[str]:
        return sorted(
            str(name)
            for (name,) in self._all(
                "SELECT table_schema || '.' || table_name FROM information_schema.tables "
                "WHERE table_catalog = current_database() AND left(table_name, 1) <> '_'"
            )
        )

    def _columns(self) -> list[tuple[Any, ...]]:
        return self._all(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = current_database()"
        )

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


class _OverClient:
    """Another destination, by dlt's client of it."""

    note = ""

    def __init__(self, client: Any, raw: str) -> None:
        self._client = client
        self._dialect = dialect_of(client)
        datasets = [str(client.sql_client.dataset_name), raw]
        if self._dialect == "postgres":
            client.sql_client.execute_sql("SET default_transaction_read_only = on")
            path = ", ".join(map(client.sql_client.escape_column_name, datasets))
            client.sql_client.execute_sql(f"SET search_path = {path}")

    def ask(self, statement: str) -> Answer:
        import sqlglot
        from sqlglot import exp

        try:
            parsed = [s for s in sqlglot.parse(statement, dialect=self._dialect) if s is not None]
        except sqlglot.errors.SqlglotError as error:
            raise CommandError(one_line(error)) from None
        reads = (exp.Query, exp.Describe, exp.Show)
        writes = (exp.DML, exp.Into, exp.Command, exp.Create, exp.Drop)
        if len(parsed) != 1 or not isinstance(parsed[0], reads) or parsed[0].find(*writes):
            raise CommandError("one statement that reads, please: SELECT, DESCRIBE, …")
        try:
            # As it was written: nothing of it is bound, and a % is a %.
            with self._client.sql_client.execute_query(statement.rstrip().rstrip(";")) as cursor:
                found = cursor.native_cursor.description or ()
                names = tuple(declared(self._client.capabilities, str(name)) for name, *_ in found)
                return Answer(names, [tuple(row) for row in cursor.fetchall()])
        except Exception as error:
            raise CommandError(_said(error, statement, self.tables(), self._columns)) from None

    def tables(self) -> list[str]:
        from ..reports.sql_files import sql_files

        return sorted(sql_files("reporting"))

    def _columns(self) -> list[tuple[Any, ...]]:
        if self._dialect != "postgres":
            return []
        rows = self._client.sql_client.execute_sql(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = ANY (current_schemas(false))"
        )
        return [*(rows or [])]


_MISSING = re.compile(
    r"(?:Table with name |relation \")(?:[^\s\"]+\.)?([^\s\".]+)\"? does not exist"
)
"""How DuckDB and Postgres say that there is no such table."""


_MISSING_COLUMN = re.compile(
    r"(?:Referenced column |does not have a column named |column )"
    r"(?:[^\s\".]+\.)?\"?([^\s\".]+)\"?(?: not found in| does not exist|$)",
    re.MULTILINE,
)
"""How they say that there is no such column."""

_WORD = re.compile(r"\w+")


def _said(
    error: Exception,
    statement: str,
    tables: Sequence[str],
    columns: Callable[[], list[tuple[Any, ...]]],
) -> str:
    """A database's refusal in one line, with the table or column that was meant where one is
    alike: of columns, one of the tables that the statement names."""
    line = one_line(first_line(error))
    if missing := _MISSING.search(str(error)):
        found = nearest(missing[1], {name.rpartition(".")[2] for name in tables})
        line += f" Did you mean {found}?" if found else " `.tables` at the prompt lists them."
    elif missing := _MISSING_COLUMN.search(str(error)):
        named = {word.lower() for word in _WORD.findall(statement)}
        known = {column for table, column in columns() if table.lower() in named}
        found = nearest(missing[1], known)
        line += f"{'' if line[-1] in '.!' else '.'} Did you mean {found}?" if found else ""
    return line
