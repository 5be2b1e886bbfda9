"""DuckDB with merges that read a package's files, where dlt fills staging tables from them first.

Staging writes every row twice and reads it once more. DuckDB reads Parquet as well as a table: so a
table's files are left where they are, and after the last of them one job replaces the airmeets that
they hold, in one transaction. Repeating it gives the same result.

It overrides parts of dlt that are not public; `tests/trust/test_foreign_internals.py` names all of
them and fails when dlt changes one.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from threading import Lock
from typing import Any

from dlt.common.data_writers.escape import escape_duckdb_literal
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    FollowupJobRequest,
    HasFollowupJobs,
    LoadJob,
    RunnableLoadJob,
    StateInfo,
    StorageSchemaInfo,
)
from dlt.common.destination.exceptions import DestinationTerminalException
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema import Schema
from dlt.common.schema.typing import TSchemaTables, TTableSchemaColumns
from dlt.common.schema.utils import get_write_disposition
from dlt.common.storages.load_package import LoadJobInfo, ParsedLoadJobFileName
from dlt.destinations import duckdb
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.destinations.job_impl import FollowupJobRequestImpl

from .duckdb_pool import LiteralPool, unbound

MAX_PARALLEL_LOAD_JOBS = 3
"""One is merged, while dlt makes the next one ready and files the last one away."""
_ONE_AT_A_TIME = Lock()
"""Held by a merge: more at once take more memory and are not faster."""
_ESCAPES = {"\\": r"\\", "'": r"\'", ";": r"\x3b", "\n": r"\n"}


class MergingDuckDb(duckdb):
    """dlt's DuckDB destination in all but the merge, and by its name."""

    _capabilities: DestinationCapabilitiesContext | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._resolved: dict[tuple[str | None, str | None], DuckDbClientConfiguration] = {}

    @property
    def destination_type(self) -> str:
        """dlt's own type, since a pipeline's state names it: who attaches to the pipeline with dlt
        alone reads the same tables."""
        return "dlt.destinations.duckdb"

    def capabilities(
        self,
        config: DuckDbClientConfiguration | None = None,
        naming: NamingConvention | None = None,
    ) -> DestinationCapabilitiesContext:
        """What DuckDB can do. dlt asks for it in each step, some twenty times a load, and resolves
        all settings for that; they do not change during a run."""
        if config is not None or (naming is not None and naming.is_case_sensitive):
            return super().capabilities(config, naming)
        if self._capabilities is None:
            self._capabilities = super().capabilities()
        return deepcopy(self._capabilities)

    def configuration(
        self, initial_config: DuckDbClientConfiguration, accept_partial: bool = False
    ) -> DuckDbClientConfiguration:
        """The settings of a client. dlt resolves them for each of the fifty clients of a load."""
        # The jobs of a load share the settings of its first client, and with them a connection.
        is_new = initial_config is not None and not initial_config.is_resolved()
        if accept_partial or not is_new or initial_config.staging_config is not None:
            return super().configuration(initial_config, accept_partial)
        names = initial_config.dataset_name, initial_config.default_schema_name
        if names not in self._resolved:
            self._resolved[names] = super().configuration(initial_config)
        found = self._resolved[names].copy()
        found.credentials = copy(found.credentials)
        found.credentials.conn_pool = LiteralPool(found.credentials)
        return found

    @property
    def client_class(self) -> type[DuckDbClient]:
        """What runs the jobs."""
        return MergingClient


