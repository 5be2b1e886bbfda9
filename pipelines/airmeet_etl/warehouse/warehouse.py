"""The destination and its pipeline: opened, described, checked."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, get_args

import dlt
import duckdb
from airmeet.errors import one_line
from airmeet.schemas import Kind
from dlt.common.configuration.exceptions import (
    ConfigFieldMissingException,
    ConfigurationException,
)
from dlt.common.destination import Destination, TLoaderFileFormat
from dlt.common.destination.exceptions import DestinationException
from dlt.common.exceptions import MissingDependencyException, TerminalValueError
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.common.schema.typing import TTableSchema
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from ..exit_codes import CommandError, FileHeld, configuration_mend, to_command_error
from .destinations import Supported, require_supported
from .duckdb_merge import MAX_PARALLEL_LOAD_JOBS, MergingDuckDb
from .ducklake_merge import with_transactions
from .lake import Lake, lake_folder
from .lock import locked_folder
from .schema_storage import read_schemas_once

_log = logging.getLogger(__name__)

PIPELINE = "airmeet"
DATASET = "airmeet"
DUCKDB_FILE = "warehouse.duckdb"
COMMUNITIES = "airmeet_communities"
"""The folder, beside dlt's working folders, that has one of each of several communities."""


def open_pipeline(
    destination: str | None = None,
    dataset: str | None = None,
    read_only: bool = False,
    community: str | None = None,
) -> dlt.Pipeline:
    """The pipeline `airmeet` with its destination, which is not connected to yet.

    A working folder that dlt cannot read is emptied: dlt has its state and schema back from the
    destination, and what else was in it is fetched again.

    Args:
        destination: a dlt destination's name; DuckDB without one.
        dataset: the raw dataset's name; `airmeet` without one.
        read_only: open a DuckDB file for reading alone; waits for a few seconds while another
            process has it open.
        community: of several communities the one whose dataset and working folder it has. Without
            one, and where there are several, the pipeline whose reports are over all of them.

    Raises:
        CommandError: the destination is unknown, not supported or not configured, its client is not
            installed, or a DuckDB file is named like the dataset.
        FileHeld: `read_only`, and another process keeps the DuckDB file open.
    """
    name, dataset = destination or "duckdb", dataset or DATASET
    known = require_supported(name)
    folder = Path(get_dlt_pipelines_dir())
    if community:
        dataset, folder = community_dataset(dataset, community), folder / COMMUNITIES / community
    try:
        if name == "duckdb" and known.name == "duckdb":
            file = _duckdb_file(dataset)
            if read_only and Path(file).exists():
                _wait_until_free(file)
            target: Any = MergingDuckDb(
                DuckDbCredentials(file, read_only=True) if read_only else file,
                max_parallel_load_jobs=MAX_PARALLEL_LOAD_JOBS,
            )
            return _pipeline(target, dataset, folder)
        if known.name == "filesystem":
            if community:
                raise CommandError(
                    f"destination {name!r} takes one community alone: use duckdb or postgres for "
                    "several, or a folder and a single key pair for each"
                )
            _require_client(Lake, name, known)
            return _pipeline(Lake(lake_folder(name), destination_name=name), dataset, folder)
        named = Destination.from_reference(name, **_OTHERWISE.get(known.name, {}))
        target = with_transactions(named)
        _require_client(target, name, known)
        pipeline = _pipeline(target, dataset, folder)
        pipeline.destination_client()  # its settings are read
        return pipeline
    except (ConfigurationException, DestinationException, ImportError, ValueError) as error:
        raise CommandError(
            f"destination {name!r} cannot be used: {_reason(error, name, known)} "
            f"(see https://dlthub.com/docs/dlt-ecosystem/destinations/{known.name})"
        ) from error


def _reason(error: Exception, name: str, known: Supported) -> str:
    """Why a destination cannot be opened, and the mend."""
    reason = configuration_mend(error) or str(error).splitlines()[0]
    if isinstance(error, ConfigFieldMissingException) and known.settings:
        return f"{reason}; usually that is {known.settings_of(name)}"
    return reason


def _require_client(target: Any, name: str, known: Supported) -> None:
    """Import dlt's client of a destination, and with it whatever it needs.

    Raises:
        CommandError: something is not installed.
    """
    try:
        _ = target.client_class
    except (ImportError, MissingDependencyException) as error:
        lacking = getattr(error, "name", None) or one_line(str(error))
        raise CommandError(
            f"destination {name!r} cannot be used: {known.title}'s client is not installed "
            f"({lacking}): {known.install or 'install the requirements of airmeet-pipeline'}"
        ) from error


def _copies_csv(
    preferred: TLoaderFileFormat,
    supported: Sequence[TLoaderFileFormat],
    /,
    *,
    table_schema: TTableSchema,
) -> tuple[TLoaderFileFormat, Sequence[TLoaderFileFormat]]:
    """The formats that Postgres takes, whether the driver of ADBC is installed or not: with it, dlt
    would copy Parquet, and fails on each file without rows."""
    return preferred, [format for format in supported if format != "parquet"]


_OTHERWISE: dict[str, dict[str, Any]] = {
    "postgres": {"loader_file_format_selector": _copies_csv},
    # Files in a table's stage hold people, and no erasure looks into them.
    "snowflake": {"keep_staged_files": False},
}
"""What dlt's destinations are told to do otherwise, by type."""


