"""`airmeet load`: loads what is due, then builds the reports, and says how it went."""

import argparse
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from ..exit_codes import CommandError, Exit, print_error, to_command_error
from .arguments import add_destination, day

if TYPE_CHECKING:
    import dlt
    from airmeet.settings import Settings

    from ..load.options import LoadOptions
    from ..load.result import LoadResult

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
    """
    from airmeet.feeds import feeds_of

    from ..configuration import read_settings
    from ..runtime import stop_on_sigterm
    from ..warehouse.warehouse import open_pipeline

    settings = read_settings(args.log_format)
    began = monotonic()
    result: LoadResult | None = None
    try:
        if args.since and args.until and args.since > args.until:
            raise CommandError("--since is later than --until", Exit.USAGE)
        feeds_of(set(args.only or ()))
        pipeline = open_pipeline(args.destination, args.dataset)
        stop_on_sigterm()
        result, failed_checks = _load(args, settings, pipeline)
        error = str(to_command_error(result.stopped_by)) if result.stopped_by else None
    except Exception as failure:
        mend = to_command_error(failure)
        _notify(args, result, mend.code, monotonic() - began, str(mend))
        raise
    if error:
        print_error(f"stopped early: {error}", args.log_format)
    code = Exit.PARTLY if result.unfinished or error or failed_checks else Exit.DONE
    _notify(args, result, code, monotonic() - began, error)
    return code


def _options(args: argparse.Namespace) -> "LoadOptions":
    """The parsed arguments as options of a load."""
    from airmeet.extract.lifecycle import Selection

    from ..load.options import LoadOptions

    airmeets = frozenset(args.airmeet) if args.airmeet else None
    selection = Selection(airmeets, args.since, args.until, args.full_refresh)
    return LoadOptions(frozenset(args.only or ()), selection, not args.no_wait)


def _load(
    args: argparse.Namespace, settings: "Settings", pipeline: "dlt.Pipeline"
) -> "tuple[LoadResult, dict[str, int]]":
    """A load and its reports: what it did, and the checks that failed."""
    from .. import terminal
    from ..load.display import Display, shown_log
    from ..load.load import load
    from ..runtime import jemalloc_pool
    from ..warehouse.connection import hold_connection
    from ..warehouse.lock import single_run_lock

    reports: dict[str, int] = {}
    failed: dict[str, int] = {}
    with (
        single_run_lock(pipeline),
        hold_connection(pipeline),  # the reports use it, too
        Display(args.log_format) as display,
        shown_log(display) if args.verbose else nullcontext(),
    ):
        with jemalloc_pool():
            result = load(pipeline, settings, _options(args), display)
        if not args.no_reports:
            from ..reports.build import are_current, build_reports, check_reports

            if result.changed or not are_current(pipeline):
                display.step("building the reports")
                reports = build_reports(pipeline)
                failed = check_reports(pipeline)
            from ..reports.publish import publish_after_load, published_file

            if reports or not published_file(pipeline).exists():
                display.step("publishing the reports")
                publish_after_load(pipeline)
    terminal.show_load(result, reports, pipeline)
    terminal.show_failed_checks(failed)
    return result, failed


def _notify(
    args: argparse.Namespace,
    result: "LoadResult | None",
    code: int,
    seconds: float,
    error: str | None,
) -> None:
    """Write the summary and the metrics where requested, and post a failure where configured."""
    import dlt

    url: object = dlt.secrets.get("airmeet.webhook_url")
    if not (args.summary or args.metrics or url):
        return
    from ..load import summary as summaries

    summary = summaries.summary_of(result, code, seconds, error)
    if args.summary:
        summaries.write_summary(summary, Path(args.summary))
    if args.metrics:
        summaries.write_metrics(summary, Path(args.metrics))
    if url and code != Exit.DONE:
        try:
            summaries.post_message(str(url), summaries.message_of(summary))
        except CommandError as failure:
            # The load is what counts: its exit code stays.
            print_error(failure, args.log_format)
