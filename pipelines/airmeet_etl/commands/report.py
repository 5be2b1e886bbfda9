"""`airmeet report`: the dashboard as one HTML file that can be mailed."""

import argparse

from .arguments import require_dashboard
from .demo_warehouse import show_the_demo_where_nothing_is_loaded

HELP = "write the dashboard as one HTML file that can be mailed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    from airmeet_dashboard.arguments import add_report_arguments

    add_report_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Write the file; the exit code is returned.

    Raises:
        CommandError: its packages are not installed, there is nothing to report, or the file cannot
            be written.
    """
    require_dashboard()
    from airmeet_dashboard.__main__ import run_report

    show_the_demo_where_nothing_is_loaded(args.destination, args.dataset)
    return run_report(args)
