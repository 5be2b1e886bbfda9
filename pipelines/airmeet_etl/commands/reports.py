"""`airmeet reports`: builds the reports from what is loaded, checks and publishes them."""

import argparse
from typing import TYPE_CHECKING

from ..exit_codes import AfterCommit, Exit, print_notice
from .arguments import add_destination
from .communities import chosen, combine_and_publish, in_turn, of_community

if TYPE_CHECKING:
    import dlt

HELP = "build the reports from what is loaded"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--full", action="store_true", help="build and check all anew, not what changed alone"
    )


def run(args: argparse.Namespace) -> int:
    """Build, check, publish and show; the exit code is returned."""
    after = AfterCommit()
    built: dict[str, dlt.Pipeline] = {}

    def build_one(name: str | None) -> int:
        with of_community(name):
            pipeline, is_right = _build(args, name, after)
        if name:
            built[name] = pipeline
        return Exit.DONE if is_right else Exit.PARTLY

    code = in_turn(chosen(args), build_one, after)
    if built:
        combine_and_publish(args, built, after)
    return Exit.PARTLY if after.failures and code == Exit.DONE else code


def _build(
    args: argparse.Namespace, community: str | None, after: AfterCommit
) -> "tuple[dlt.Pipeline, bool]":
    """Build, check and show the reports of one community, or of the single key pair; returns its
    pipeline, and whether no check failed."""
    from .. import terminal
    from ..reports.build import build
    from ..reports.checks import check_build, failed_checks
    from ..reports.publish import is_published_by_runs, publish_after_load
    from ..warehouse.connection import hold_connection
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.lock import single_run_lock
    from ..warehouse.person_column import fill_person_column
    from ..warehouse.warehouse import open_pipeline, require_loaded

    pipeline = open_pipeline(args.destination, args.dataset, community=community)
    with single_run_lock(pipeline):
        lock = DestinationLock(pipeline, "reports", print_notice)
        with lock.held():
            require_loaded(pipeline)
            with hold_connection(pipeline, print_notice):
                fill_person_column(pipeline)
                built = build(pipeline, args.full, compare=True)
                # Whoever asks by hand wants to know all.
                found = check_build(pipeline, full=True, plan=built.plan)
                if is_published_by_runs(pipeline):
                    with after.step("the reports could not be published"):
                        publish_after_load(pipeline)
    terminal.show_reports(built, pipeline)
    terminal.show_checks(found)
    return pipeline, not failed_checks(found)
