"""`airmeet push`: writes the rows of a file or a query to Airmeet."""

import argparse

from .arguments import add_apply
from .communities import push_run

HELP = "write rows to Airmeet: a dry run, unless --apply is given"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add = parser.add_argument
    add(
        "kind",
        metavar="KIND",
        help="attendees, revocations, airmeets, speakers, sessions, status_changes; or users "
        "(deprecated by Airmeet)",
    )
    add("file", metavar="FILE.csv", nargs="?", help="rows, with a header")
    add("--sql", metavar="QUERY", help="rows of a query on the warehouse instead")
    add("--airmeet", metavar="ID", default="", help="of rows without a column airmeet_id")
    add_apply(parser)


def run(args: argparse.Namespace) -> int:
    """Push; the exit code is returned."""
    from ..push.run import push_rows

    with push_run(args) as how:
        return push_rows(how, args.kind, args.file, args.sql, args.airmeet)
