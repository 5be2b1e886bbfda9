"""`airmeet dashboard`: the reports in the browser."""

import argparse
import os
from pathlib import Path

from ..exit_codes import print_line
from .arguments import require_dashboard

HELP = "show the reports in the browser"

_SETTING = "DESTINATION__DUCKDB__CREDENTIALS"


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

    if args.destination is None and args.dataset is None:
        _show_the_demo_where_nothing_else_is()
    return run_serve(args)


def _show_the_demo_where_nothing_else_is() -> None:
    from ..warehouse.warehouse import open_pipeline, warehouse_file
    from .demo import FILE

    own = warehouse_file(open_pipeline(read_only=True))
    if own is not None and not Path(own).exists() and FILE.exists():
        print_line(f"nothing is loaded in {own}; this is the demo, {FILE}")
        os.environ[_SETTING] = str(FILE.absolute())
