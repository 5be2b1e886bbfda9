"""`airmeet load`: loads what is due, then builds the reports, and says how it went."""

import argparse
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..exit_codes import (
    STOPPED,
    AfterCommit,
    CommandError,
    Exit,
    Stopped,
    interruption_in,
    print_error,
    to_command_error,
)
from .arguments import add_destination, day

if TYPE_CHECKING:
    from collections.abc import Iterator

    import dlt
    from airmeet.settings import Settings

    from ..load.display import Display
    from ..load.options import LoadOptions
    from ..load.result import LoadResult
    from ..reports.build import Built
    from ..reports.checks import CheckResults

HELP = "load what is due, then build the reports"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_destination(parser)
    add = parser.add_argument
    add("--only", action="append", metavar="FEED", help="this feed; may be repeated")
    add("--airmeet", action="append", metavar="ID", help="this one; may be repeated")
    add("--since", type=day, metavar="DATE", help="airmeets that start on this day (UTC) or later")
    add(
        "--until", type=day, metavar="DATE", help="airmeets that start on this day (UTC) or earlier"
    )
    add("--full-refresh", action="store_true", help="fetch what is final, too")
    add("--no-wait", action="store_true", help="leave exports not ready pending")
    add("--no-reports", action="store_true", help="load alone")
    add("--summary", metavar="FILE", help="write how the run went, as JSON")
    add("--metrics", metavar="FILE", help="write its figures for Prometheus")
    add("--log-format", choices=("text", "json"), default="text", help="of the progress lines")


def run(args: argparse.Namespace) -> int:
    """Load, build the reports, notify; the exit code is returned.

    Raises:
        Exception: nothing could be done; summary, metrics and webhook have it.
        KeyboardInterrupt: it was stopped; summary and metrics have it.
    """
    from airmeet.feeds import feeds_of

    from ..configuration import read_settings
    from ..load.result import LoadResult
    from ..reports.checks import failed_checks
    from ..warehouse.warehouse import open_pipeline

    settings = read_settings(args.log_format)
    began = monotonic()
    result = LoadResult()
    after = AfterCommit(args.log_format)
    found: CheckResults = {}
    try:
        if args.since and args.until and args.since > args.until:
            raise CommandError("--since is later than --until", Exit.USAGE)
        feeds_of(set(args.only or ()))
        pipeline = open_pipeline(args.destination, args.dataset)
        found = _load(args, settings, pipeline, result, after)
        error = str(to_command_error(result.stopped_by)) if result.stopped_by else None
    except (Exception, KeyboardInterrupt) as failure:
        stop = interruption_in(failure)
        mend = CommandError(STOPPED, Exit.INTERRUPTED) if stop else to_command_error(failure)
        code = stop.code if isinstance(stop, Stopped) else mend.code
        _notify(args, result, code, monotonic() - began, str(mend), after, found)
        raise
    if error:
        print_error(f"stopped early: {error}", args.log_format)
    partly = result.unfinished or error or failed_checks(found)
    code = Exit.PARTLY if partly else Exit.DONE
    _notify(args, result, code, monotonic() - began, error, after, found)
    return Exit.PARTLY if after.failures else code


def _options(args: argparse.Namespace) -> "LoadOptions":
    """The parsed arguments as options of a load."""
    from airmeet.extract.lifecycle import Selection

    from ..load.options import LoadOptions

    airmeets = frozenset(args.airmeet) if args.airmeet else None
    selection = Selection(airmeets, args.since, args.until, args.full_refresh)
    return LoadOptions(frozenset(args.only or ()), selection, not args.no_wait)


def _load(
    args: argparse.Namespace,
    settings: "Settings",
    pipeline: "dlt.Pipeline",
    result: "LoadResult",
    after: AfterCommit,
) -> "CheckResults":
    """A load and its reports; what the checks found is returned."""
    from .. import terminal
    from ..load.display import Display, shown_log
    from ..load.load import load
    from ..reports.build import reports_dataset
    from ..reports.rebuild import noted_load
    from ..runtime import jemalloc_pool
    from ..warehouse.connection import hold_connection
    from ..warehouse.destination_lock import DestinationLock
    from ..warehouse.lock import single_run_lock

    built: Built | None = None
    found: CheckResults = {}
    with (
        single_run_lock(pipeline),
        Display(args.log_format) as display,
        hold_connection(pipeline, display.line),  # the reports use it, too
        shown_log(display) if args.verbose else nullcontext(),
    ):
        lock = DestinationLock(pipeline, "load", display.line)

        @contextmanager
        def writing() -> "Iterator[None]":
            noted = noted_load(pipeline, reports_dataset(pipeline), lambda: result.changed)
            with lock.held(), noted:
                yield

        with jemalloc_pool():
            load(pipeline, settings, _options(args), display, result, writing)
        if not args.no_reports:
            with after.step("the reports could not be built"), lock.held():
                built, found = _reports(pipeline, result, display, after)
    with after.step("what was loaded could not be shown"):
        terminal.show_load(result, built, pipeline)
        terminal.show_checks(found)
    return found


def _reports(
    pipeline: "dlt.Pipeline", result: "LoadResult", display: "Display", after: AfterCommit
) -> "tuple[Built | None, CheckResults]":
    """Build, check and publish the reports as far as that is needed; for whoever holds the
    destination's lock. Returns what was built and found."""
    from .. import terminal
    from ..load.repair import make_due
    from ..reports.build import are_current, build
    from ..reports.checks import AS_EXPECTED, check_build, check_reports, damaged_places

    built: Built | None = None
    found: CheckResults = {}
    with after.step("the reports could not be built"):
        if result.changed or not are_current(pipeline):
            display.step("building the reports")
            built = build(pipeline)
            found = check_build(pipeline)
        else:  # rows may be gone all the same; the other checks would find what they found
            found = check_reports(pipeline, {AS_EXPECTED})
    with after.step("damaged feeds could not be made due again"):
        if due := make_due(pipeline, damaged_places(found)):
            display.line(terminal.due_again(due))
    from ..reports.publish import is_published, publish_after_load

    with after.step("the reports could not be published"):
        if built or not is_published(pipeline):
            display.step("publishing the reports")
            publish_after_load(pipeline)
    return built, found


def _notify(
    args: argparse.Namespace,
    result: "LoadResult",
    code: int,
    seconds: float,
    error: str | None,
    after: AfterCommit,
    found: "CheckResults",
) -> None:
    """Write the summary and the metrics where requested, and post a failure where configured."""
    import dlt

    url: object = dlt.secrets.get("airmeet.webhook_url")
    if not (args.summary or args.metrics or url):
        return
    from ..load import summary as summaries

    def summary() -> dict[str, Any]:
        failed = code == Exit.DONE and after.failures
        why = "; ".join([*([error] if error else []), *after.failures]) or None
        checks = [check.as_json() for check in found.values()]
        shown = Exit.PARTLY if failed else code
        return summaries.summary_of(result, shown, seconds, why, checks)

    if args.metrics:
        with after.step("no metrics"):
            summaries.write_metrics(summary(), Path(args.metrics))
    if args.summary:
        with after.step("no summary"):
            summaries.write_summary(summary(), Path(args.summary))
    if url and summary()["exit_code"] in (Exit.NOTHING, Exit.USAGE, Exit.PARTLY):
        with after.step("no message"):
            summaries.post_message(str(url), summaries.message_of(summary()))
