"""The destination and dlt's working folder: opened, locked, unfinished packages completed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import dlt
import duckdb
from dlt.common.configuration import is_secret_hint, resolve
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.providers import environ
from dlt.common.destination import TLoaderFileFormat
from dlt.common.destination.exceptions import DestinationException
from dlt.load.exceptions import LoadClientJobFailed, LoadClientJobTerminalRetry
from dlt.pipeline.exceptions import PipelineStepFailed
from filelock import FileLock, Timeout

from ..exit_codes import CommandError
from .duckdb_merge import MergingDuckDb

PIPELINE = "airmeet"
DATASET = "airmeet"
DUCKDB_FILE = "warehouse.duckdb"
_HOPELESS = (LoadClientJobFailed, LoadClientJobTerminalRetry)
"""Failures of a load that come again each time."""

# dlt resolves its settings anew in every step, and takes the type of each of them apart every time:
# half a second of a load. What a type says never changes.
_is_secret_hint = cache(is_secret_hint)
vars(environ).update(is_secret_hint=_is_secret_hint)
vars(resolve).update(is_secret_hint=_is_secret_hint)


def open_pipeline(destination: str | None = None, dataset: str | None = None) -> dlt.Pipeline:
    """The pipeline `airmeet` with its destination, which is not connected to yet.

    Args:
        destination: a dlt destination's name; DuckDB without one.
        dataset: the raw dataset's name; `airmeet` without one.

    Raises:
        CommandError: the destination is unknown or not configured, or a DuckDB file is named like
            the dataset.
    """
    name, dataset = destination or "duckdb", dataset or DATASET
    try:
        target: Any = name
        if name == "duckdb":
            target = MergingDuckDb(_duckdb_file(dataset))
        return dlt.pipeline(PIPELINE, destination=target, dataset_name=dataset)
    except (ConfigurationException, DestinationException, ImportError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise CommandError(
            f"destination {name!r} cannot be used: {first} "
            "(see https://dlthub.com/docs/dlt-ecosystem/destinations)"
        ) from error


def _duckdb_file(dataset: str) -> str:
    """The DuckDB file as an absolute path: dlt would take a relative one from the folder in which
    its working folder was first used."""
    file = str(dlt.config.get("destination.duckdb.credentials") or DUCKDB_FILE)
    path = Path(file.removeprefix("duckdb:///"))
    if path.stem == dataset:
        raise CommandError(
            f"the DuckDB file {path.name} is named like the dataset, which makes every query "
            f"ambiguous; set DESTINATION__DUCKDB__CREDENTIALS to {DUCKDB_FILE}"
        )
    if file == ":memory:":
        return file
    if not path.absolute().parent.is_dir():
        raise CommandError(
            f"the folder of the DuckDB file {file} does not exist; make it, or set "
            "DESTINATION__DUCKDB__CREDENTIALS to a file elsewhere"
        )
    return str(path.absolute())


def file_format(pipeline: dlt.Pipeline) -> TLoaderFileFormat:
    """What dlt shall write: Parquet wherever the destination takes it. Insert statements are an
    order slower, and merges into DuckDB read Parquet alone."""
    formats = pipeline.destination.capabilities().supported_loader_file_formats or []
    return "parquet" if "parquet" in formats else None  # type: ignore[return-value]


def location(pipeline: dlt.Pipeline) -> str:
    """Where the destination is, without credentials."""
    try:
        client = pipeline.destination_client()
    except Exception:
        return str(pipeline.destination.destination_name)
    return str(client.config)


def require_loaded(pipeline: dlt.Pipeline) -> None:
    """Refuse to go on where nothing was ever loaded.

    Raises:
        CommandError: the dataset is not there.
    """
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized():
            raise CommandError(
                f"nothing is loaded in {location(pipeline)}, dataset {pipeline.dataset_name}; "
                "airmeet load does that"
            )


@contextmanager
def single_run_lock(pipeline: dlt.Pipeline) -> Iterator[None]:
    """Hold the working folder for this process; the system lets go of it when the process dies.

    Raises:
        CommandError: another load holds it.
    """
    folder = Path(pipeline.pipelines_dir)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{PIPELINE}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CommandError(
            f"another load is running from the same working folder ({folder}); "
            "wait until it has ended, or set DLT_DATA_DIR to another folder"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def hold_connection(pipeline: dlt.Pipeline) -> Iterator[Callable[[], None]]:
    """Keep a DuckDB file open while dlt opens and closes it a hundred times.

    With its last connection DuckDB closes the file, and writes all of its log into it first: that
    was a fifth of a load's time. Memory that it no longer needs goes back to the system at once,
    since other steps of the run want it.

    Yields:
        What has DuckDB write into its file what it loaded so far and let go of the memory: rows
        that are in its log alone it keeps uncompressed, and what it has written it keeps for
        queries, of which a load has none. Does nothing at other destinations.
    """
    if _is_duckdb(pipeline):
        with _without_pandas(), pipeline.sql_client() as client:
            for setting in ("flush_threshold", "bulk_deallocation_flush_threshold"):
                client.execute_sql(f"SET allocator_{setting} = '1MB'")
            told = client.execute_sql("SELECT current_setting('memory_limit')")
            assert told
            # Without a limit DuckDB tells of one in a unit that it does not read.
            limit = "-1" if told[0][0].endswith("PiB") else told[0][0]
            yield partial(_settle, client.native_connection, limit)
    else:
        yield lambda: None


def _settle(connection: duckdb.DuckDBPyConnection, limit: str) -> None:
    connection.execute("CHECKPOINT")
    try:
        # DuckDB drops what it can to keep to a new limit, and refuses the limit where that is not
        # enough.
        with suppress(duckdb.OutOfMemoryException):
            connection.execute("SET memory_limit = '1MB'")
    finally:
        connection.execute(f"SET memory_limit = '{limit}'")


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Let nobody import pandas. DuckDB's client and pyarrow do so to see whether a value is one of
    its: 40 MB and a fifth of a second, of which a load has no use."""
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=fullname)
        return None


