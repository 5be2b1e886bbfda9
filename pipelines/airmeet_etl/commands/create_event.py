"""`airmeet create-event`: creates an airmeet with its speakers and sessions."""

import argparse

from .arguments import add_apply
from .communities import push_run

HELP = "create an airmeet with its speakers and sessions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", metavar="FILE.toml", help="the event")
    add_apply(parser)


def run(args: argparse.Namespace) -> int:
    """Create; the exit code is returned."""
    from ..push.run import create_event

    with push_run(args) as how:
        return create_event(how, args.file)
