"""`airmeet load`: loads what is due, then builds the reports."""

import argparse

from .arguments import add_destination, day

HELP = "load what is due, then build the reports"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    add = parser.add_argument
    add("--only", action="append", metavar="FEED", help="this feed; may be repeated")
    add("--airmeet", action="append", metavar="ID", help="this one; may be repeated")
    add("--since", type=day, metavar="DATE", help="airmeets that start on this day (UTC) or later")
    add(
        "--until", type=day, metavar="DATE", help="airmeets that start on this day (UTC) or earlier"
    )
    add("--full-refresh", action="store_true", help="fetch what is final, too")
    add("--no-wait", action="store_true", help="leave exports not ready pending")
    add("--no-reports", action="store_true", help="load alone")
    add("--summary", metavar="FILE", help="write how the run went, as JSON")
    add("--metrics", metavar="FILE", help="write its figures for Prometheus")
    add("--log-format", choices=("text", "json"), default="text", help="of the progress lines")


def run(args: argparse.Namespace) -> int:
    """Load; the exit code is returned."""
    from ..configuration import read_settings
    from ..load.run import run_load

    return run_load(args, read_settings())
