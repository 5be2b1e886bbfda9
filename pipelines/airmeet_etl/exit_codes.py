"""Exit codes, and any exception as one line that says what happened and how to mend it."""

import json
import sys
from datetime import UTC, datetime
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the `airmeet` command."""

    DONE = 0
    NOTHING = 1
    USAGE = 2
    PARTLY = 3


class CommandError(Exception):
    """Ends a command with one line; `code` is the exit code."""

    def __init__(self, message: str, code: Exit = Exit.NOTHING) -> None:
        super().__init__(message)
        self.code = code


def print_error(message: object, log_format: str = "text") -> None:
    """Say on standard error what went wrong, as one line or as one JSON object."""
    line = f"airmeet: {message}"
    if log_format == "json":
        line = as_json("error", str(message))
    print(line, file=sys.stderr)


def as_json(level: str, event: str, **counts: int) -> str:
    """A log line as one JSON object."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "level": level, "event": event, **counts}, ensure_ascii=False)


def to_command_error(error: BaseException) -> CommandError:
    """The error as one line.

    What the source says is said already; dlt's wrappers are taken off, and what a destination says
    is cut to its first line.
    """
    from airmeet.errors import AirmeetError, SelectionError, one_line

    cause = error
    while not isinstance(cause, CommandError | AirmeetError) and (inner := _within(cause)):
        cause = inner
    if isinstance(cause, CommandError):
        return cause
    if isinstance(cause, SelectionError):
        return CommandError(str(cause), Exit.USAGE)
    if isinstance(cause, AirmeetError):
        return CommandError(str(cause))
    if "Could not set lock on file" in str(cause):
        return CommandError(
            "another program has the DuckDB file open, and DuckDB lets in one at a time; "
            "close it there, then run again"
        )
    first = next((line for line in str(cause).splitlines() if line.strip()), "")
    return CommandError(f"{one_line(first) or type(cause).__name__} (--verbose shows where)")


def _within(error: BaseException) -> BaseException | None:
    """What a wrapper of dlt's holds, under any of the names it has for that."""
    for name in ("exception", "inner_exc", "dbapi_exception", "__cause__"):
        inner = getattr(error, name, None)
        if isinstance(inner, BaseException):
            return inner
    return None
