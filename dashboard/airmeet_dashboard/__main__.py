"""`python -m airmeet_dashboard`: serves the app, or writes the report."""

import argparse
import sys
from contextlib import suppress

from airmeet.atomic_file import write_whole
from airmeet_etl.exit_codes import CommandError, Exit, to_command_error
from airmeet_etl.warehouse.warehouse import open_pipeline
from airmeet_etl.warehouse.written_files import note_written

from .arguments import add_report_arguments, add_serve_arguments


def main(arguments: list[str] | None = None) -> int:
    """Serve the app or write the report, and return the exit code."""
    args = _parser().parse_args(arguments)
    try:
        return run_report(args) if args.command == "report" else run_serve(args)
    except Exception as error:
        if args.verbose:
            raise
        print(f"dashboard: {to_command_error(error)}", file=sys.stderr)
        return Exit.NOTHING


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m airmeet_dashboard", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the app")
    add_serve_arguments(serve)
    report = commands.add_parser("report", help="write one HTML file that can be mailed")
    add_report_arguments(report)
    for command in (serve, report):
        command.add_argument(
            "--verbose", action="store_true", help="show the traceback of an error"
        )
    return parser


def run_serve(args: argparse.Namespace) -> int:
    """Serve the app until it is stopped.

    Args:
        args: the options of `add_serve_arguments`.

    Raises:
        CommandError: it cannot listen there.
    """
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


def run_report(args: argparse.Namespace) -> int:
    """Write the report, and say where it is.

    Args:
        args: the options of `add_report_arguments`.

    Raises:
        CommandError: there is nothing to report, or it cannot be written.
    """
    from .reading import EventFilter, NoReportsError, find_event, open_reports
    from .report import report

    target = args.destination, args.dataset
    try:
        reports = open_reports(*target, args.community)
        event = None if args.event is None else find_event(reports, args.event)
        event_filter = EventFilter(args.since, args.until, frozenset(args.status), event)
        html = report(reports, event_filter, args.people)
    except NoReportsError as error:
        raise CommandError(str(error)) from None
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
