"""`python -m airmeet_dashboard`: serves the app, or writes the report."""

import argparse
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path

from airmeet.atomic_file import write_whole
from airmeet_etl.exit_codes import CommandError, Exit, to_command_error
from airmeet_etl.warehouse.warehouse import open_pipeline
from airmeet_etl.warehouse.written_files import note_written


def main(arguments: list[str] | None = None) -> int:
    """Serve the app or write the report, and return the exit code."""
    args = _parser().parse_args(arguments)
    try:
        return _report(args) if args.command == "report" else _serve(args)
    except Exception as error:
        if args.verbose:
            raise
        print(f"dashboard: {_message(error)}", file=sys.stderr)
        return Exit.NOTHING


def _message(error: Exception) -> str:
    from .reading import NoReportsError

    return str(error if isinstance(error, NoReportsError) else to_command_error(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m airmeet_dashboard", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the app")
    serve.add_argument("--host", default="127.0.0.1", help="listen here (this machine alone)")
    serve.add_argument("--port", type=int, default=8765)
    serve.add_argument("--name", metavar="HOST", help="what browsers call this machine")
    serve.add_argument("--headless", action="store_true", help="open no browser")
    report = commands.add_parser("report", help="write one HTML file that can be mailed")
    report.add_argument("--output", type=Path, default=Path("airmeet-report.html"), metavar="FILE")
    report.add_argument("--since", type=date.fromisoformat, metavar="DATE")
    report.add_argument("--until", type=date.fromisoformat, metavar="DATE")
    report.add_argument("--status", action="append", default=[], metavar="STATUS")
    report.add_argument("--airmeet", metavar="ID", help="only this event")
    report.add_argument("--people", action="store_true", help="show people's names")
    for command in (serve, report):
        command.add_argument("--destination", metavar="NAME", help="dlt destination (duckdb)")
        command.add_argument("--dataset", metavar="NAME", help="raw dataset (airmeet)")
        command.add_argument("--community", metavar="NAME", help="of several communities this one")
        command.add_argument(
            "--verbose", action="store_true", help="show the traceback of an error"
        )
    return parser


def _serve(args: argparse.Namespace) -> int:
    from .serving import serve

    with suppress(KeyboardInterrupt):  # that is how it is stopped
        serve(
            args.host,
            args.port,
            args.name,
            args.destination,
            args.dataset,
            args.headless,
            args.community,
        )
    return Exit.DONE


def _report(args: argparse.Namespace) -> int:
    from .reading import EventFilter, open_reports
    from .report import report

    event_filter = EventFilter(args.since, args.until, frozenset(args.status), args.airmeet)
    target = args.destination, args.dataset
    html = report(open_reports(*target, args.community), event_filter, args.people)
    try:
        note_written(open_pipeline(*target, community=args.community), args.output)  # for erasing
        write_whole(args.output, html)
    except OSError as error:
        raise CommandError(f"{args.output} cannot be written: {error.strerror}") from None
    print(
        f"{args.output} ({len(html.encode()) / 1e6:.1f} MB) opens in any browser, without network"
    )
    return Exit.DONE


if __name__ == "__main__":
    sys.exit(main())
