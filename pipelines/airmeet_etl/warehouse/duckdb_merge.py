"""DuckDB with merges that read a package's files, where dlt fills staging tables with them first.

Every row was written twice and read once more for that. DuckDB reads Parquet as well as a table:
so a table's files are left where they are, and once the last of them is reached one job replaces
the airmeets that they hold, in one transaction. Done twice it comes to the same. It reaches into
dlt, whose version is pinned.
"""

from collections.abc import Sequence
from copy import deepcopy

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    FollowupJobRequest,
    HasFollowupJobs,
    LoadJob,
    RunnableLoadJob,
)
from dlt.common.destination.exceptions import DestinationTerminalException
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.storages.load_package import LoadJobInfo, ParsedLoadJobFileName
from dlt.destinations import duckdb
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.destinations.job_impl import FollowupJobRequestImpl

_JOBS_AT_ONCE = 3
_ESCAPES = {"\\": r"\\", "'": r"\'", ";": r"\x3b", "\n": r"\n"}


class MergingDuckDb(duckdb):
    """dlt's DuckDB destination in all but the merge, and by its name."""

    _in_general: DestinationCapabilitiesContext | None = None

    @property
    def destination_type(self) -> str:
        """dlt's own, since a pipeline's state names it: whoever attaches to the pipeline with dlt
        alone reads the same tables."""
        return "dlt.destinations.duckdb"

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        # A statement has all of DuckDB's threads; more at once have more memory, and gain nothing.
        capabilities.max_parallel_load_jobs = _JOBS_AT_ONCE
        return capabilities

    def capabilities(
        self,
        config: DuckDbClientConfiguration | None = None,
        naming: NamingConvention | None = None,
    ) -> DestinationCapabilitiesContext:
        """What DuckDB can do. dlt asks for it in each step, some twenty times a load, and resolves
        all settings for that; they are the same all through a run."""
        if config is not None or (naming is not None and naming.is_case_sensitive):
            return super().capabilities(config, naming)
        if self._in_general is None:
            self._in_general = super().capabilities()
        return deepcopy(self._in_general)

    @property
    def client_class(self) -> type[DuckDbClient]:
        """What runs the jobs."""
        return _Client


class _Client(DuckDbClient):
    def should_load_data_to_staging_dataset(self, table_name: str) -> bool:
        table = self.prepare_load_table(table_name)
        return not _is_merged(table) and super().should_load_data_to_staging_dataset(table_name)

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        if not _is_merged(table) or SqlLoadJob.is_sql_job(file_path):
            return super().create_load_job(table, file_path, load_id, restore)
        if not file_path.endswith(".parquet"):
            raise DestinationTerminalException(f"{table['name']} can be merged from Parquet alone")
        return _Reached(file_path)

    def create_table_chain_completed_followup_jobs(
        self,
        table_chain: Sequence[PreparedTableSchema],
        completed_table_chain_jobs: Sequence[LoadJobInfo] | None = None,
    ) -> list[FollowupJobRequest]:
        if not _is_merged(table_chain[0]):
            return super().create_table_chain_completed_followup_jobs(
                table_chain, completed_table_chain_jobs
            )
        files = [job.file_path for job in completed_table_chain_jobs or ()]
        return [_Merge(table_chain[0], files, self)]


class _Reached(RunnableLoadJob, HasFollowupJobs):
    """A file is left where it is. Not one of dlt's finished jobs: over those its loop sleeps a
    second, since none of them wakes it."""

    def run(self) -> None:
        """Do nothing."""


class _Merge(FollowupJobRequestImpl):
    """The request for the job that merges a table: dlt runs its lines in one transaction."""

    def __init__(
        self, table: PreparedTableSchema, files: Sequence[str], client: DuckDbClient
    ) -> None:
        name = str(table["name"])
        job = ParsedLoadJobFileName(name, ParsedLoadJobFileName.new_file_id(), 0, "sql")
        super().__init__(job.file_name())
        target = client.sql_client.make_qualified_table_name(name)
        escaped = client.sql_client.escape_column_name
        keys = ", ".join(escaped(key) for key in _columns_with(table, "merge_key"))
        statements = _merge(
            target, keys, files, [*map(escaped, _columns_with(table, "hard_delete"))]
        )
        self._save_text_file("\n".join(statements))


def _is_merged(table: PreparedTableSchema) -> bool:
    return table["write_disposition"] == "merge"


def _columns_with(table: PreparedTableSchema, hint: str) -> list[str]:
    return [name for name, column in table["columns"].items() if column.get(hint)]


def _merge(target: str, keys: str, files: Sequence[str], marks: Sequence[str]) -> tuple[str, str]:
    """The statements that replace the rows which share their merge key with one of the files',
    where rows with a mark are but to be removed."""
    rows = f"read_parquet([{', '.join(map(_literal, files))}], union_by_name = true)"
    kept = "".join(f" WHERE {mark} IS NOT TRUE" for mark in marks)
    return (
        f"DELETE FROM {target} WHERE ({keys}) IN (SELECT DISTINCT ({keys}) FROM {rows})",
        f"INSERT INTO {target} BY NAME SELECT * FROM {rows}{kept}",
    )


def _literal(path: str) -> str:
    """A path as a string of SQL. dlt cuts what a job runs at each line's end and each semicolon."""
    for character, escape in _ESCAPES.items():
        path = path.replace(character, escape)
    return f"E'{path}'"
