"""`airmeet erase`: removes a person from all that is stored, and keeps the person out."""

import argparse
import sys

from ..exit_codes import Exit, print_notice
from .arguments import add_destination

HELP = "remove a person from all that is stored, for good"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--email", metavar="ADDRESS", help="the person; without it, standard input or you are asked"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and no more")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask; nobody is asked without a terminal"
    )


def run(args: argparse.Namespace) -> int:
    """Erase and show what was removed; the exit code is returned."""
    from ..erase.erase import configured_policy, erase, read_address, require_confirmation
    from ..terminal import show_erasure
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.lock import single_run_lock
    from ..warehouse.warehouse import open_pipeline, require_loaded

    address = read_address(args.email)
    policy = configured_policy()
    pipeline = open_pipeline(args.destination, args.dataset)
    lock = DestinationLock(pipeline, "erase", print_notice)
    is_asked = sys.stdin.isatty() and not args.yes
    if args.dry_run or is_asked:
        with single_run_lock(pipeline), lock.held():
            require_loaded(pipeline)
            show_erasure(erase(pipeline, address, policy, dry_run=True), is_dry=True)
        if args.dry_run:
            return Exit.DONE
        require_confirmation()  # while somebody thinks, a load may run
    with single_run_lock(pipeline), lock.held():
        require_loaded(pipeline)
        erasure = erase(pipeline, address, policy)
    show_erasure(erasure, is_dry=False)
    return Exit.DONE if erasure.is_whole else Exit.PARTLY
