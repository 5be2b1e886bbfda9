"""`airmeet explain`: the rows and rules behind one airmeet's figures."""

import argparse

from ..exit_codes import Exit
from .arguments import add_destination, open_to_read

HELP = "show the rows and rules behind one airmeet's figures"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument("airmeet_id", metavar="AIRMEET_ID")


def run(args: argparse.Namespace) -> int:
    """Explain; the exit code is returned."""
    from ..inspection.explain import explain
    from ..terminal import show_explanation
    from ..warehouse.warehouse import held_open, require_loaded

    pipeline = open_to_read(args.destination, args.dataset)
    require_loaded(pipeline)
    with held_open(pipeline):
        explanation = explain(pipeline, args.airmeet_id)
    show_explanation(explanation)
    return Exit.DONE
