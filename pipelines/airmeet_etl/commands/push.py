"""`airmeet push`: writes the rows of a file or a query to Airmeet."""

import argparse

from .arguments import add_apply
from .communities import push_run
from .confirmation import add_yes, confirms

HELP = "write rows to Airmeet: a dry run, unless --apply is given"
KINDS = """\
KIND is one of
  attendees          let people in, with answers to custom registration fields
  revocations        take people's access
  airmeets           create airmeets (create-event: one with its speakers and sessions)
  speakers           add speakers
  sessions           create sessions
  status_changes     start and end airmeets; on Airmeet's gateway pause and archive them, too
  users              register people (deprecated by Airmeet: attendees does the same)
and on Airmeet's gateway (region global, eu or us)
  blocks             put attendees out of an airmeet; asks
  unblocks           take a block back
  session_deletions  delete sessions; asks
  booths             create booths
  duplications       make airmeets with the content of one that there is

docs/push.md has the columns of each, and an example.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = KINDS
    add = parser.add_argument
    add("kind", metavar="KIND", help="what is written; the kinds are listed below")
    add("file", metavar="FILE.csv", nargs="?", help="rows, with a header")
    add("--sql", metavar="QUERY", help="rows of a query on the warehouse instead")
    add("--airmeet", metavar="ID", default="", help="of rows without a column airmeet_id")
    add(
        "--send-invites",
        action="store_true",
        help="Airmeet mails an invitation to each attendee that is written, unless the row's "
        "send_email_invite says otherwise (no mail)",
    )
    add_apply(parser)
    add_yes(parser)


def run(args: argparse.Namespace) -> int:
    """Push; the exit code is returned."""
    from ..push.run import PushRequest, push_rows

    wanted = PushRequest(args.kind, args.file, args.sql, args.airmeet, args.send_invites)
    with push_run(args) as how:
        return push_rows(how, wanted, confirms(args))
