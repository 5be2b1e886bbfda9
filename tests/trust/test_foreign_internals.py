"""What the project uses of dlt beyond its public interface, exactly as it uses it.

A failure here means that a new version changed one of these things. Each test says which module
depends on it; DECISIONS lists what to do then.
"""

import inspect
import logging
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airmeet import airmeet_source, resources
from airmeet_etl.warehouse import recovery
from airmeet_etl.warehouse.connection import is_duckdb
from airmeet_etl.warehouse.duckdb_merge import MAX_PARALLEL_LOAD_JOBS, MergingDuckDb
from airmeet_etl.warehouse.duckdb_pool import LiteralPool
from airmeet_etl.warehouse.warehouse import open_pipeline
from dlt.common.configuration import resolve_configuration
from dlt.common.data_writers import BufferedDataWriter
from dlt.common.data_writers.writers import ArrowToParquetWriter
from dlt.common.destination.client import HasFollowupJobs, JobClientBase, RunnableLoadJob
from dlt.common.destination.configuration import ParquetFormatConfiguration
from dlt.common.schema.utils import new_table
from dlt.common.storages import LiveSchemaStorage
from dlt.common.storages.load_package import PackageStorage, ParsedLoadJobFileName
from dlt.destinations.impl.duckdb.configuration import DuckDbConnectionPool
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.job_client_impl import SqlJobClientBase, SqlLoadJob
from dlt.destinations.job_impl import FollowupJobRequestImpl
from dlt.extract import extractors
from dlt.extract.reference import SourceReference
from dlt.pipeline.configuration import PipelineRuntimeConfiguration

from tests.workplace import Workplace, first_load, simulated


def parameters(function: Any) -> list[str]:
    return [*inspect.signature(function).parameters]


# duckdb_merge: a subclass of dlt's destination and of its client


def test_the_methods_that_the_merge_overrides_are_as_they_were() -> None:
    assert parameters(DuckDbClient.should_load_data_to_staging_dataset) == ["self", "table_name"]
    assert parameters(DuckDbClient.should_truncate_table_before_load) == ["self", "table_name"]
    assert parameters(SqlLoadJob.run) == ["self"]
    assert parameters(DuckDbClient.create_load_job) == [
        "self", "table", "file_path", "load_id", "restore",
    ]  # fmt: skip
    assert parameters(DuckDbClient.create_table_chain_completed_followup_jobs) == [
        "self", "table_chain", "completed_table_chain_jobs",
    ]  # fmt: skip
    assert parameters(JobClientBase.prepare_load_table) == ["self", "table_name"]
    assert parameters(dlt.destinations.duckdb.capabilities) == ["self", "config", "naming"]
    assert parameters(dlt.destinations.duckdb.configuration) == [
        "self", "initial_config", "accept_partial",
    ]  # fmt: skip
    for name in ("destination_type", "client_class"):
        assert isinstance(inspect.getattr_static(dlt.destinations.duckdb, name), property)


def test_a_jobs_file_and_request_are_made_as_they_were() -> None:
    job = ParsedLoadJobFileName("table", ParsedLoadJobFileName.new_file_id(), 0, "sql")
    assert ParsedLoadJobFileName.parse(job.file_name()) == job
    assert job.file_name().startswith("table.") and job.file_name().endswith(".0.sql")
    assert parameters(FollowupJobRequestImpl.__init__) == ["self", "file_name"]
    assert parameters(FollowupJobRequestImpl._save_text_file) == ["self", "data"]
    assert parameters(SqlLoadJob.is_sql_job) == ["file_path"]
    assert SqlLoadJob.is_sql_job("/x/table.1234.0.sql")
    assert parameters(RunnableLoadJob.__init__) == ["self", "file_path"]
    assert parameters(RunnableLoadJob.run) == ["self"]
    assert inspect.isclass(HasFollowupJobs)
    assert issubclass(DuckDbClient, SqlJobClientBase)


def test_dlt_calls_what_the_merge_overrides(workplace: Workplace) -> None:
    """With plain DuckDB the same load fills staging tables; with ours none are made."""
    pipeline = open_pipeline()
    source = dlt.resource(
        [{"k": 1, "v": 1}], name="t", write_disposition="merge", merge_key="k",
        columns={"k": {"merge_key": True}},
    )  # fmt: skip
    pipeline.run(source, loader_file_format="parquet")
    pipeline.run(source, loader_file_format="parquet")
    assert workplace.sql("select k, v from airmeet.t") == [(1, 1)]
    assert not workplace.sql("select * from duckdb_tables() where schema_name = 'airmeet_staging'")


