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
    is cut to its first line. What dlt says of its configuration is told whole: the help follows.
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
    if mend := configuration_mend(cause):
        return CommandError(mend)
    first = next((line for line in str(cause).splitlines() if line.strip()), "")
    return CommandError(f"{one_line(first) or type(cause).__name__} (--verbose shows where)")


def configuration_mend(error: BaseException) -> str | None:
    """What is wrong with dlt's configuration and what to set or install, on one line; None for
    another error."""
    from dlt.common.configuration.exceptions import (
        ConfigFieldMissingException,
        ConfigurationException,
        LookupTraces,
        flatten_traces,
    )
    from dlt.common.exceptions import MissingDependencyException

    if isinstance(error, ConfigFieldMissingException):
        variables: list[str] = []
        for traces in error.traces.values():
            # Where there are several ways to say it, dlt lists the usual one first.
            first = traces[0]
            within = first.traces.values() if isinstance(first, LookupTraces) else [traces]
            variables += (_variable_of([t.key for t in flatten_traces(of)]) for of in within)
        section = ".".join(variables[0].lower().split("__")[:-1])
        return (
            f"no {' and '.join(error.traces)}: set {', '.join(variables)}, or write [{section}] in "
            ".dlt/secrets.toml (see https://dlthub.com/docs/dlt-ecosystem/destinations)"
        )
    if isinstance(error, ConfigurationException | MissingDependencyException):
        return " ".join(str(error).split())
    return None


def _variable_of(keys: list[str]) -> str:
    """The variable to name of all that dlt tries: not for one pipeline, and not for all things."""
    return next((key for key in keys if key.startswith(("DESTINATION__", "SOURCES__"))), keys[0])


def _within(error: BaseException) -> BaseException | None:
    """What a wrapper of dlt's holds, under any of the names it has for that."""
    for name in ("exception", "inner_exc", "dbapi_exception", "__cause__"):
        inner = getattr(error, name, None)
        if isinstance(inner, BaseException):
            return inner
    return None
