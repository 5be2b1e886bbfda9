"""A package's Arrow tables as Parquet files that dlt takes over, instead of writing them itself.

dlt hands Arrow a file of Python's: each of its hundred writes a table waits until the engine's
thread lets go of Python's lock. Here Arrow writes by itself, as the rows come, in the format that
dlt would write for the destination.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.configuration import resolve_configuration
from dlt.common.data_writers import BufferedDataWriter
from dlt.common.data_writers.writers import ArrowToParquetWriter
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.configuration import ParquetFormatConfiguration
from dlt.common.schema import Schema

from .schemas import arrow_types

FOLDER = "parquet"
"""Where the files are in the pipeline's working folder: dlt links to them, and copies nothing."""


@contextmanager
def parquet_folder(pipeline: dlt.Pipeline) -> Iterator[Path]:
    """An empty folder for the files of one extraction, which goes with its end.

    What a run that was killed has left there goes first; one run at a time may extract.

    Raises:
        OSError: it cannot be emptied or made.
    """
    folder = Path(pipeline.working_dir, FOLDER)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_parquet_files(batches: Iterable[dict[str, Any]], folder: Path) -> Iterator[dict[str, Any]]:
    """The batches, with files in place of their Arrow tables; these come when all are written.

    Args:
        batches: new rows by table, as Arrow tables or as dicts, which go as they are.
        folder: from `parquet_folder`; it must stay until dlt has extracted.
    """
    if dlt.config.get("normalize.parquet_normalizer.add_dlt_load_id", bool):
        yield from batches  # a column that dlt adds only to rows that it writes itself
        return
    schema, settings = dlt.current.source_schema(), _settings()
    files: dict[str, _TableFiles] = {}
    for batch in batches:
        tables = {name: rows for name, rows in batch.items() if isinstance(rows, pa.Table)}
        for name, rows in tables.items():
            if name not in files:
                files[name] = _TableFiles(name, folder, schema, settings)
            files[name].write(rows)
        if others := {name: rows for name, rows in batch.items() if name not in tables}:
            yield others
    for name, of_table in files.items():
        for imported in of_table.imports():
            yield {name: imported}


@dataclass(frozen=True)
class _Settings:
    """How dlt writes Parquet for the destination; it takes milliseconds to find out."""

    format: ParquetFormatConfiguration
    capabilities: DestinationCapabilitiesContext
    most_rows: int | None
    most_bytes: int | None

    def writer(self, file: pa.NativeFile) -> ArrowToParquetWriter:
        """dlt's own, which writes to any file that it is given."""
        found = ArrowToParquetWriter(file, self.capabilities, _format=self.format)
        found.write_header({})
        return found


def _settings() -> _Settings:
    capabilities = dlt.current.pipeline().destination.capabilities()
    files = resolve_configuration(BufferedDataWriter.BufferedDataWriterConfiguration())
    return _Settings(
        resolve_configuration(ParquetFormatConfiguration()),
        capabilities,
        files.file_max_items,
        files.file_max_bytes or capabilities.recommended_file_size,
    )


class _TableFiles:
    """The files of one table: one, and another when it is full or a batch brings a new column.

    The columns stand as dlt has them, and those that a batch lacks are null: else dlt would read
    the file and write it anew.
    """

    def __init__(self, table: str, folder: Path, schema: Schema, settings: _Settings) -> None:
        self._table = table
        self._folder = folder
        self._normalized = schema.naming.normalize_path
        self._settings = settings
        self._columns = _known_columns(schema, table)
        self._written: list[_File] = []

    def write(self, rows: pa.Table) -> None:
        rows = self._as_dlt_has_it(rows)
        if not self._written or not self._written[-1].takes(rows.schema):
            if self._written:
                self._written[-1].close()
            path = self._folder / f"{self._table}.{len(self._written)}.parquet"
            self._written.append(_File(path, rows.schema, self._settings))
        self._written[-1].write(rows)

    def imports(self) -> Iterator[Any]:
        """Close the files; gives them as dlt takes them over."""
        self._written[-1].close()
        for file in self._written:
            columns = file.schema.empty_table()
            yield dlt.mark.with_file_import(str(file.path), "parquet", file.rows, hints=columns)

    def _as_dlt_has_it(self, rows: pa.Table) -> pa.Table:
        brought = {self._normalized(field.name): field for field in rows.schema}
        if len(brought) < len(rows.schema):
            return rows  # two names that are one at the destination: dlt says so
        self._columns |= brought
        return pa.Table.from_arrays(
            [
                rows.column(brought[name].name)
                if name in brought
                else pa.nulls(rows.num_rows, field.type)
                for name, field in self._columns.items()
            ],
            schema=pa.schema([*self._columns.values()]),
        )


class _File:
    """A Parquet file while it is written."""

    def __init__(self, path: Path, schema: pa.Schema, settings: _Settings) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self._settings = settings
        self._file = pa.OSFile(str(path), "wb")
        self._writer = settings.writer(self._file)

    def takes(self, schema: pa.Schema) -> bool:
        """Whether rows with these columns can be written here."""
        most_rows, most_bytes = self._settings.most_rows, self._settings.most_bytes
        is_full = (most_rows and self.rows >= most_rows) or (
            most_bytes and self._file.tell() >= most_bytes
        )
        return not is_full and self.schema.equals(schema)

    def write(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        self._writer.write_data([rows])

    def close(self) -> None:
        self._writer.close()
        self._file.close()


def _known_columns(schema: Schema, table: str) -> dict[str, pa.Field]:
    """The table's columns at dlt, but for dlt's own, in their order."""
    if table not in schema.tables:
        return {}
    types = arrow_types()
    return {
        name: pa.field(name, types[column["data_type"]], nullable=column.get("nullable", True))
        for name, column in schema.get_table_columns(table).items()
        if column["data_type"] in types and not name.startswith("_dlt_")
    }
