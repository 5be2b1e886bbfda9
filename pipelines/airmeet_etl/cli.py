"""The command line: thin. Every command imports what it needs when it runs."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NoReturn

from .exit_codes import CommandError, Exit, print_error, to_command_error
from .runtime import configure_dlt, with_rare_collection

if TYPE_CHECKING:
    from airmeet.settings import Settings

    from .inspection.check import Finding

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(Exit.USAGE, f"{self.prog}: {message} ({self.prog} --help shows how)\n")


def program() -> int:
    """The `airmeet` command as a process of its own; the exit code is returned."""
    return with_rare_collection(main)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `airmeet` command; the exit code is returned (see `Exit`)."""
    args = _parser().parse_args(arguments)
    command: Command = args.run
    log_format = getattr(args, "log_format", "text")
    try:
        return command(args)
    except KeyboardInterrupt:
        print_error("stopped; what is loaded is kept, the next run goes on", log_format)
        return Exit.PARTLY
    except Exception as error:
        if args.verbose:
            raise
        mend = to_command_error(error)
        print_error(mend, log_format)
        return mend.code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="airmeet",
        description="Loads Airmeet's event data into DuckDB or any dlt destination.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        command.set_defaults(run=run)
        command.add_argument("--verbose", action="store_true", help="show where an error came from")
        return command

    def where(command: argparse.ArgumentParser) -> None:
        command.add_argument("--destination", metavar="NAME", help="dlt destination (duckdb)")
        command.add_argument("--dataset", metavar="NAME", help="raw dataset (airmeet)")

    where(add("check", _check, "prove keys, hosts and destination with a few requests"))

    load = add("load", _load, "load what is due, then build the reports")
    where(load)
    load.add_argument("--only", action="append", metavar="FEED", help="this feed; may be repeated")
    load.add_argument("--airmeet", action="append", metavar="ID", help="this one; may be repeated")
    load.add_argument(
        "--since", type=_date, metavar="DATE", help="airmeets that start on this day (UTC) or later"
    )
    load.add_argument(
        "--until",
        type=_date,
        metavar="DATE",
        help="airmeets that start on this day (UTC) or earlier",
    )
    load.add_argument("--full-refresh", action="store_true", help="fetch what is final, too")
    load.add_argument("--no-wait", action="store_true", help="leave exports not ready pending")
    load.add_argument("--no-reports", action="store_true", help="load alone")
    load.add_argument("--summary", metavar="FILE", help="write how the run went, as JSON")
    load.add_argument("--metrics", metavar="FILE", help="write its figures for Prometheus")
    load.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="of the progress lines"
    )

    where(add("reports", _reports, "build the reports from what is loaded"))
    publish = add("publish", _publish, "copy the reports into a file of their own for BI tools")
    where(publish)
    publish.add_argument("--parquet", action="store_true", help="write Parquet files, too")
    status = add("status", _status, "show what is loaded, pending, failed and final, and how fresh")
    where(status)
    status.add_argument(
        "--max-age", type=_duration, metavar="AGE", help="fail when it is older: 26h, 90m, 2d"
    )
    explain = add("explain", _explain, "show the rows and rules behind one airmeet's figures")
    where(explain)
    explain.add_argument("airmeet_id", metavar="AIRMEET_ID")

    def writes(command: argparse.ArgumentParser) -> None:
        where(command)
        command.add_argument("--apply", action="store_true", help="write; else it is a dry run")
        command.add_argument(
            "--skip-invalid", action="store_true", help="leave out rows that are not in order"
        )

    push = add("push", _push, "write rows to Airmeet: a dry run, unless --apply is given")
    push.add_argument(
        "kind",
        metavar="KIND",
        help="attendees, revocations, airmeets, speakers, sessions, status_changes; or users "
        "(deprecated by Airmeet)",
    )
    push.add_argument("file", metavar="FILE.csv", nargs="?", help="rows, with a header")
    push.add_argument("--sql", metavar="QUERY", help="rows of a query on the warehouse instead")
    push.add_argument(
        "--airmeet", metavar="ID", default="", help="of rows without a column airmeet_id"
    )
    writes(push)
    event = add("create-event", _create_event, "create an airmeet with its speakers and sessions")
    event.add_argument("file", metavar="FILE.toml", help="the event")
    writes(event)
    erase = add("erase", _erase, "remove a person from all that is stored, for good")
    where(erase)
    erase.add_argument(
        "--email", metavar="ADDRESS", help="whom; without it, standard input or you are asked"
    )
    erase.add_argument("--dry-run", action="store_true", help="say what would go, and no more")
    add("init", _init, "ask for the keys, prove them, and keep them in .dlt/secrets.toml")

    from airmeet_simulator.command import add_arguments

    add_arguments(add("simulate", _simulate, "serve a simulated Airmeet"))
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-31") from None


