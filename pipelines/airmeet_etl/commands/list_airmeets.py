"""`airmeet list`: the airmeets that are loaded, the newest first."""

import argparse

from ..exit_codes import AfterCommit, Exit, print_line
from .arguments import add_destination, add_json, day, open_to_read
from .communities import chosen, in_turn
from .demo_warehouse import show_the_demo_where_nothing_is_loaded

HELP = "list the airmeets, the newest first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    add = parser.add_argument
    add("--status", action="append", default=[], metavar="STATUS", help="this one; repeatable")
    add("--since", type=day, metavar="DATE", help="those that start on this day (UTC) or later")
    add("--until", type=day, metavar="DATE", help="those that start on this day (UTC) or earlier")
    add_json(parser, "list")


def run(args: argparse.Namespace) -> int:
    """List; the exit code is returned.

    Raises:
        CommandError: there are no reports.
    """
    show_the_demo_where_nothing_is_loaded(args.destination, args.dataset)
    return in_turn(chosen(args), lambda community: _list(args, community), AfterCommit())


def _list(args: argparse.Namespace, community: str | None) -> int:
    from ..inspection.airmeets import narrowed, read_airmeets
    from ..terminal_answers import show_airmeets, show_json
    from ..warehouse.warehouse import require_loaded

    pipeline = open_to_read(args.destination, args.dataset, community)
    require_loaded(pipeline)
    found = narrowed(read_airmeets(pipeline), args.status, args.since, args.until)
    if args.json:
        show_json({"community": community, "airmeets": found})
        return Exit.DONE
    if community:
        print_line(f"community {community}")
    show_airmeets(found)
    return Exit.DONE
