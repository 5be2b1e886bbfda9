"""`airmeet publish`: copies the reports into a file of their own, which BI tools may hold open."""

import argparse

from ..exit_codes import Exit, print_line
from .arguments import add_destination, open_to_read
from .communities import chosen, the_one

HELP = "copy the reports into a file of their own for BI tools"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument("--parquet", action="store_true", help="write Parquet files, too")


def run(args: argparse.Namespace) -> int:
    """Publish, and say where; the exit code is returned."""
    from ..reports.publish import publish
    from ..warehouse.lock import single_run_lock
    from ..warehouse.warehouse import require_loaded

    community = the_one(args)
    pipeline = open_to_read(args.destination, args.dataset, community)
    with single_run_lock(pipeline):
        if community or chosen(args) == (None,):
            require_loaded(pipeline)
        published = publish(pipeline, args.parquet)
    print_line(f"The reports are in {published.file}")
    if published.parquet:
        print_line(f"and as Parquet in {published.parquet}")
    return Exit.DONE