def test_the_destination_has_its_number_of_jobs_and_the_type_of_dlts_own(
    workplace: Workplace,
) -> None:
    pipeline = open_pipeline()
    ours = pipeline.destination
    assert isinstance(ours, MergingDuckDb) and is_duckdb(pipeline)
    assert ours.capabilities().max_parallel_load_jobs == MAX_PARALLEL_LOAD_JOBS
    plain = dlt.destinations.duckdb(str(workplace.file))
    assert ours.destination_type == plain.destination_type == "dlt.destinations.duckdb"
    differing = {
        name
        for name, value in dict(plain.capabilities()).items()
        if dict(ours.capabilities())[name] != value and not callable(value)
    }
    assert differing == {"max_parallel_load_jobs"}
    with pipeline.destination_client() as client:
        assert isinstance(client, DuckDbClient)
        assert client.capabilities.max_parallel_load_jobs == MAX_PARALLEL_LOAD_JOBS


def test_clients_share_resolved_settings_and_no_connection(workplace: Workplace) -> None:
    """dlt resolves the settings of each client anew: the same, with a pool of its own."""
    ours, plain = open_pipeline().destination, dlt.destinations.duckdb(str(workplace.file))
    schema = dlt.Schema("s")

    def made(destination: Any, dataset: str) -> Any:
        return destination.client(schema, destination.spec()._bind_dataset_name(dataset))

    def settings(client: Any) -> dict[str, Any]:
        by_pipeline = {"credentials", "pipeline_name", "pipeline_working_dir"}
        return {n: v for n, v in dict(client.config).items() if n not in by_pipeline}

    first, second, other = (made(ours, dataset) for dataset in ("one", "one", "other"))
    for client, dataset in ((first, "one"), (second, "one"), (other, "other")):
        assert settings(client) == settings(made(plain, dataset))
        assert client.config.credentials.database == str(workplace.file)
    of_a_job: Any = ours.client(schema, first.config)
    assert of_a_job.config.credentials.conn_pool is first.config.credentials.conn_pool
    pools = {id(client.config.credentials.conn_pool) for client in (first, second, other)}
    assert len(pools) == 3
    with first, second:
        first.sql_client.execute_sql("CREATE TABLE t AS SELECT 1 AS x")
    assert workplace.sql("SELECT x FROM t") == [(1,)]


# duckdb_pool: a subclass of dlt's pool, and the one question of the client that binds a value


def test_the_pool_sets_all_that_dlts_own_sets(workplace: Workplace) -> None:
    assert parameters(DuckDbConnectionPool._apply_config) == ["conn", "scope", "config"]
    assert parameters(DuckDbClient.is_storage_initialized) == ["self"]
    settings = ("TimeZone", "checkpoint_threshold", "search_path")
    query = f"SELECT {', '.join(f'current_setting({name!r})' for name in settings)}"
    workplace.execute("CREATE SCHEMA there")

    def found(target: Any, dataset: str) -> list[object]:
        with dlt.pipeline("p", destination=target, dataset_name=dataset).destination_client() as c:
            assert isinstance(c, DuckDbClient)
            is_ours = isinstance(c.config.credentials.conn_pool, LiteralPool)
            return [is_ours, c.is_storage_initialized(), c.sql_client.execute_sql(query)]

    for dataset, is_there in (("there", True), ("to_come", False)):
        ours = found(open_pipeline().destination, dataset)
        assert ours == [True, *found(dlt.destinations.duckdb(str(workplace.file)), dataset)[1:]]
        assert ours[1] is is_there and ("there" in str(ours[2])) is is_there


