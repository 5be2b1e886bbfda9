"""`airmeet load`: a load, its reports, and the messages about how it went."""

import argparse
import signal
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

import dlt
from airmeet.extract.lifecycle import Selection
from airmeet.feeds import feeds_of

from .. import terminal
from ..exit_codes import CommandError, Exit, print_error, to_command_error
from ..warehouse.warehouse import hold_connection, open_pipeline, single_run_lock
from .display import Display
from .load import Outcome, load

if TYPE_CHECKING:
    from airmeet.settings import Settings


def run_load(args: argparse.Namespace, settings: "Settings") -> int:
    """Load, build the reports, tell; the exit code is returned.

    Raises:
        Exception: nothing could be done; whoever wants to know has been told.
    """
    began = monotonic()
    outcome: Outcome | None = None
    try:
        if args.since and args.until and args.since > args.until:
            raise CommandError("--since is later than --until", Exit.USAGE)
        feeds_of(set(args.only or ()))
        pipeline = open_pipeline(args.destination, args.dataset)
        signal.signal(signal.SIGTERM, _interrupt)
        outcome, failed_checks = _load(args, settings, pipeline)
        error = str(to_command_error(outcome.stopped_by)) if outcome.stopped_by else None
    except Exception as failure:
        mend = to_command_error(failure)
        _tell(args, outcome, mend.code, monotonic() - began, str(mend))
        raise
    if error:
        print_error(f"stopped early: {error}", args.log_format)
    code = Exit.PARTLY if outcome.unfinished or error or failed_checks else Exit.DONE
    _tell(args, outcome, code, monotonic() - began, error)
    return code


def _load(
    args: argparse.Namespace, settings: "Settings", pipeline: dlt.Pipeline
) -> tuple[Outcome, dict[str, int]]:
    """A load and its reports: what it did, and the checks that failed."""
    selection = Selection(
        frozenset(args.airmeet) if args.airmeet else None,
        args.since,
        args.until,
        args.full_refresh,
    )
    reports: dict[str, int] = {}
    failed: dict[str, int] = {}
    with (
        single_run_lock(pipeline),
        hold_connection(pipeline) as settle,
        Display(args.log_format) as display,
    ):
        outcome = load(
            pipeline,
            settings,
            args.only or (),
            selection,
            not args.no_wait,
            display.watch,
            display.say,
            settle,
        )
        if not args.no_reports:
            from ..reports.build import are_current, build_reports, check_reports

            if outcome.changed or not are_current(pipeline):
                display.step("building the reports")
                reports = build_reports(pipeline)
                failed = check_reports(pipeline)
            from ..reports.publish import publish_after_load, published_file

            if reports or not published_file(pipeline).exists():
                display.step("publishing the reports")
                publish_after_load(pipeline)
    terminal.show_load(outcome, reports, pipeline)
    terminal.show_failed_checks(failed)
    return outcome, failed


def _tell(
    args: argparse.Namespace,
    outcome: Outcome | None,
    code: int,
    seconds: float,
    error: str | None,
) -> None:
    """Write the summary and the metrics where asked, and post a failure where configured."""
    url: object = dlt.secrets.get("airmeet.webhook_url")
    if not (args.summary or args.metrics or url):
        return
    from . import summary as telling

    summary = telling.summary_of(outcome, code, seconds, error)
    if args.summary:
        telling.write_summary(summary, Path(args.summary))
    if args.metrics:
        telling.write_metrics(summary, Path(args.metrics))
    if url and code != Exit.DONE:
        try:
            telling.post_message(str(url), telling.message_of(summary))
        except CommandError as failure:
            # The load is what counts: its exit code stays.
            print_error(failure, args.log_format)


def _interrupt(signum: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