def _duration(text: str) -> timedelta:
    try:
        return timedelta(**{_UNITS[text[-1:]]: float(text[:-1])})
    except (KeyError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write it as 26h") from None


def _settings() -> "Settings":
    """The settings, from dlt's configuration.

    Raises:
        CommandError: one is missing or has no meaning.
    """
    from airmeet.settings import Settings
    from dlt.common.configuration import resolve_configuration
    from dlt.common.configuration.exceptions import (
        ConfigFieldMissingException,
        ConfigValueCannotBeCoercedException,
    )

    try:
        settings = resolve_configuration(Settings(), sections=("sources", "airmeet"))
    except ConfigFieldMissingException as missing:
        names = " and ".join(missing.traces)
        variables = " and ".join(f"SOURCES__AIRMEET__{name.upper()}" for name in missing.traces)
        raise CommandError(
            f"no {names}: set {variables}, or copy .dlt/example.secrets.toml to "
            ".dlt/secrets.toml and fill it in"
        ) from None
    except ConfigValueCannotBeCoercedException as wrong:
        raise CommandError(
            f"the setting {wrong.field_name} is no {getattr(wrong.hint, '__name__', wrong.hint)}"
        ) from None
    for name in ("access_key", "secret_key"):
        if not str(getattr(settings, name)).strip():
            raise CommandError(f"{name} is empty: set SOURCES__AIRMEET__{name.upper()}")
    return settings


def _check(args: argparse.Namespace) -> int:
    from .inspection.check import check_api, check_destination
    from .warehouse.warehouse import open_pipeline

    configure_dlt()
    findings = [
        *check_api(_settings()),
        *check_destination(open_pipeline(args.destination, args.dataset)),
    ]
    _print_findings(findings)
    return Exit.DONE if all(finding.ok for finding in findings) else Exit.NOTHING


def _print_findings(findings: "Sequence[Finding]") -> None:
    for finding in findings:
        print(f"{'ok    ' if finding.ok else 'FAILED'}  {finding.what}: {finding.found}")


def _load(args: argparse.Namespace) -> int:
    from .commands.load import run_load

    configure_dlt()
    return run_load(args, _settings())


def _push(args: argparse.Namespace) -> int:
    from .commands.push import run_push

    configure_dlt()
    return run_push(args, _settings)


def _create_event(args: argparse.Namespace) -> int:
    from .commands.push import run_create_event

    configure_dlt()
    return run_create_event(args, _settings)


def _reports(args: argparse.Namespace) -> int:
    from . import terminal
    from .reports.build import build_reports, check_reports
    from .reports.publish import publish_after_load
    from .warehouse.connection import hold_connection
    from .warehouse.lock import single_run_lock
    from .warehouse.warehouse import open_pipeline, require_loaded

    configure_dlt()
    pipeline = open_pipeline(args.destination, args.dataset)
    with single_run_lock(pipeline), hold_connection(pipeline):
        require_loaded(pipeline)
        reports = build_reports(pipeline)
        failed = check_reports(pipeline)
        publish_after_load(pipeline)
    terminal.show_reports(reports, pipeline)
    terminal.show_failed_checks(failed)
    return Exit.PARTLY if failed else Exit.DONE


def _publish(args: argparse.Namespace) -> int:
    from .reports.publish import publish
    from .warehouse.lock import single_run_lock
    from .warehouse.warehouse import open_pipeline

    configure_dlt()
    pipeline = open_pipeline(args.destination, args.dataset)
    with single_run_lock(pipeline):
        published = publish(pipeline, args.parquet)
    print(f"The reports are in {published.file}")
    if published.parquet:
        print(f"and as Parquet in {published.parquet}")
    return Exit.DONE


def _status(args: argparse.Namespace) -> int:
    from . import terminal
    from .inspection.status import is_older, read_status
    from .warehouse.warehouse import open_pipeline

    configure_dlt()
    pipeline = open_pipeline(args.destination, args.dataset)
    status = read_status(pipeline)
    terminal.show_status(status, pipeline)
    if args.max_age is not None and is_older(status, args.max_age):
        raise CommandError(
            f"the last fetch is older than {args.max_age}; is `airmeet load` scheduled?",
            Exit.PARTLY if status.latest else Exit.NOTHING,
        )
    return Exit.DONE


def _explain(args: argparse.Namespace) -> int:
    from . import terminal
    from .inspection.explain import explain
    from .warehouse.warehouse import open_pipeline, require_loaded

    configure_dlt()
    pipeline = open_pipeline(args.destination, args.dataset)
    require_loaded(pipeline)
    terminal.show_explanation(explain(pipeline, args.airmeet_id))
    return Exit.DONE


def _erase(args: argparse.Namespace) -> int:
    from . import terminal
    from .warehouse.erase import configured_guard, erase, read_address
    from .warehouse.lock import single_run_lock
    from .warehouse.warehouse import open_pipeline, require_loaded

    configure_dlt()
    address = read_address(args.email)
    guard = configured_guard()
    pipeline = open_pipeline(args.destination, args.dataset)
    with single_run_lock(pipeline):
        require_loaded(pipeline)
        erasure = erase(pipeline, address, guard, args.dry_run)
    terminal.show_erasure(erasure, args.dry_run)
    return Exit.DONE


def _init(args: argparse.Namespace) -> int:
    import os

    from .commands.init import SECRETS, ask_for_keys, write_secrets

    answers = ask_for_keys()
    # The variables stand over the file: so the check proves what was just typed.
    os.environ.update({f"SOURCES__AIRMEET__{k.upper()}": v for k, v in answers.items()})
    from .inspection.check import check_api

    configure_dlt()
    findings = check_api(_settings())
    _print_findings(findings)
    if not all(finding.ok for finding in findings):
        raise CommandError(f"nothing is written to {SECRETS}")
    write_secrets(answers)
    print(f"The keys are in {SECRETS}, for you alone to read. Next: airmeet load")
    return Exit.DONE


def _simulate(args: argparse.Namespace) -> int:
    from airmeet_simulator.command import run

    return run(args)


if __name__ == "__main__":
    sys.exit(program())