class MergingClient(DuckDbClient):
    """Leaves the files of merged tables where they are, and merges them after the last one."""

    def __init__(
        self,
        schema: Schema,
        config: DuckDbClientConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        if not isinstance(config.credentials.conn_pool, LiteralPool):
            config.credentials.conn_pool = LiteralPool(config.credentials)
        super().__init__(schema, config, capabilities)

    def is_storage_initialized(self) -> bool:
        """As dlt has it, but nothing is bound (see `duckdb_pool`)."""
        name = escape_duckdb_literal(self.sql_client.dataset_name)
        query = f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {name}"
        return bool(self.sql_client.execute_sql(query))

    def get_stored_state(self, pipeline_name: str) -> StateInfo:
        """As dlt has it, but nothing is bound."""
        with self._unbound():
            return super().get_stored_state(pipeline_name)

    def get_storage_tables(
        self, table_names: Iterable[str]
    ) -> Iterable[tuple[str, TTableSchemaColumns]]:
        """As dlt has it, but nothing is bound."""
        with self._unbound():
            yield from super().get_storage_tables(table_names)

    def get_stored_schema(self, schema_name: Any = None) -> StorageSchemaInfo:
        """As dlt has it, but nothing is bound."""
        with self._unbound():
            return super().get_stored_schema(schema_name)

    def update_stored_schema(
        self,
        only_tables: Any = None,  # dlt declares them without None, which it gives
        expected_update: Any = None,
        force: bool = False,
    ) -> TSchemaTables | None:
        """As dlt has it, but nothing is bound."""
        with self._unbound():
            return super().update_stored_schema(only_tables, expected_update, force)

    def complete_load(self, load_id: str) -> None:
        """As dlt has it, but nothing is bound."""
        with self._unbound():
            super().complete_load(load_id)

    @contextmanager
    def _unbound(self) -> Iterator[None]:
        binding = self.sql_client
        self.sql_client = unbound(binding)
        try:
            yield
        finally:
            self.sql_client = binding

    # dlt asks both of each table several times a package, and prepares it each time for its answer.

    def should_load_data_to_staging_dataset(self, table_name: str) -> bool:
        return not self._merges(table_name) and super().should_load_data_to_staging_dataset(
            table_name
        )

    def should_truncate_table_before_load(self, table_name: str) -> bool:
        return not self._merges(table_name) and super().should_truncate_table_before_load(
            table_name
        )

    def _merges(self, table_name: str) -> bool:
        return get_write_disposition(self.schema.tables, table_name) == "merge"

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        if not is_merged(table):
            return super().create_load_job(table, file_path, load_id, restore)
        if SqlLoadJob.is_sql_job(file_path):
            return MergeJob(file_path)
        if not file_path.endswith(".parquet"):
            raise DestinationTerminalException(f"{table['name']} can be merged from Parquet only")
        return FileInPlace(file_path)

    def create_table_chain_completed_followup_jobs(
        self,
        table_chain: Sequence[PreparedTableSchema],
        completed_table_chain_jobs: Sequence[LoadJobInfo] | None = None,
    ) -> list[FollowupJobRequest]:
        if not is_merged(table_chain[0]):
            return super().create_table_chain_completed_followup_jobs(
                table_chain, completed_table_chain_jobs
            )
        files = [job.file_path for job in completed_table_chain_jobs or ()]
        return [self.merge_request(table_chain[0], files)]

    def merge_request(self, table: PreparedTableSchema, files: Sequence[str]) -> FollowupJobRequest:
        """The job that merges a table's files."""
        return _Merge(table, files, self)


class FileInPlace(RunnableLoadJob, HasFollowupJobs):
    """A file that is left where it is. Not one of dlt's finished jobs: they do not wake its loop,
    which then sleeps for a second."""

    def run(self) -> None:
        """Do nothing."""


class MergeJob(SqlLoadJob):
    """Merges a table, when no other one is being merged."""

    def run(self) -> None:
        """Run the job's lines in one transaction."""
        with _ONE_AT_A_TIME:
            super().run()


class _Merge(FollowupJobRequestImpl):
    """Requests the job that merges a table: dlt runs its lines in one transaction."""

    def __init__(
        self, table: PreparedTableSchema, files: Sequence[str], client: DuckDbClient
    ) -> None:
        name = str(table["name"])
        job = ParsedLoadJobFileName(name, ParsedLoadJobFileName.new_file_id(), 0, "sql")
        super().__init__(job.file_name())
        target = client.sql_client.make_qualified_table_name(name)
        escaped = client.sql_client.escape_column_name
        keys = ", ".join(escaped(key) for key in columns_with(table, "merge_key"))
        statements = _merge(
            target, keys, files, [*map(escaped, columns_with(table, "hard_delete"))]
        )
        self._save_text_file("\n".join(statements))


def is_merged(table: PreparedTableSchema) -> bool:
    return table["write_disposition"] == "merge"


def columns_with(table: PreparedTableSchema, hint: str) -> list[str]:
    return [name for name, column in table["columns"].items() if column.get(hint)]


def _merge(target: str, keys: str, files: Sequence[str], marks: Sequence[str]) -> tuple[str, str]:
    """The statements that replace the rows whose merge key is in the files; rows of the files that
    have a mark only remove."""
    rows = f"read_parquet([{', '.join(map(_literal, files))}], union_by_name = true)"
    kept = "".join(f" WHERE {mark} IS NOT TRUE" for mark in marks)
    return (
        f"DELETE FROM {target} WHERE ({keys}) IN (SELECT DISTINCT ({keys}) FROM {rows})",
        f"INSERT INTO {target} BY NAME SELECT * FROM {rows}{kept}",
    )


def _literal(path: str) -> str:
    """A path as an SQL string. dlt splits a job's SQL at line ends and semicolons."""
    for character, escape in _ESCAPES.items():
        path = path.replace(character, escape)
    return f"E'{path}'"
