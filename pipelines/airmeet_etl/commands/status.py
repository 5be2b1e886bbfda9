"""`airmeet status`: what is loaded, pending, failed and final, and how fresh."""

import argparse

from ..exit_codes import AfterCommit, CommandError, Exit, print_line
from .arguments import add_destination, add_json, age, open_to_read
from .communities import chosen, in_turn

HELP = "show what is loaded, pending, failed and final, and how fresh"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--max-age", type=age, metavar="AGE", help="fail when it is older: 26h, 90m, 2d"
    )
    add_json(parser, "status")


def run(args: argparse.Namespace) -> int:
    """Show the state of the destination; the exit code is returned.

    Raises:
        CommandError: the last fetch is older than `--max-age`.
    """
    return in_turn(chosen(args), lambda community: _show(args, community), AfterCommit())


def _show(args: argparse.Namespace, community: str | None) -> int:
    from ..inspection.status import is_older, read_status
    from ..terminal import show_status
    from ..terminal_answers import show_json
    from ..warehouse.warehouse import location

    if community and not args.json:
        print_line(f"community {community}")
    pipeline = open_to_read(args.destination, args.dataset, community)
    status = read_status(pipeline)
    if args.json:
        show_json({"community": community, "location": location(pipeline), **vars(status)})
    else:
        show_status(status, pipeline)
    if args.max_age is not None and is_older(status, args.max_age):
        raise CommandError(
            f"the last fetch is older than {args.max_age}; is `airmeet load` scheduled?",
            Exit.PARTLY if status.latest else Exit.NOTHING,
        )
    return Exit.DONE
