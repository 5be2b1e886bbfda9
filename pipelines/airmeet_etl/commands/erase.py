"""`airmeet erase`: removes a person from all that is stored, and keeps the person out."""

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from ..exit_codes import Exit, print_line, print_notice
from .arguments import add_destination
from .communities import chosen, of_community
from .confirmation import add_yes, is_asked, require_confirmation

if TYPE_CHECKING:
    import dlt

    from ..erase.erase import Erasure

HELP = "remove a person from all that is stored, for good"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    parser.add_argument(
        "--email", metavar="ADDRESS", help="the person; without it, standard input or you are asked"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and no more")
    add_yes(parser)


def run(args: argparse.Namespace) -> int:
    """Erase and show what was removed; the exit code is returned."""
    from ..erase.erase import read_address

    address = read_address(args.email)
    names = chosen(args)
    if args.dry_run or is_asked(args):
        _erase(args, address, names, dry_run=True)
        if args.dry_run:
            return Exit.DONE
        # While somebody thinks, a load may run.
        require_confirmation("Remove this person for good?", "nothing is removed")
        print_notice("what holds the person is made anew, the reports too, and then searched …")
    return _erase(args, address, names, dry_run=False)


def _erase(
    args: argparse.Namespace, address: str, names: tuple[str | None, ...], dry_run: bool
) -> int:
    """Erase from each community, or find only; the exit code is returned."""
    from ..erase.erase import configured_policy, erase
    from ..terminal import show_erasure
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.lock import single_run_lock
    from ..warehouse.warehouse import open_pipeline, require_loaded

    done: dict[str | None, tuple[dlt.Pipeline, Erasure]] = {}
    with ExitStack() as locks:
        for name in names:
            with of_community(name):
                policy = configured_policy()
                pipeline = open_pipeline(args.destination, args.dataset, community=name)
                locks.enter_context(single_run_lock(pipeline))
                locks.enter_context(DestinationLock(pipeline, "erase", print_notice).held())
                require_loaded(pipeline)
                over_all = _over_all(args, name, pipeline) if name else None
                done[name] = pipeline, erase(pipeline, address, policy, dry_run, over_all)
        if not dry_run and names != (None,):
            _search(args, done)
    for name, (_, erasure) in done.items():
        if name:
            print_line(f"community {name}")
        show_erasure(erasure, is_dry=dry_run)
    is_whole = all(erasure.is_whole for _, erasure in done.values())
    return Exit.DONE if is_whole or dry_run else Exit.PARTLY


def _over_all(
    args: argparse.Namespace, name: str, pipeline: "dlt.Pipeline"
) -> list[tuple[str, Callable[[], object]]]:
    """What is made anew of all communities, once one of them no longer has the person."""
    from ..erase.erase import has_reports
    from ..erase.known_files import KnownFiles
    from ..reports.combined import combine
    from ..reports.publish import publish
    from ..reports.queries import settle_days
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.warehouse import open_pipeline

    shared = open_pipeline(args.destination, args.dataset)
    if not has_reports(shared):
        return []
    days = {name: settle_days()}

    def combine_again() -> object:
        with DestinationLock(shared, "erase", print_notice).held():
            return combine(shared, {name: pipeline}, days)

    steps: list[tuple[str, Callable[[], object]]] = [
        ("the reports over all communities", combine_again)
    ]
    files = KnownFiles(shared)
    if parts := files.published_parts:
        parquet = any(part.suffix == ".parquet" for part in parts)
        what = f"the published reports ({files.published})"
        steps.append((what, partial(publish, shared, parquet)))
    steps.append(("what killed runs have left", files.remove_drafts))
    return steps


def _search(
    args: argparse.Namespace, done: "dict[str | None, tuple[dlt.Pipeline, Erasure]]"
) -> None:
    """Look for what is left, once all communities are done; those that were not chosen keep what
    they have of the person."""
    from ..communities import configured_communities
    from ..erase.erase import remove_earlier, search_again
    from ..reports.build import reports_dataset
    from ..warehouse.warehouse import open_pipeline, stored_dataset

    shared = open_pipeline(args.destination, args.dataset)
    others = [name for name in configured_communities() if name not in done]
    kept = {
        stored_dataset(open_pipeline(args.destination, args.dataset, community=o)) for o in others
    }
    keeping = kept | {f"{dataset}_reports" for dataset in kept}
    if others:
        keeping.add(reports_dataset(shared))
    for pipeline, erasure in done.values():
        remove_earlier(shared, erasure)
        search_again(pipeline, erasure, keeping, shared)
