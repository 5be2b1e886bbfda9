"""Arguments that several commands take, and the texts that become their values."""

import argparse
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ..exit_codes import CommandError, FileHeld
from .json_answers import described

if TYPE_CHECKING:
    import dlt

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_destination(parser: argparse.ArgumentParser) -> None:
    """`--destination`, `--dataset` and `--community`."""
    parser.add_argument("--destination", metavar="NAME", help="dlt destination (duckdb)")
    parser.add_argument("--dataset", metavar="NAME", help="raw dataset (airmeet)")
    add_community(parser)


def add_community(parser: argparse.ArgumentParser) -> None:
    """`--community`, alone where a command has nothing to do with the destination."""
    parser.add_argument(
        "--community",
        action="append",
        metavar="NAME",
        help="of several communities this one; may be repeated (all)",
    )


def add_json(parser: argparse.ArgumentParser, command: str) -> None:
    """`--json`, and beneath the help what it gives.

    Args:
        parser: of the command.
        command: one of `json_answers.KEYS`.
    """
    parser.add_argument(
        "--json", action="store_true", help="as JSON, and nothing else: one object a community"
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = described(command)


def require_dashboard() -> None:
    """Fail where the dashboard's packages are not installed.

    Raises:
        CommandError: says how to install them.
    """
    from importlib.util import find_spec

    if missing := [name for name in ("marimo", "altair", "jinja2") if find_spec(name) is None]:
        raise CommandError(
            f"the dashboard needs {', '.join(missing)}: pip install "
            '"airmeet-pipeline[dashboard]", or make .venv/.dashboard'
        )


def add_apply(parser: argparse.ArgumentParser) -> None:
    """`--apply` and `--skip-invalid`, of the commands that write to Airmeet."""
    add_destination(parser)
    parser.add_argument("--apply", action="store_true", help="write; else it is a dry run")
    parser.add_argument(
        "--skip-invalid", action="store_true", help="leave out rows that are not in order"
    )


def open_to_read(
    destination: str | None, dataset: str | None, community: str | None = None
) -> "dlt.Pipeline":
    """The pipeline for a command that only reads: it waits shortly, and leaves no empty file.

    Raises:
        FileHeld: another process, such as a load, has the DuckDB file open; says which, and where
            the reports were last published.
    """
    from ..warehouse.warehouse import open_pipeline

    try:
        return open_pipeline(destination, dataset, read_only=True, community=community)
    except FileHeld as held:
        from ..reports.publish import published_file

        for one in dict.fromkeys((community, None)):
            published = published_file(open_pipeline(destination, dataset, community=one))
            if published.exists():
                raise FileHeld(
                    f"{held}; the reports as last published are in {published}"
                ) from None
        raise


def day(text: str) -> date:
    """A day, written as 2026-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-31") from None


def age(text: str) -> timedelta:
    """An age, written as 26h, 90m or 2d."""
    try:
        return timedelta(**{_UNITS[text[-1:]]: float(text[:-1])})
    except (KeyError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write it as 26h") from None
