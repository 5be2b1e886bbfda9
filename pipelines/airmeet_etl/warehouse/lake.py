"""The destination `filesystem`: a lake of Delta tables, written and read by DuckDB's SQL.

dlt's own destination of this name merges Delta tables by a row's key alone, so that what vanished
upstream stays, and takes no SQL that writes. Here a DuckDB in memory has each table as a view of
its files. What a statement changes is a table of DuckDB's until the statement, or its transaction,
ends; then it is written as a version of the Delta table, and is a view again. A merge writes the
airmeets of the package alone.

Each table is replaced by itself: a transaction over several is none for other readers.

It overrides parts of dlt that are not public; `tests/engines/test_lake.py` runs each of them.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import dlt
import duckdb
from dlt.common.data_writers.escape import escape_duckdb_literal, escape_postgres_identifier
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    FollowupJobRequest,
    LoadJob,
    RunnableLoadJob,
)
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema import Schema
from dlt.common.storages.load_package import ParsedLoadJobFileName
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.destinations.job_impl import ReferenceFollowupJobRequest
from dlt.destinations.typing import DBTransaction

from ..exit_codes import CommandError
from .duckdb_merge import MergingClient, MergingDuckDb, columns_with
from .lake_tables import LakeTables, Name

_PART = r'"(?:[^"]|"")+"'
_NAME = rf"(?P<name>(?:{_PART}\.)*{_PART})"
_WRITES = re.compile(
    r"\s*(?P<verb>CREATE(?:\s+OR\s+REPLACE)?\s+TABLE(?:\s+IF\s+NOT\s+EXISTS)?|INSERT\s+INTO|UPDATE|"
    r"DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|ALTER\s+TABLE|DROP\s+TABLE(?:\s+IF\s+EXISTS)?)\s+"
    + _NAME,
    re.IGNORECASE,
)
_SCHEMA = re.compile(
    rf"\s*(?P<verb>CREATE|DROP)\s+SCHEMA(?:\s+IF\s+(?:NOT\s+)?EXISTS)?\s+{_NAME}", re.IGNORECASE
)
_FEW_KEYS = 1000
"""Of more keys a table is written anew: a condition that lists them all takes longer."""


def lake_folder(name: str) -> Path:
    """The folder of a lake by its settings.

    Raises:
        CommandError: it is not set, or no folder of this machine.
    """
    variable = f"DESTINATION__{name.upper()}__BUCKET_URL"
    url = dlt.config.get(f"destination.{name}.bucket_url", str)
    if not url:
        raise CommandError(f"destination {name!r} needs a folder: set {variable}")
    parts = urlparse(url)
    if "://" in url and (parts.scheme != "file" or parts.netloc):
        raise CommandError(
            f"destination {name!r} takes a folder, which {parts.scheme}://... is not: set "
            f"{variable} to one, which may be a shared drive or a bucket's mount"
        )
    return Path(unquote(parts.path) if parts.scheme == "file" else url).absolute()


class Lake(MergingDuckDb):
    """The tables of a folder, by the name of dlt's destination for such."""

    def __init__(self, folder: Path, **kwargs: Any) -> None:
        """Touches nothing yet."""
        # One job at a time: all of them have the same views.
        super().__init__(duckdb.connect(), max_parallel_load_jobs=1, **kwargs)
        self.tables = LakeTables(folder)
        self.shown: dict[Name, int] = {}

    @property
    def destination_type(self) -> str:
        """dlt's name for files."""
        return "dlt.destinations.filesystem"

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        found = super()._raw_capabilities()
        found.supported_loader_file_formats = [
            *(found.supported_loader_file_formats or ()),
            "reference",  # of a merge to the package's files
        ]
        found.supports_multiple_statements = False  # what each changes is written
        return found

    def configuration(
        self, initial_config: DuckDbClientConfiguration, accept_partial: bool = False
    ) -> DuckDbClientConfiguration:
        """The settings of a client, which name the folder."""
        found = super().configuration(initial_config, accept_partial)
        found.credentials.database = str(self.tables.folder)
        return found

    @property
    def client_class(self) -> Any:
        """What runs the jobs."""
        lake = self

        class Client(_Client):
            destination = lake

        return Client


