"""What commands share that are for one of several communities, for some or for all of them."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..exit_codes import (
    AfterCommit,
    CommandError,
    Exit,
    interruption_in,
    print_notice,
    to_command_error,
)

if TYPE_CHECKING:
    import dlt

    from ..push.run import PushRun


@contextmanager
def of_community(name: str | None, with_keys: bool = False) -> Iterator[None]:
    """Let the source's settings be those of a community; as they are without one.

    Raises:
        CommandError: it has no keys of its own, and they are needed.
    """
    if name is None:
        yield
        return
    from ..communities import settings_of
    from ..runtime import as_community

    with as_community(settings_of(name, with_keys)):
        yield


def chosen(args: argparse.Namespace) -> tuple[str | None, ...]:
    """The communities that the command is for; `None` alone where there is a single key pair."""
    from ..communities import chosen_communities

    return chosen_communities(args.community) or (None,)


def the_one(args: argparse.Namespace) -> str | None:
    """The community that a command is for which takes at most one; None where it is for what is
    over all of them, or where there is a single key pair.

    Raises:
        CommandError: several are named.
    """
    if len(args.community or ()) > 1:
        raise CommandError("name one community: this command takes no more", Exit.USAGE)
    from ..communities import chosen_communities

    return chosen_communities(args.community)[0] if args.community else None


@contextmanager
def push_run(args: argparse.Namespace) -> "Iterator[PushRun]":
    """How a command writes to Airmeet, with the settings of the community that it writes to.

    Raises:
        CommandError: there are several communities, and the command does not say which.
    """
    from ..configuration import configured_layout, read_settings
    from ..push.run import PushRun

    names = chosen(args)
    if len(names) > 1:
        raise CommandError(
            f"name the community by --community: one of {', '.join(map(str, names))}", Exit.USAGE
        )
    [name] = names
    target = args.destination, args.dataset
    with of_community(name, with_keys=True):
        layout = configured_layout()
        yield PushRun(read_settings, layout, *target, args.apply, args.skip_invalid, name)


def in_turn(
    names: tuple[str | None, ...], act: Callable[[str | None], int], after: AfterCommit
) -> int:
    """Do something for each community; one that fails does not stop the others.

    Returns:
        The exit code: the worst of all, but `PARTLY` where some could be done and others not.

    Raises:
        Exception: there is one alone, and it failed.
    """
    if len(names) == 1:
        return act(names[0])
    codes = []
    for name in names:
        try:
            codes.append(act(name))
        except Exception as failure:
            if interruption_in(failure):
                raise
            after.note(f"community {name}: {to_command_error(failure)}")
            codes.append(to_command_error(failure).code)
    return code_of(codes)


def code_of(codes: list[int]) -> int:
    """The exit code of a run that did the same for several communities."""
    worst = max(codes, default=int(Exit.DONE))
    if Exit.NOTHING in codes and any(code != Exit.NOTHING for code in codes):
        return Exit.PARTLY
    return worst


def combine_and_publish(
    args: argparse.Namespace, loaded: "Mapping[str, dlt.Pipeline]", after: AfterCommit
) -> None:
    """Bring up the reports over all communities, publish and show them, where any was built anew.

    Args:
        args: of the command.
        loaded: the pipelines of the communities that the command had to do with.
        after: gets to know what failed.
    """
    from .. import terminal
    from ..reports.combined import can_combine, combine
    from ..reports.publish import is_published, publish_after_load
    from ..reports.queries import settle_days
    from ..warehouse.connection import hold_connection
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.lock import single_run_lock
    from ..warehouse.warehouse import open_pipeline

    days = {}
    for name in loaded:
        with of_community(name):
            days[name] = settle_days()
    pipeline = open_pipeline(args.destination, args.dataset)
    built = None
    with (
        single_run_lock(pipeline),
        DestinationLock(pipeline, args.command, print_notice).held(),
        hold_connection(pipeline, print_notice),
    ):
        if not can_combine(pipeline):
            print_notice(
                "reports over several communities are built on DuckDB, DuckLake and Postgres; here "
                "each community has its own"
            )
            return
        with after.step("the reports over all communities could not be built"):
            built = combine(pipeline, loaded, days)
        with after.step("the reports could not be published"):
            if built or not is_published(pipeline):
                publish_after_load(pipeline)
    if built:
        terminal.show_reports(built, pipeline)