def test_dlt_binds_in_what_the_client_has_unbound(workplace: Workplace) -> None:
    """A table that is made and written as by a package, and read back, binds no value."""
    code = """
import dlt, sys
from airmeet.schemas import RECORDING_COPIES
from airmeet_etl.recordings.copies import Copy, read_copies, write_copies
from airmeet_etl.warehouse.warehouse import open_pipeline
from datetime import UTC, datetime
pipeline = open_pipeline()
write_copies(pipeline, [Copy("a", "s", 0, "failed", datetime.now(UTC))])
assert len(read_copies(pipeline)) == 1
print("pandas" in sys.modules, "pyarrow" in sys.modules)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


# ducklake_merge: a capability that anybody may set


def test_dlt_runs_merges_into_a_ducklake_in_transactions_only_where_it_is_told_so(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where dlt says so itself, `ducklake_merge` can go."""
    plain = dlt.destinations.ducklake()
    assert not plain.capabilities().supports_transactions
    assert open_pipeline("ducklake").destination.capabilities().supports_transactions
    workplace.set(DESTINATION__POSTGRES__CREDENTIALS="postgresql://a:b@127.0.0.1/c")
    assert "supports_transactions" not in open_pipeline("postgres").destination.caps_params
    statements = "DELETE FROM a WHERE b = 1;\nINSERT INTO a SELECT 1"
    for supports in (True, False):
        began: list[bool] = []
        client: Any = SimpleNamespace(
            capabilities=SimpleNamespace(
                supports_transactions=supports, supports_ddl_transactions=True
            )
        )
        job: Any = SqlLoadJob("/x/a.1234.0.sql")
        job._job_client = client
        job._sql_client = SimpleNamespace(
            begin_transaction=lambda began=began: began.append(True) or nullcontext()
        )
        with job.maybe_transaction(statements):
            pass
        assert bool(began) is supports


# recovery: the folders and files of a load package


def test_a_package_lies_where_recovery_looks_for_it(workplace: Workplace) -> None:
    pipeline = open_pipeline()
    pipeline.extract([{"a": 1}], table_name="t", loader_file_format="parquet")
    recovery.remove_old_packages(pipeline)
    pipeline.normalize()
    recovery.remove_old_packages(pipeline)
    [load_id] = pipeline.list_normalized_load_packages()
    package = recovery.package_folder(pipeline, load_id)
    assert package.is_dir()
    folders = {path.name for path in package.iterdir() if path.is_dir()}
    assert {*recovery._JOB_FOLDERS, PackageStorage.PENDING_TRANSITIONS_FOLDER} <= folders
    jobs = [path.name for path in (package / PackageStorage.NEW_JOBS_FOLDER).iterdir()]
    assert any(job.startswith("t.") for job in jobs)
    assert (package / PackageStorage.SCHEMA_UPDATES_FILE_NAME).is_file()
    before = sorted(path.relative_to(package) for path in package.rglob("*"))
    recovery.reset_package(package)
    assert before == sorted(path.relative_to(package) for path in package.rglob("*"))
    pipeline.load()
    assert pipeline.list_completed_load_packages() == [load_id]
    recovery.remove_old_packages(pipeline)
    assert not pipeline.list_completed_load_packages()


def test_a_package_whose_jobs_had_begun_goes_back_to_its_start(workplace: Workplace) -> None:
    pipeline = open_pipeline()
    pipeline.extract([{"a": 1}], table_name="t", loader_file_format="parquet")
    pipeline.normalize()
    [load_id] = pipeline.list_normalized_load_packages()
    package = recovery.package_folder(pipeline, load_id)
    storage = pipeline._get_load_storage().normalized_packages
    [job] = [Path(path).name for path in storage.list_new_jobs(load_id) if "/t." in path]
    storage.start_job(load_id, job)
    storage.save_pending_transition(load_id, job, "completed")
    updates = package / PackageStorage.SCHEMA_UPDATES_FILE_NAME
    updates.rename(package / PackageStorage.APPLIED_SCHEMA_UPDATES_FILE_NAME)
    follow_up = ParsedLoadJobFileName("t", ParsedLoadJobFileName.new_file_id(), 0, "sql")
    (package / PackageStorage.NEW_JOBS_FOLDER / follow_up.file_name()).write_text("SELECT 1")
    recovery.reset_package(package)
    assert [Path(path).name for path in storage.list_new_jobs(load_id) if "/t." in path] == [job]
    assert not storage.list_started_jobs(load_id)
    assert not storage.list_pending_transitions(load_id)
    assert storage.get_schema_update_file(load_id) and updates.is_file()
    pipeline.load()
    assert workplace.sql("select a from airmeet.t") == [(1,)]


def test_dlts_state_is_written_again_where_its_job_was_done_and_not_noted(
    workplace: Workplace,
) -> None:
    pipeline = open_pipeline()
    pipeline.extract([{"a": 1}], table_name="t", loader_file_format="parquet")
    pipeline.normalize()
    [load_id] = pipeline.list_normalized_load_packages()
    storage = pipeline._get_load_storage().normalized_packages
    state = f"/{pipeline.default_schema.state_table_name}."
    [job] = [Path(path).name for path in storage.list_new_jobs(load_id) if state in path]
    storage.start_job(load_id, job)
    storage.save_pending_transition(load_id, job, "completed")
    recovery.forget_state(pipeline, load_id)
    recovery.reset_package(recovery.package_folder(pipeline, load_id))
    pipeline.load()
    assert workplace.sql("select count(*) from airmeet._dlt_pipeline_state") == [(1,)]


