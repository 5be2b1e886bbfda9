"""Rows to push: from a CSV file, a query on the warehouse, or an event's TOML file."""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
from airmeet.errors import one_line
from airmeet.rows import column_name
from airmeet.validation import milliseconds
from airmeet.writing import Write

from pipelines.outcome import CommandError, Exit

Line = tuple[int, Mapping[str, Any]]


def read_csv(file: Path, write: Write) -> tuple[list[str], list[Line]]:
    """The columns and rows of a CSV file with a header; a row bears the number of its first line.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            # A spreadsheet may write semicolons where commas are decimal points.
            head = text.readline()
            text.seek(0)
            only_semicolons = ";" in head and "," not in head
            reader = csv.reader(text, strict=True, delimiter=";" if only_semicolons else ",")
            columns = [_column(name, write) for name in next(reader, [])]
            if not columns or len(set(columns)) < len(columns):
                raise CommandError(f"{file.name} needs a header with a name for each column")
            return columns, list(_rows(reader, columns))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else one_line(error)
        raise CommandError(f"{file} cannot be read as CSV in UTF-8: {reason}") from error


def _rows(reader: Any, columns: list[str]) -> Iterator[Line]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        if cells:
            if len(cells) > len(columns):
                raise csv.Error(f"line {line} has more cells than the header")
            yield line, dict(zip(columns, cells, strict=False))


def _column(name: str, write: Write) -> str:
    """Our name for a column; what is none of ours may be a custom field and stays as it is."""
    ours = {field.column for field in write.fields} | {"airmeet_id"}
    return snake if (snake := column_name(name.strip())) in ours else name.strip()


def read_sql(pipeline: dlt.Pipeline, query: str, write: Write) -> tuple[list[str], list[Line]]:
    """The columns and rows of a query on the destination, numbered from 1.

    Raises:
        Exception: whatever the destination raises.
    """
    with pipeline.sql_client() as client, client.execute_query(query) as cursor:
        columns = [_column(str(column[0]), write) for column in cursor.description or ()]
        rows = cursor.fetchall()
    lines = ((n, dict(zip(columns, row, strict=True))) for n, row in enumerate(rows, 1))
    return columns, list(lines)


@dataclass(frozen=True)
class EventFile:
    """An event to create, with its speakers and sessions; lines are their places in the file's
    lists, from 1."""

    airmeet: Mapping[str, Any]
    speakers: list[Line]
    sessions: list[Line]


def read_event(file: Path) -> EventFile:
    """An event from TOML: fields of `airmeets`, then `[[speakers]]` and `[[sessions]]`.

    A session's host is the event's, and its times are in the event's zone, where it does not say.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        event = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else one_line(error)
        raise CommandError(f"{file} cannot be read as TOML: {reason}") from error
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
        return session  # it is said with all else that is not in order
    return {**session, "session_start_time": start}
