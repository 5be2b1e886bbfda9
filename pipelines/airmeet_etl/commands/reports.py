"""`airmeet reports`: builds the reports from what is loaded, checks and publishes them."""

import argparse

from ..exit_codes import AfterCommit, Exit, print_notice
from .arguments import add_destination

HELP = "build the reports from what is loaded"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--full", action="store_true", help="build and check all anew, not what changed alone"
    )


def run(args: argparse.Namespace) -> int:
    """Build, check, publish and show; the exit code is returned."""
    from .. import terminal
    from ..reports.build import build
    from ..reports.checks import check_build, failed_checks
    from ..reports.publish import publish_after_load
    from ..warehouse.connection import hold_connection
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.lock import single_run_lock
    from ..warehouse.person_column import fill_person_column
    from ..warehouse.warehouse import open_pipeline, require_loaded

    pipeline = open_pipeline(args.destination, args.dataset)
    after = AfterCommit()
    with single_run_lock(pipeline):
        lock = DestinationLock(pipeline, "reports", print_notice)
        with lock.held():
            require_loaded(pipeline)
            with hold_connection(pipeline, print_notice):
                fill_person_column(pipeline)
                built = build(pipeline, args.full, compare=True)
                found = check_build(pipeline, full=True)  # whoever asks by hand wants to know
                with after.step("the reports could not be published"):
                    publish_after_load(pipeline)
    terminal.show_reports(built, pipeline)
    terminal.show_checks(found)
    return Exit.PARTLY if failed_checks(found) or after.failures else Exit.DONE
