"""Exit codes, and any exception as one line that says what happened and how to mend it."""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

_KINDS: dict[object, str] = {int: "a whole number", float: "a number", bool: "true or false"}


class Exit(IntEnum):
    """Exit codes of the `airmeet` command."""

    DONE = 0
    NOTHING = 1
    USAGE = 2
    PARTLY = 3
    INTERRUPTED = 130
    TERMINATED = 143


STOPPED = "stopped; what is loaded is kept, the next run goes on"


class Stopped(KeyboardInterrupt):
    """Ctrl-C or SIGTERM; `code` is the exit code."""

    def __init__(self, code: Exit = Exit.INTERRUPTED) -> None:
        super().__init__()
        self.code = code


class CommandError(Exception):
    """Ends a command with one line; `code` is the exit code."""

    def __init__(self, message: str, code: Exit = Exit.NOTHING) -> None:
        super().__init__(message)
        self.code = code


class FileHeld(CommandError):
    """Another process has the DuckDB file open; `who` says which."""

    def __init__(self, message: str, who: str = "another program") -> None:
        super().__init__(message)
        self.who = who


_HELD = re.compile(
    r"Could not set lock on file \"(.+?)\"(?:.*?held in (\S.*?)? ?\(PID (\d+)\))?", re.DOTALL
)
"""What DuckDB says of it."""

_EXTENSION = re.compile(
    r'Failed to download extension "(\w+)" at URL "(https?://[^/]+)/(\S+)/[^/]+"'
)
"""What it says of an extension that it does not find, as that of DuckLake."""

_GOES_ON = re.compile(r"Code: \d+\.$|.*:$")
"""A first line that says nothing yet: ClickHouse's number, Snowflake's `SQL compilation error:`."""

_CORRUPT = (
    "not a valid DuckDB database file",
    "Could not read enough bytes from file",
    "Could not read from file",
    "Corrupt database file",
    "replaying WAL",
    "replay WAL",
    "Serialization Error: Failed to deserialize",
)
"""What DuckDB says of a file that is damaged."""

_DISK_FULL = ("No space left on device", "Disk quota exceeded", "disk full")


def print_error(message: object, log_format: str = "text") -> None:
    """Say on standard error what went wrong, as one line or as one JSON object."""
    from airmeet.safe_text import printable

    words = printable(message)
    print(as_json("error", words) if log_format == "json" else f"airmeet: {words}", file=sys.stderr)


def print_traceback(error: BaseException) -> None:
    """Say on standard error where an error came from, without secrets."""
    import traceback

    from airmeet.safe_text import printable

    for line in "".join(traceback.format_exception(error)).splitlines():
        print(printable(line), file=sys.stderr)


def print_line(line: str, to_stderr: bool = False) -> None:
    """Print a line that may hold foreign text."""
    from airmeet.safe_text import printable

    print(printable(line), file=sys.stderr if to_stderr else sys.stdout)


def print_notice(line: str) -> None:
    """Say on standard error what a command waits for, or what else is worth knowing meanwhile."""
    print_line(line, to_stderr=True)


def flush_output() -> OSError | None:
    """Write what standard output holds back; what it cannot take goes nowhere, so that Python does
    not fail once more at its end. The reason why is returned."""
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError, ValueError):  # it may be no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return error
    return None


def as_json(level: str, event: str, **counts: float) -> str:
    """A log line as one JSON object; the event is printable."""
    import json

    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "level": level, "event": event, **counts}, ensure_ascii=False)


def to_command_error(error: BaseException) -> CommandError:
    """The error as one line.

    What the source says is said already; dlt's wrappers are taken off, and what a destination says
    is cut to its first line. What dlt says of its configuration is told whole: the help follows.
    """
    from airmeet.errors import AirmeetError, SelectionError, one_line

    cause = error
    while not _is_said(cause) and (inner := _within(cause)):
        cause = inner
    if isinstance(cause, CommandError):
        return cause
    if isinstance(cause, SelectionError):
        return CommandError(str(cause), Exit.USAGE)
    if isinstance(cause, AirmeetError):
        return CommandError(str(cause))
    if is_disk_full(error):
        return CommandError(
            f"the disk is full ({_place_in(error)}); free some space there, then run again: "
            "what is loaded is kept"
        )
    if held := _HELD.search(str(cause)):
        file, program, process = held.groups()
        who = f"{program or 'another program'}, process {process}," if process else ""
        return FileHeld(
            f"{who or 'another program'} has {file} open, and DuckDB lets in one program at a "
            "time; close it there, or wait until it has ended, then run again",
            who.removesuffix(",") or "another program",
        )
    if any(words in str(cause) for words in _CORRUPT):
        return CommandError(
            f"the DuckDB file {_duckdb_file_in(error)} cannot be read ({one_line(cause)}); put a "
            "backup in its place, or move it away: airmeet load fetches all of it again, and who "
            "was erased has to be erased anew"
        )
    if missing := _EXTENSION.search(str(cause)):
        name, host, folder = missing.groups()
        return CommandError(
            f"DuckDB could not fetch its extension {name}: let this machine reach {host} once, or "
            f"copy {name}.duckdb_extension into ~/.duckdb/extensions/{folder}"
        )
    if mend := configuration_mend(cause):
        return CommandError(mend)
    said = one_line(first_line(cause)) or type(cause).__name__
    return CommandError(f"{said} (--verbose shows where)")