def community_dataset(dataset: str, community: str) -> str:
    """The raw dataset of one of several communities."""
    return f"{dataset}_{community}"


def community_of(pipeline: dlt.Pipeline) -> str | None:
    """The community whose pipeline it is; None where it is that of a single key pair, or the one
    whose reports are over all communities."""
    folder = Path(pipeline.pipelines_dir)
    return folder.name if folder.parent.name == COMMUNITIES else None


def _pipeline(target: Any, dataset: str, folder: Path) -> dlt.Pipeline:
    def opened() -> dlt.Pipeline:
        pipeline = dlt.pipeline(
            PIPELINE, pipelines_dir=str(folder), destination=target, dataset_name=dataset
        )
        read_schemas_once(pipeline)
        for name in pipeline.schema_names:
            pipeline.schemas[name]
        return pipeline

    try:
        return opened()
    except (ConfigurationException, DestinationException, ImportError):
        raise
    except Exception:
        _log.debug("the working folder cannot be read", exc_info=True)
        with locked_folder(folder):
            shutil.rmtree(folder / PIPELINE, ignore_errors=True)
            return opened()


_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.2


def _wait_until_free(file: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until no other process has a DuckDB file open, for a few seconds.

    Raises:
        FileHeld: it still has.
    """
    for _ in range(int(_WAIT_SECONDS / _POLL_SECONDS)):
        try:
            duckdb.connect(file, read_only=True).close()
            return
        except duckdb.IOException as error:
            held = to_command_error(error)
            if not isinstance(held, FileHeld):
                return  # whatever it is, whoever reads it says so
        sleep(_POLL_SECONDS)
    raise held


def _duckdb_file(dataset: str) -> str:
    """The DuckDB file as an absolute path: dlt would resolve a relative one against the folder in
    which its working folder was first used."""
    file = str(dlt.config.get("destination.duckdb.credentials") or DUCKDB_FILE)
    path = Path(file.removeprefix("duckdb:///"))
    # DuckDB names the file as it is, in any case, and dlt the dataset in its own way.
    names = {dataset, NamingConvention().normalize_table_identifier(dataset)}
    if path.stem.lower() in {name.lower() for name in names}:
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
    """The file format that dlt writes: Parquet wherever the destination takes all our types in it
    (BigQuery takes no JSON). Insert statements are ten times slower, and merges into DuckDB read
    Parquet only."""
    known = pipeline.destination.capabilities()
    mapper = known.get_type_mapper()
    table: Any = {"name": "any", "columns": {}}
    formats: tuple[TLoaderFileFormat, ...] = ("parquet", "jsonl")
    for name in formats:
        if name in (known.supported_loader_file_formats or ()):
            with suppress(TerminalValueError):
                for kind in get_args(Kind):
                    mapper.ensure_supported_type({"name": "any", "data_type": kind}, table, name)
                return name
    return None  # type: ignore[return-value]


def location(pipeline: dlt.Pipeline) -> str:
    """Where the destination is, without credentials."""
    if isinstance(pipeline.destination, Lake):
        return str(pipeline.destination.tables.folder)
    try:
        client = pipeline.destination_client()
    except Exception:
        return str(pipeline.destination.destination_name)
    return str(client.config)


def stored_dataset(pipeline: dlt.Pipeline) -> str:
    """The raw dataset as the destination knows it: dlt writes `My-Events 2026` as
    `my_events_2026`."""
    client: Any = pipeline.destination_client()
    return str(client.sql_client.dataset_name)


def warehouse_file(pipeline: dlt.Pipeline) -> Path | None:
    """The DuckDB file that the pipeline loads; none with another destination or in memory."""
    if pipeline.destination.destination_type != "dlt.destinations.duckdb":
        return None
    credentials: Any = pipeline.destination_client().config.credentials
    database = str(credentials.database)
    return None if database.startswith(":") else Path(database)


def is_empty(file: Path) -> bool:
    """Whether a file has no bytes, as a full disk leaves one: DuckDB does not open it."""
    return file.is_file() and file.stat().st_size == 0


@contextmanager
def held_open(pipeline: dlt.Pipeline) -> Iterator[bool]:
    """Stay connected over several reads: DuckDB closes its file with the last connection to it, and
    opens it again for the next one.

    Yields:
        Whether anything was ever loaded. A DuckDB file that is not there is not made for that.
    """
    file = warehouse_file(pipeline)
    if file is not None and (not file.exists() or is_empty(file)):
        yield False
    else:
        with pipeline.destination_client() as client:
            yield bool(client.is_storage_initialized()) and (file is not None or _is_filled(client))


def _is_filled(client: Any) -> bool:
    """Whether a dataset holds what each load writes first: elsewhere than in a DuckDB file, an
    administrator may have made it."""
    there, _ = client.get_storage_table(client.schema.version_table_name)
    return bool(there)


def is_loaded(pipeline: dlt.Pipeline) -> bool:
    """Whether anything was ever loaded."""
    with held_open(pipeline) as loaded:
        return loaded


def require_loaded(pipeline: dlt.Pipeline) -> None:
    """Fail where nothing was ever loaded.

    Raises:
        CommandError: the dataset is not there.
    """
    if not is_loaded(pipeline):
        raise CommandError(
            f"nothing is loaded in {location(pipeline)}, dataset {pipeline.dataset_name}; "
            "airmeet load does that"
        )