class _Client(MergingClient):
    destination: Lake

    def __init__(
        self,
        schema: Schema,
        config: DuckDbClientConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        super().__init__(schema, config, capabilities)
        plain = self.sql_client
        self.sql_client = LakeSqlClient(
            self.destination,
            plain.dataset_name,
            plain.staging_dataset_name,
            config.credentials,
            capabilities,
        )

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        if ReferenceFollowupJobRequest.is_reference_job(file_path):
            return _Merge(file_path)
        return super().create_load_job(table, file_path, load_id, restore)

    def merge_request(self, table: PreparedTableSchema, files: Sequence[str]) -> FollowupJobRequest:
        job = ParsedLoadJobFileName(
            str(table["name"]), ParsedLoadJobFileName.new_file_id(), 0, "reference"
        )
        return ReferenceFollowupJobRequest(job.file_name(), [*files])


class _Merge(RunnableLoadJob):
    """Replaces a table's rows whose merge key is in the package's files, as one version."""

    _job_client: "_Client"

    def run(self) -> None:
        """Merge; once more has the same result."""
        client, table = self._job_client.sql_client, self._load_table
        assert isinstance(client, LakeSqlClient)
        keys = [escape_postgres_identifier(key) for key in columns_with(table, "merge_key")]
        marks = [escape_postgres_identifier(mark) for mark in columns_with(table, "hard_delete")]
        files = ReferenceFollowupJobRequest.resolve_references(self._file_path)
        listed = ", ".join(map(escape_duckdb_literal, files))
        client.merge(
            str(table["name"]),
            f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)",
            keys,
            "".join(f" WHERE {mark} IS NOT TRUE" for mark in marks),
        )


