"""The destination and its pipeline: opened, described, checked."""

from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination import TLoaderFileFormat
from dlt.common.destination.exceptions import DestinationException, UnknownDestinationModule
from dlt.common.normalizers.naming.snake_case import NamingConvention

from ..exit_codes import CommandError, configuration_mend
from .duckdb_merge import MAX_PARALLEL_LOAD_JOBS, MergingDuckDb

PIPELINE = "airmeet"
DATASET = "airmeet"
DUCKDB_FILE = "warehouse.duckdb"


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
            target = MergingDuckDb(
                _duckdb_file(dataset), max_parallel_load_jobs=MAX_PARALLEL_LOAD_JOBS
            )
        return dlt.pipeline(PIPELINE, destination=target, dataset_name=dataset)
    except UnknownDestinationModule:
        raise CommandError(
            f"destination {name!r} is unknown: name one of "
            "https://dlthub.com/docs/dlt-ecosystem/destinations, or set "
            f"DESTINATION__{name.upper()}__DESTINATION_TYPE to one of them"
        ) from None
    except (ConfigurationException, DestinationException, ImportError, ValueError) as error:
        reason = configuration_mend(error) or str(error).splitlines()[0]
        raise CommandError(
            f"destination {name!r} cannot be used: {reason} "
            "(see https://dlthub.com/docs/dlt-ecosystem/destinations)"
        ) from error


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
    """The file format that dlt writes: Parquet wherever the destination takes it. Insert statements
    are ten times slower, and merges into DuckDB read Parquet only."""
    formats = pipeline.destination.capabilities().supported_loader_file_formats or []
    return "parquet" if "parquet" in formats else None  # type: ignore[return-value]


def location(pipeline: dlt.Pipeline) -> str:
    """Where the destination is, without credentials."""
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


def require_loaded(pipeline: dlt.Pipeline) -> None:
    """Fail where nothing was ever loaded.

    Raises:
        CommandError: the dataset is not there.
    """
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized():
            raise CommandError(
                f"nothing is loaded in {location(pipeline)}, dataset {pipeline.dataset_name}; "
                "airmeet load does that"
            )
