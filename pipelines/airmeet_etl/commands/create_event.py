"""`airmeet create-event`: creates an airmeet with its speakers and sessions."""

import argparse

from .arguments import add_apply
from .communities import of_community, the_one_written_to

HELP = "create an airmeet with its speakers and sessions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", metavar="FILE.toml", help="the event")
    add_apply(parser)


def run(args: argparse.Namespace) -> int:
    """Create; the exit code is returned."""
    from ..configuration import read_settings
    from ..push.run import PushRun, create_event

    community = the_one_written_to(args)
    how = PushRun(
        read_settings,
        args.destination,
        args.dataset,
        args.apply,
        args.skip_invalid,
        community,
    )
    with of_community(community, with_keys=True):
        return create_event(how, args.file)
