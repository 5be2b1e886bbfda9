"""The formats of an export: each writes rows to a stream, and says how many there were."""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa

from .formulas import neutralised
from .spreadsheet import write_xlsx
from .times import iso_text

Writer = Callable[[pa.RecordBatchReader, IO[bytes], Path | None], int]
"""Writes rows to a stream; a spreadsheet's drafts lie beside the file."""


@dataclass(frozen=True)
class Format:
    """How a format is written.

    Attributes:
        write: returns the number of rows.
        is_text: can be read on standard output.
        head: what a file begins with, and standard output does not.
    """

    write: Writer
    is_text: bool = False
    head: bytes = b""


def write_csv(rows: pa.RecordBatchReader, stream: IO[bytes], beside: Path | None = None) -> int:
    """CSV in UTF-8 as RFC 4180 has it: commas, CRLF, quotes where they are needed.

    Null and the empty text are both empty; times are ISO 8601 in UTC; true and false in words.
    """
    count = 0
    # With another line end Python before 3.13 does not quote a carriage return.
    writer = csv.writer(codecs.getwriter("utf-8")(stream), lineterminator="\r\n")
    writer.writerow(neutralised(pa.array(rows.schema.names, pa.string()), True).to_pylist())
    for batch in rows:
        writer.writerows(zip(*map(_csv_values, batch.columns), strict=True))
        count += len(batch)
    return count


def _csv_values(column: pa.Array) -> Iterable[Any]:
    if pa.types.is_string(column.type):
        return list(neutralised(column, True).to_pylist())
    if pa.types.is_boolean(column.type):
        return [None if value is None else str(value).lower() for value in column.to_pylist()]
    if pa.types.is_temporal(column.type):
        return [None if value is None else iso_text(value) for value in column.to_pylist()]
    return list(column.to_pylist())


def write_json(rows: pa.RecordBatchReader, stream: IO[bytes], beside: Path | None = None) -> int:
    """A JSON array with an object a row, each on a line; times are ISO 8601 in UTC."""
    count = 0
    stream.write(b"[")
    for batch in rows:
        for row in batch.to_pylist():
            stream.write(b",\n" if count else b"\n")
            stream.write(orjson.dumps(row, option=orjson.OPT_UTC_Z))
            count += 1
    stream.write(b"\n]\n")
    return count


def write_parquet(rows: pa.RecordBatchReader, stream: IO[bytes], beside: Path | None = None) -> int:
    """Parquet with the report's types."""
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(stream, rows.schema) as writer:
        for table in _tables(rows):
            writer.write_table(table)
            count += len(table)
    return count


_GROUP_ROWS = 100_000


def _tables(rows: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Batches put together: small ones make bad row groups."""
    waiting: list[pa.RecordBatch] = []
    for batch in rows:
        waiting.append(batch)
        if sum(map(len, waiting)) >= _GROUP_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


FORMATS = {
    # Excel takes a file without the mark for one of Windows' old encodings.
    "csv": Format(write_csv, is_text=True, head=codecs.BOM_UTF8),
    "xlsx": Format(write_xlsx),
    "parquet": Format(write_parquet),
    "json": Format(write_json, is_text=True),
}