class LakeSqlClient(DuckDbSqlClient):
    """dlt's client of DuckDB, which writes what it changes into the lake."""

    def __init__(self, lake: Lake, *args: Any) -> None:
        """Connects to nothing yet."""
        super().__init__(*args)
        self._lake = lake
        self._tables = lake.tables
        self._changed: dict[Name, None] = {}
        self._in_transaction = False

    def open_connection(self) -> duckdb.DuckDBPyConnection:
        """Connect, to the tables as they are now."""
        super().open_connection()
        self._refresh()
        # The pool's settings were for datasets as they were before.
        if self.has_dataset():
            self._conn.execute(f"SET search_path = {escape_duckdb_literal(self.dataset_name)}")
        return self._conn

    def fully_qualified_dataset_name(
        self, quote: bool = True, staging: bool = False, casefold: bool = True
    ) -> str:
        """The dataset's name, without that of the database in memory."""
        name = self.staging_dataset_name if staging else self.dataset_name
        return escape_postgres_identifier(name) if quote else name

    @contextmanager
    def begin_transaction(self) -> Iterator[DBTransaction]:
        """A transaction; what it changed is written at its end, a table after the other."""
        self._in_transaction = True
        try:
            with super().begin_transaction():
                yield self
            self._write()
        except BaseException:
            self._forget()
            raise
        finally:
            self._in_transaction = False

    @contextmanager
    def execute_query(self, query: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Run a statement; what it changes is written, unless a transaction will."""
        if found := _SCHEMA.match(query):
            self._change_dataset(found)
        elif found := _WRITES.match(query):
            self._touch(_parts(found["name"]), found["verb"].upper())
        try:
            with super().execute_query(query, *args, **kwargs) as cursor:
                if self._changed and not self._in_transaction:
                    self._write()
                yield cursor
        except BaseException:
            if not self._in_transaction:
                self._forget()
            raise

    def merge(self, table: str, rows: str, keys: Sequence[str], kept: str) -> None:
        """Replace the rows whose keys are in other rows by those of them that are kept.

        Args:
            table: of this dataset.
            rows: the others, as a FROM clause has them.
            keys: names of columns, quoted.
            kept: a WHERE clause.
        """
        name, run = (self.dataset_name, table), self._conn.execute
        target = self.make_qualified_table_name(table)
        firsts = run(f"SELECT DISTINCT {keys[0]} FROM {rows}").fetchall()
        only = None
        if len(firsts) <= _FEW_KEYS:
            listed = ", ".join(_plain_literal(key) for (key,) in firsts)
            only = f"{keys[0]} IN ({listed})"
        within = f" AND {only}" if only else ""
        same = ", ".join(keys)
        columns = [str(row[0]) for row in run(f"DESCRIBE {target}").fetchall()]
        names = ", ".join(map(escape_postgres_identifier, columns))
        if firsts:
            self._tables.write(
                name,
                f"SELECT {names} FROM (SELECT * FROM {target} WHERE ({same}) NOT IN "
                f"(SELECT ({same}) FROM {rows}){within} "
                f"UNION ALL BY NAME SELECT * FROM {rows}{kept})",
                self._conn,
                only,
            )
            self._refresh()

    def _change_dataset(self, statement: re.Match[str]) -> None:
        dataset = _parts(statement["name"])[-1]
        if statement["verb"].upper() == "CREATE":
            self._tables.make_dataset(dataset)
        else:
            self._tables.drop_dataset(dataset)
            for name in [name for name in self._lake.shown if name[0] == dataset]:
                del self._lake.shown[name]

    def _touch(self, parts: Sequence[str], verb: str) -> None:
        """Let a statement change a table, which is a view so far."""
        name = parts[-2] if len(parts) > 1 else self.dataset_name, parts[-1]
        self._changed.pop(name, None)
        self._changed[name] = None  # the last that is changed is written last
        if self._kind(name) != "VIEW":
            return
        target = _quoted(name)
        if verb.startswith(("CREATE", "DROP")):
            self._conn.execute(f"DROP VIEW {target}")
            if verb.startswith("DROP") and "IF EXISTS" not in verb:
                self._conn.execute(f"CREATE TABLE {target} (nothing INTEGER)")
            return
        held = _quoted((name[0], "_airmeet_held"))
        self._conn.execute(f"CREATE TABLE {held} AS SELECT * FROM {target}")
        self._conn.execute(f"DROP VIEW {target}")
        self._conn.execute(f"ALTER TABLE {held} RENAME TO {escape_postgres_identifier(name[1])}")

    def _write(self) -> None:
        """Write what was changed into the lake."""
        for name in list(self._changed):
            if self._kind(name) == "BASE TABLE":
                self._tables.write(name, f"SELECT * FROM {_quoted(name)}", self._conn)
            elif name in self._lake.shown:
                self._tables.drop(name)
            self._lake.shown.pop(name, None)
            del self._changed[name]
        self._refresh()

    def _forget(self) -> None:
        """Let the views be made anew, whatever a statement that failed left."""
        self._changed.clear()
        self._lake.shown.clear()

    def _refresh(self) -> None:
        """Have each table as a view of its newest version."""
        run, shown = self._conn.execute, self._lake.shown
        for dataset in self._tables.datasets():
            run(f"CREATE SCHEMA IF NOT EXISTS {escape_postgres_identifier(dataset)}")
        newest = self._tables.versions()
        for name in shown.keys() - newest.keys():
            self._hide(name)
            del shown[name]
        for name, version in newest.items():
            if shown.get(name) != version:
                self._hide(name)
                run(f"CREATE VIEW {_quoted(name)} AS {self._tables.select(name)}")
                shown[name] = version

    def _hide(self, name: Name) -> None:
        if kind := self._kind(name):
            self._conn.execute(f"DROP {kind.removeprefix('BASE ')} {_quoted(name)}")

    def _kind(self, name: Name) -> str:
        """What DuckDB has by a name: `VIEW`, `BASE TABLE` or nothing."""
        dataset, table = map(escape_duckdb_literal, name)
        query = (
            "SELECT table_type FROM information_schema.tables "
            f"WHERE table_schema = {dataset} AND table_name = {table}"
        )
        row = self._conn.execute(query).fetchone()
        return str(row[0]) if row else ""


def _parts(name: str) -> list[str]:
    return [part[1:-1].replace('""', '"') for part in re.findall(_PART, name)]


def _quoted(name: Name) -> str:
    return ".".join(map(escape_postgres_identifier, name))


def _plain_literal(value: object) -> str:
    """A text as every SQL has it."""
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'"