def first_line(error: BaseException) -> str:
    """What a destination says first; with the line behind it where that says nothing yet."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[: 2 if lines and _GOES_ON.match(lines[0]) else 1])


def _is_said(error: BaseException) -> bool:
    """Whether an error says more than what it holds."""
    from airmeet.errors import AirmeetError
    from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException

    said = (CommandError, AirmeetError, ConfigValueCannotBeCoercedException)
    return isinstance(error, said)


def wrong_kind(setting: str, hint: object) -> str:
    """The line on a setting whose value is of another kind.

    Args:
        setting: its name with its section, joined by dots.
        hint: the kind that it must have.
    """
    wanted = _KINDS.get(hint, "a text")
    name = setting.rpartition(".")[2]
    variable = setting.replace(".", "__").upper()
    return f"the setting {name} must be {wanted}: correct {variable}, or {name} in .dlt/config.toml"


def configuration_mend(error: BaseException) -> str | None:
    """What is wrong with dlt's configuration and what to set or install, on one line; None for
    another error."""
    from dlt.common.configuration.exceptions import (
        ConfigFieldMissingException,
        ConfigurationException,
        ConfigValueCannotBeCoercedException,
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
            ".dlt/secrets.toml"
        )
    if isinstance(error, ConfigValueCannotBeCoercedException):
        return wrong_kind(error.field_name, error.hint)
    if isinstance(error, ConfigurationException | MissingDependencyException):
        return " ".join(str(error).split())
    return None


def _variable_of(keys: list[str]) -> str:
    """The variable to name of all that dlt tries: not for one pipeline, and not for all things."""
    return next((key for key in keys if key.startswith(("DESTINATION__", "SOURCES__"))), keys[0])


def interruption_in(error: BaseException) -> KeyboardInterrupt | None:
    """The Ctrl-C or SIGTERM that an error comes of: dlt and DuckDB raise errors of their own."""
    return next((c for c in _causes(error) if isinstance(c, KeyboardInterrupt)), None)


class AfterCommit:
    """What fails once the work of a command is committed: one line each, and it goes on.

    Attributes:
        failures: the lines.
    """

    def __init__(self, log_format: str = "text") -> None:
        self.failures: list[str] = []
        self._log_format = log_format

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step that may fail: `what` begins the line."""
        try:
            yield
        except Exception as failure:
            if interruption_in(failure):
                raise
            self.note(f"{what}: {to_command_error(failure)}")

    def note(self, line: str) -> None:
        """Say what failed."""
        self.failures.append(line)
        print_error(line, self._log_format)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error comes of a full disk, or of a quota."""
    return any(
        (isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT))
        or any(words in str(cause) for words in _DISK_FULL)
        for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it comes of."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [_within(cause), cause.__context__]


def _place_in(error: BaseException) -> str:
    """Where a full disk was met, as far as an error says."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.filename:
            return str(cause.filename)
        if found := _QUOTED_PATH.search(str(cause)):
            return found[1]
    from shutil import disk_usage
    from tempfile import gettempdir

    import dlt

    file = Path(str(dlt.config.get("destination.duckdb.credentials") or "")).absolute()
    folders = [file.parent, Path(dlt.current.run_context().data_dir), Path(gettempdir())]
    there = [folder for folder in folders if folder.is_dir()]
    full = [folder for folder in there if disk_usage(folder).free < _LITTLE]
    return " or ".join(dict.fromkeys(map(str, full or there)))


def _duckdb_file_in(error: BaseException) -> str:
    """The DuckDB file that an error speaks of, or else the one of the settings."""
    import dlt

    found = next((m for c in _causes(error) if (m := _QUOTED_PATH.search(str(c)))), None)
    return found[1] if found else str(dlt.config.get("destination.duckdb.credentials") or "")


_LITTLE = 64 * 1024**2
"""Bytes free with which a disk is as good as full."""

_QUOTED_PATH = re.compile(r"[\"']((?:/|[A-Za-z]:\\)[^\"']+)[\"']")


def _within(error: BaseException) -> BaseException | None:
    """What a wrapper of dlt's holds, under any of the names it has for that."""
    for name in ("exception", "inner_exc", "dbapi_exception", "__cause__"):
        inner = getattr(error, name, None)
        if isinstance(inner, BaseException):
            return inner
    return None
