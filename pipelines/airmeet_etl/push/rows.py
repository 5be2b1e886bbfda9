"""Rows to push: from a CSV file, a query on the warehouse, or an event's TOML file."""

import csv
import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb
import sqlglot
from airmeet.errors import one_line
from airmeet.rows import column_name
from airmeet.write.declaration import Write
from airmeet.write.validation import milliseconds
from dlt.destinations.exceptions import DatabaseException
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..exit_codes import CommandError, Exit
from ..warehouse.warehouse import warehouse_file

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BREAK = re.compile(r"\r\n|\r|\n")

Line = tuple[int, Mapping[str, Any]]
"""A row by column, with its number: the line in a CSV file, otherwise its place from 1."""


def read_csv(file: Path, write: Write) -> tuple[list[str], list[Line]]:
    """The columns and rows of a CSV file with a header; each row with the number of its first line.

    Cells are texts as they stand: no number, date or missing value is made of them. A row with
    fewer cells than the header lacks the last columns. Blank lines are skipped.

    Raises:
        CommandError: it cannot be read; the message has the line.
    """
    import pandas as pd  # here, for a load must not import it

    text = _text_of(file, "CSV")
    head = text.partition("\n")[0]
    # A spreadsheet may write semicolons where commas are decimal points, or tabs.
    delimiter = next((mark for mark in ",;\t" if mark in head), ",")
    try:
        header: list[str] = next(_records(text, delimiter), [])
    except csv.Error as error:
        raise _unreadable(file, 1, error) from error
    columns = _columns(file, header, write)
    try:
        frame = pd.read_csv(
            io.StringIO(text, newline=""),
            sep=delimiter,
            header=None,
            names=range(len(columns) + 1),  # one more, for a row with too many cells
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            engine="python",  # the C engine accepts a quote that is never closed
        )
    except pd.errors.ParserError as error:
        _refuse_first_fault(file, text, delimiter, len(columns))
        raise CommandError(f"{file} cannot be read as CSV: {one_line(error)}") from error
    rows: list[Line] = []
    line = 1
    for record in frame.to_numpy():
        cells = [cell for cell in record if isinstance(cell, str)]  # a missing cell is NaN
        if len(cells) > len(columns):
            raise _too_many_cells(file, line)
        if cells:
            rows.append((line, dict(zip(columns, cells, strict=False))))
        line += 1 + sum(len(_BREAK.findall(cell)) for cell in cells)
    return columns, rows[1:]


def _records(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)


def _columns(file: Path, header: list[str], write: Write) -> list[str]:
    """Our names for the columns of a header.

    Raises:
        CommandError: there are none, or two are the same.
    """
    columns = [_column(name, write) for name in header]
    twice = next((name for name, count in Counter(columns).items() if count > 1), "")
    if twice:
        raise CommandError(f"the header of {file.name} has the column {twice!r} twice")
    if not columns or len(set(columns)) < len(columns):
        raise CommandError(f"{file.name} needs a header with a name for each column")
    return columns


def _refuse_first_fault(file: Path, text: str, delimiter: str, width: int) -> None:
    """Find the first row that pandas could not read: its own messages count rows, not lines.

    Raises:
        CommandError: the row's line and what is wrong with it.
    """
    records = _records(text, delimiter)
    line = 1
    try:
        for cells in records:
            if len(cells) > width:
                raise _too_many_cells(file, line)
            line = records.line_num + 1
    except csv.Error as error:
        raise _unreadable(file, line, error) from error


def _unreadable(file: Path, line: int, error: csv.Error) -> CommandError:
    reason = one_line(error)
    if reason == "unexpected end of data":
        reason = "a quote is never closed"
    return CommandError(f"{file} cannot be read as CSV: line {line}: {reason}")


def _too_many_cells(file: Path, line: int) -> CommandError:
    return CommandError(f"{file} cannot be read as CSV: line {line} has more cells than the header")