def test_a_staging_table_of_dlt_has_follow_up_jobs_by_these_suffixes() -> None:
    assert recovery._FOLLOW_UPS == (".sql", ".reference")
    assert SqlLoadJob.is_sql_job("t.1234.0.sql")
    assert (
        ParsedLoadJobFileName("t", "1234", 0, "parquet")
        .to_reference_file_name()
        .endswith(".0.reference")
    )


# parquet_files: dlt's writer, to a file that is not Python's


def test_dlts_writer_takes_arrows_files_and_settings_that_are_resolved(
    workplace: Workplace,
) -> None:
    workplace.set(DATA_WRITER__COMPRESSION="zstd", DATA_WRITER__FILE_MAX_ITEMS="7")
    capabilities = open_pipeline().destination.capabilities()
    settings = resolve_configuration(ParquetFormatConfiguration())
    files = resolve_configuration(BufferedDataWriter.BufferedDataWriterConfiguration())
    assert (files.file_max_items, files.file_max_bytes) == (7, None)
    path = workplace.folder / "rows.parquet"
    with pa.OSFile(str(path), "wb") as file:
        writer = ArrowToParquetWriter(file, capabilities, _format=settings)
        writer.write_header({})
        for rows in (1, 2):
            writer.write_data([pa.table({"a": ["b"] * rows})])
        writer.close()
    found = pq.read_metadata(path)
    assert (found.num_rows, found.num_row_groups) == (3, 2)
    assert found.row_group(0).column(0).compression == "ZSTD"


# source: one declaration of the arguments


def test_dlt_takes_the_arguments_of_the_source_from_the_settings() -> None:
    from airmeet.settings import SourceOptions

    reference = SourceReference.SOURCES["airmeet.source.airmeet_source"]
    assert reference.SPEC is SourceOptions
    source = airmeet_source("a", secret_key="b", region="eu", wait=False)
    assert source.name == "airmeet" and source.section == "airmeet"
    assert parameters(airmeet_source) == [*SourceOptions().get_resolvable_fields()]


# resources: dlt's warning about JSON columns


def test_the_filter_for_dlts_log_is_there_once_and_knows_its_message() -> None:
    for _ in range(3):
        airmeet_source("a", "b")
    logger = logging.getLogger("dlt")
    assert logger.filters.count(resources._not_about_json) == 1
    words = "several column hints were different"
    assert words in inspect.getsource(extractors)
    for message, kept in ((f"In schema x: {words} from", False), ("something else", True)):
        record = logging.LogRecord("dlt", logging.WARNING, "", 0, message, None, None)
        assert bool(logger.filter(record)) == kept


# mending: tables and columns that are gone; runtime: signals


def test_dlt_reads_a_schema_again_where_its_file_changed(workplace: Workplace) -> None:
    with simulated(airmeets=1, registrations=1) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
    pipeline, other = open_pipeline(), open_pipeline()
    read: list[str] = []
    load_json = LiveSchemaStorage._load_schema_json

    def counted(storage: LiveSchemaStorage, name: str) -> dict[str, Any]:
        read.append(name)
        return load_json(storage, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LiveSchemaStorage, "_load_schema_json", counted)
        schema = pipeline.default_schema
        assert pipeline.default_schema is schema
        assert read == []  # it was when the pipeline was opened
        changed = other.default_schema
        changed.update_table(new_table("new_one", columns=[{"name": "id", "data_type": "text"}]))
        assert "new_one" in other.default_schema.tables  # kept while it is not saved
        other.schemas.save_schema(changed)
        assert "new_one" in pipeline.default_schema.tables
        assert pipeline.default_schema is schema
        assert read.count("airmeet") == 1


def test_dlt_makes_tables_anew_by_force_and_leaves_signals_alone() -> None:
    assert "force" in parameters(SqlJobClientBase.update_stored_schema)
    assert parameters(SqlJobClientBase.get_storage_tables) == ["self", "table_names"]
    assert "case_sensitive" in parameters(dlt.Schema.get_new_table_columns)
    assert parameters(dlt.Pipeline.drop) == ["self", "pipeline_name"]
    assert "intercept_signals" in PipelineRuntimeConfiguration.get_resolvable_fields()
