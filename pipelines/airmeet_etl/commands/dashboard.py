"""`airmeet dashboard`: the reports in the browser."""

import argparse

from .arguments import require_dashboard
from .demo_warehouse import show_the_demo_where_nothing_is_loaded

HELP = "show the reports in the browser"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    from airmeet_dashboard.arguments import add_serve_arguments

    add_serve_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until it is stopped; the exit code is returned.

    Raises:
        CommandError: its packages are not installed, or it cannot listen there.
    """
    require_dashboard()
    from airmeet_dashboard.__main__ import run_serve

    show_the_demo_where_nothing_is_loaded(args.destination, args.dataset)
    return run_serve(args)