def _text_of(file: Path, form: str) -> str:
    """The file's text.

    Raises:
        CommandError: it cannot be read, or is not in UTF-8.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read as {form}: {error.strerror}") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at_end(content[: error.start].decode("latin-1"))
        raise CommandError(
            f"{file} cannot be read as {form}: line {line} is not in UTF-8; save it as UTF-8"
        ) from error
    before, nul, _ = text.partition("\0")
    if nul:  # no name or address has one; UTF-16 without a byte order mark has many
        raise CommandError(
            f"{file} cannot be read as {form}: line {_line_at_end(before)} has a NUL byte; "
            "save it as UTF-8"
        )
    return text


def _line_at_end(text: str) -> int:
    """The number of the last line of a text."""
    return len(_BREAK.findall(text)) + 1


def _column(name: str, write: Write) -> str:
    """Our name for a column. Any other name stays as it is: it may be a custom field."""
    ours = {field.column for field in write.fields} | {"airmeet_id"}
    return snake if (snake := column_name(name.strip())) in ours else name.strip()


def read_sql(pipeline: dlt.Pipeline, query: str, write: Write) -> tuple[list[str], list[Line]]:
    """The columns and rows of a query on the destination, numbered from 1.

    Raises:
        CommandError: it does more than select rows, or cannot be run.
    """
    _only_selects(pipeline, query)
    try:
        with _executed(pipeline, query) as cursor:
            columns = [_column(str(column[0]), write) for column in cursor.description or ()]
            rows = cursor.fetchall()
    except (DatabaseException, duckdb.Error) as error:
        reason = one_line(str(error).partition("\n")[0])
        raise CommandError(f"the query cannot be run: {reason}") from error
    lines = ((n, dict(zip(columns, row, strict=True))) for n, row in enumerate(rows, 1))
    return columns, list(lines)


@contextmanager
def _executed(pipeline: dlt.Pipeline, query: str) -> Iterator[Any]:
    """The cursor of a query. A DuckDB file that is not there is not made for it."""
    if (file := warehouse_file(pipeline)) is not None and not file.exists():
        with duckdb.connect() as nothing:
            yield nothing.execute(query)
    else:
        with pipeline.sql_client() as client, client.execute_query(query) as cursor:
            yield cursor


def _only_selects(pipeline: dlt.Pipeline, query: str) -> None:
    """Refuse a query that would change the warehouse: a dry run changes nothing.

    Raises:
        CommandError: it is not one query that selects rows.
    """
    dialect = pipeline.destination.capabilities().sqlglot_dialect
    try:
        statements = sqlglot.parse(query, dialect=dialect)
    except SqlglotError as error:
        reason = one_line(_COLOURS.sub("", str(error)).partition("\n")[0])
        raise CommandError(f"the query cannot be read: {reason}") from error
    [statement] = statements if len(statements) == 1 else [None]
    if not isinstance(statement, exp.Query) or statement.find(exp.DML, exp.DDL, exp.Into):
        raise CommandError("--sql takes one query that selects rows", Exit.USAGE)


@dataclass(frozen=True)
class EventFile:
    """An event to create. Speakers and sessions are numbered from 1, as they come in the file."""

    airmeet: Mapping[str, Any]
    speakers: list[Line]
    sessions: list[Line]


def read_event(file: Path) -> EventFile:
    """An event from TOML: fields of `airmeets`, then `[[speakers]]` and `[[sessions]]`.

    A session without a host has the event's host; a time without a zone is in the event's zone.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        event = tomllib.loads(_text_of(file, "TOML"))
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"{file} cannot be read as TOML: {one_line(error)}") from error
    lists: dict[str, list[Any]] = {}
    for name in ("speakers", "sessions"):
        lists[name] = event.pop(name, [])
        if not isinstance(lists[name], list) or not all(isinstance(i, dict) for i in lists[name]):
            raise CommandError(f"{file}: {name} are written as [[{name}]]", Exit.USAGE)
    sessions = [_session(event, session) for session in lists["sessions"]]
    return EventFile(event, list(enumerate(lists["speakers"], 1)), list(enumerate(sessions, 1)))


def _session(event: Mapping[str, Any], session: dict[str, Any]) -> dict[str, Any]:
    session = {"host_email": event.get("host_email"), **session}
    try:
        start = milliseconds(session["session_start_time"], str(event.get("timezone")))
    except (KeyError, ValueError):
        return session  # `checked` reports it, with the other problems of the file
    return {**session, "session_start_time": start}
