"""`airmeet erase`: removes a person from all that is stored, and keeps the person out."""

import argparse

from ..exit_codes import Exit
from .arguments import add_destination

HELP = "remove a person from all that is stored, for good"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--email", metavar="ADDRESS", help="the person; without it, standard input or you are asked"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and no more")


def run(args: argparse.Namespace) -> int:
    """Erase and show what was removed; the exit code is returned."""
    from ..erase.erase import configured_policy, erase, read_address
    from ..terminal import show_erasure
    from ..warehouse.lock import single_run_lock
    from ..warehouse.warehouse import open_pipeline, require_loaded

    address = read_address(args.email)
    policy = configured_policy()
    pipeline = open_pipeline(args.destination, args.dataset)
    with single_run_lock(pipeline):
        require_loaded(pipeline)
        erasure = erase(pipeline, address, policy, args.dry_run)
    show_erasure(erasure, args.dry_run)
    return Exit.DONE