def _is_duckdb(pipeline: dlt.Pipeline) -> bool:
    return pipeline.destination.destination_type.endswith(".duckdb")


def complete_pending(pipeline: dlt.Pipeline) -> int:
    """Load what a run that was cut off had fetched; to be called before anything else is.

    Not by `run`: on a brand-new pipeline it finds no dataset at the destination, takes the working
    folder for stale and wipes the package. A package that was made for another destination, or that
    can never be loaded, is dropped: the ledger knows nothing of it, so it is fetched again.

    Returns:
        How many packages were completed.
    """
    target = Path(pipeline.pipelines_dir) / f"{PIPELINE}.target"
    here = f"{location(pipeline)} {pipeline.dataset_name}"
    elsewhere = target.exists() and target.read_text() != here
    extracted = pipeline.list_extracted_load_packages()
    packages = {*extracted, *pipeline.list_normalized_load_packages()}
    if packages and elsewhere:
        pipeline.abort_packages()
        packages = set()
    target.write_text(here)
    if not packages:
        return 0
    try:
        if extracted:
            pipeline.normalize()
        for load_id in pipeline.list_normalized_load_packages():
            reset_package(Path(pipeline.working_dir, "load", "normalized", load_id))
        pipeline.load()
    except PipelineStepFailed as failure:
        if failure.step == "load" and not isinstance(failure.exception, _HOPELESS):
            raise
        pipeline.abort_packages()
        return 0
    return len(packages)


def reset_package(package: Path) -> None:
    """Put a package whose load was cut off back to where it begins.

    dlt notes that a staging table is filled after it was filled: killed in between, it would fill
    it twice, and a merge by airmeet takes all that is there. From the beginning it empties staging
    first, and what is merged already is merged again to the same end, as it is on DuckDB, which has
    no staging. Nor have dlt's own tables; their jobs stay as they are.
    """
    for state in ("new_jobs", "started_jobs", "completed_jobs", ".pending_transitions"):
        for job in (package / state).glob("[!_]*"):
            if state == ".pending_transitions" or job.suffix in (".sql", ".reference"):
                job.unlink()
            else:
                job.replace(package / "new_jobs" / job.name)
    # Without this file dlt takes the tables, staging among them, for prepared.
    applied = package / "applied_schema_updates.json"
    if applied.exists():
        applied.replace(package / "schema_updates.json")
