"""What commands answer: rows as a table, CSV, JSON or Markdown, and objects as JSON."""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from airmeet.safe_text import printable

from .terminal import open_console
from .terminal_tables import show_table

if TYPE_CHECKING:
    from .inspection.airmeets import Listed
    from .inspection.query import Answer


_FEW = 4
"""Columns of a single row that stand beside each other."""


def show_answer(answer: "Answer", format: str) -> None:
    """The rows of a statement in a format: table, csv, json or markdown."""
    if format == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerows(_inert([answer.columns, *answer.rows]))
    elif format == "json":
        show_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    elif format == "markdown":
        for line in _markdown(answer):
            print(line)
    else:
        count = len(answer.rows)
        if count == 1 and len(answer.columns) > _FEW:  # one below the other
            pairs = [*zip(answer.columns, answer.rows[0], strict=True)]
            show_table(open_console(), "", ("column", "value"), pairs)
        else:
            rest = "--format csv, json and markdown have all"
            show_table(open_console(), "", answer.columns, answer.rows, rest)
        print(f"{count:,} {'row' if count == 1 else 'rows'}")


def show_airmeets(airmeets: "Sequence[Listed]") -> None:
    """Airmeets as a table."""
    head = ("start", "name", "status", "registered", "attended", "id", "final")
    rows = [
        (
            a.start_time.date() if a.start_time else None,
            a.name,
            a.status,
            a.registered,
            a.attended,
            a.airmeet_id,
            a.is_final,
        )
        for a in airmeets
    ]
    if rows:
        show_table(open_console(), f"{len(rows):,} airmeets", head, rows, "--json has all")
    else:
        print("no airmeets")


def show_json(value: object) -> None:
    """An object on standard output, on one line."""
    print(json.dumps(_jsonable(value), ensure_ascii=False, allow_nan=False))


def _inert(rows: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
    """Rows as CSV has them: a text that a spreadsheet would run begins with an apostrophe."""
    import pyarrow as pa

    from .export.formulas import neutralised

    for row in rows:
        texts = pa.array([v if isinstance(v, str) else None for v in row], pa.string())
        safe = neutralised(texts, is_csv=True).to_pylist()
        yield [_plain(v) if text is None else text for v, text in zip(row, safe, strict=True)]


def _plain(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


def _markdown(answer: "Answer") -> Iterator[str]:
    def line(values: Sequence[Any]) -> str:
        texts = ("" if value is None else printable(str(_plain(value))) for value in values)
        return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"

    yield line(answer.columns)
    yield f"|{'---|' * len(answer.columns)}"
    yield from map(line, answer.rows)


def _jsonable(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _jsonable(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping | Counter):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        return None  # JSON has no such number
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return value if isinstance(value, bool | int | float | str | None) else str(value)
