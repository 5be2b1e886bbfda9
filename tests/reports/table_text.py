"""Tables as text, to compare whole rows with files that a person can read and correct."""

import csv
from datetime import date, datetime
from io import StringIO
from typing import Any

import pyarrow as pa


def as_csv(table: pa.Table) -> str:
    """The table as CSV: nulls empty, times in UTC to the minute, ten digits of doubles."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in table.to_pylist():
        writer.writerow(_text(value) for value in row.values())
    return text.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
