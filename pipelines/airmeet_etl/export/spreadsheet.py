"""XLSX by XlsxWriter: typed cells, and nothing in them that a spreadsheet runs."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import pyarrow as pa

from ..exit_codes import CommandError
from .formulas import neutralised
from .times import iso_text

MOST_ROWS = 1_048_576
"""Rows of a sheet, its header among them."""
_MOST_CHARACTERS = 32_767
"""Of a cell, in UTF-16 as Excel counts them."""
_FIRST_YEAR = 1900
"""Spreadsheets have no days before."""
_WIDTHS = {"timestamp": 19, "date": 11, "string": 24}
_DATES = {"timestamp": "yyyy-mm-dd hh:mm:ss", "date": "yyyy-mm-dd"}

_Write = Callable[[int, int, Any], object]


def write_xlsx(rows: pa.RecordBatchReader, stream: IO[bytes], beside: Path | None = None) -> int:
    """One sheet with a header that stays in sight; times are real ones, in UTC.

    Rows go to drafts beside the file as they come, so memory does not grow with them.

    Raises:
        CommandError: a sheet cannot hold that many rows, or a cell that long a text.
    """
    with _drafts(beside) as folder:
        return _write(rows, stream, folder)


def _drafts(beside: Path | None) -> "TemporaryDirectory[str]":
    """A folder for drafts, of a name by which those of a killed run are known."""
    if beside is None:
        return TemporaryDirectory()
    return TemporaryDirectory(prefix=f".{beside.name}.", suffix=".draft", dir=beside.parent)


def _write(rows: pa.RecordBatchReader, stream: IO[bytes], folder: str) -> int:
    # Only whoever wants a spreadsheet waits for it.
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = Workbook(stream, options)
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same rows are the same file
    sheet = book.add_worksheet()
    kinds = [_kind(field.type) for field in rows.schema]
    styles = {kind: book.add_format({"num_format": shown}) for kind, shown in _DATES.items()}
    for place, kind in enumerate(kinds):
        sheet.set_column(place, place, _WIDTHS.get(kind, 12))
    bold = book.add_format({"bold": True})
    names = neutralised(pa.array(rows.schema.names, pa.string()), False).to_pylist()
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, bold)
    sheet.freeze_panes(1, 0)
    writers = [_writer(sheet, kind, styles.get(kind)) for kind in kinds]
    count = 0
    for batch in rows:
        if count + len(batch) >= MOST_ROWS:
            raise CommandError(
                f"a spreadsheet holds {MOST_ROWS - 1:,} rows and its header, and there are more: "
                "choose --format csv or parquet, or fewer airmeets by --airmeet"
            )
        columns = map(_values, batch.columns)
        for line, values in enumerate(zip(*columns, strict=True), count + 1):
            for place, (write, value) in enumerate(zip(writers, values, strict=True)):
                if value is not None:
                    write(line, place, value)
        count += len(batch)
    sheet.autofilter(0, 0, count, len(names) - 1)
    book.close()
    return count


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "date" if pa.types.is_date(kind) else str(kind)


def _values(column: pa.Array) -> list[Any]:
    is_text = pa.types.is_string(column.type)
    return list((neutralised(column, False) if is_text else column).to_pylist())


def _writer(sheet: Any, kind: str, style: Any) -> _Write:
    """What writes a value of a kind into a cell."""

    def write_text(line: int, place: int, text: str) -> None:
        if sheet.write_string(line, place, _without_noncharacters(text)):
            raise CommandError(
                f"a text in column {place + 1} of row {line + 1:,} is longer than the "
                f"{_MOST_CHARACTERS:,} characters of a spreadsheet's cell: choose --format csv, "
                "json or parquet"
            )

    def write_time(line: int, place: int, value: date) -> None:
        if value.year < _FIRST_YEAR:
            write_text(line, place, iso_text(value))
            return
        if isinstance(value, datetime):
            value = value.astimezone(UTC).replace(tzinfo=None)
        sheet.write_datetime(line, place, value, style)

    if kind == "bool":
        return sheet.write_boolean  # type: ignore[no-any-return]
    if kind in _DATES:
        return write_time
    return write_text if kind == "string" else sheet.write_number


def _without_noncharacters(text: str) -> str:
    """XML has no way to write these two; XlsxWriter escapes all others."""
    return text.replace("\ufffe", "").replace("\uffff", "")
