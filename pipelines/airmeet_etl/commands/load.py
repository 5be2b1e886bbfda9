"""`airmeet load`: loads what is due, then builds the reports, and says how it went."""

import argparse
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
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
from .communities import chosen, code_of, combine_and_publish, of_community

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    add(
        "--airmeet",
        action="append",
        metavar="AIRMEET",
        help="this one, by id or name; may be repeated",
    )
    add("--since", type=day, metavar="DATE", help="airmeets that start on this day (UTC) or later")
    add(
        "--until", type=day, metavar="DATE", help="airmeets that start on this day (UTC) or earlier"
    )
    add("--full-refresh", action="store_true", help="fetch what is final, too")
    add("--no-wait", action="store_true", help="leave exports not ready pending")
    add("--no-reports", action="store_true", help="load alone")
    add("--summary", metavar="FILE", help="write how the run went, as JSON")
    add("--metrics", metavar="FILE", help="write its figures for Prometheus")
    add("--log-format", choices=("text", "json"), default="text", help="of all lines")


@dataclass
class _Run:
    """How the load of one community went, or of the single key pair.

    Attributes:
        community: its name; None where there is a single key pair.
        after: what failed once rows were committed.
        result: what the load did.
        found: what the checks found.
        pipeline: where to; None while that is not known.
        failure: why nothing could be done.
        seconds: how long it took.
    """

    community: str | None
    after: AfterCommit
    result: "LoadResult"
    found: "CheckResults" = field(default_factory=dict)
    pipeline: "dlt.Pipeline | None" = None
    failure: BaseException | None = None
    seconds: float = 0.0

    @property
    def error(self) -> str | None:
        """Why it ended early."""
        cause = self.failure or self.result.stopped_by
        stop = cause and interruption_in(cause)
        return (STOPPED if stop else str(to_command_error(cause))) if cause else None

    @property
    def code(self) -> int:
        """The exit code that is its own."""
        from ..reports.checks import failed_checks

        if self.failure:
            stop = interruption_in(self.failure)
            if isinstance(stop, Stopped):
                return stop.code
            return Exit.INTERRUPTED if stop else to_command_error(self.failure).code
        result = self.result
        partly = result.unfinished or result.inbox_fault or self.error or failed_checks(self.found)
        return Exit.PARTLY if partly or self.after.failures else Exit.DONE


def run(args: argparse.Namespace) -> int:
    """Load, build the reports, notify; the exit code is returned.

    Several communities are loaded one after the other; one that fails does not stop the others.

    Raises:
        Exception: nothing could be done; summary, metrics and webhook have it.
        KeyboardInterrupt: it was stopped; summary and metrics have it.
    """
    from ..communities import say_doubtful
    from ..load.result import LoadResult

    names = chosen(args)
    say_doubtful(args.log_format)
    began, overall = monotonic(), AfterCommit(args.log_format)
    runs: list[_Run] = []
    for name in names:
        runs.append(_Run(name, AfterCommit(args.log_format), LoadResult()))
        _run_one(args, runs[-1])
        if runs[-1].failure and (name is None or interruption_in(runs[-1].failure)):
            break
    alone = runs[-1].failure if names == (None,) or runs[-1].code > Exit.PARTLY else None
    if names != (None,) and not alone:
        _combine(args, runs, overall)
    codes = [run.code for run in runs]
    if unlisted := _listed_nowhere(runs):
        overall.note(f"no airmeet {', '.join(unlisted)} is listed in any of the communities")
        codes.append(Exit.PARTLY if len(unlisted) < len({*args.airmeet}) else Exit.USAGE)
    elif overall.failures:
        codes.append(Exit.PARTLY)
    code = runs[-1].code if alone else code_of(codes)
    args.rows = sum(sum(run.result.rows.values()) for run in runs)
    after = _notify(args, runs, code, monotonic() - began, overall)
    if alone:
        raise alone
    return Exit.PARTLY if after.failures and code == Exit.DONE else code


def _listed_nowhere(runs: list[_Run]) -> list[str]:
    """The airmeets that were asked for, and that no community lists; those of one that failed may
    be anyone's."""
    lists = [run.result.unlisted for run in runs]
    known = all(run.failure is None for run in runs)
    return sorted(frozenset.intersection(*lists)) if known else []


def _run_one(args: argparse.Namespace, run: _Run) -> None:
    """Load one community; says what failed, and raises nothing."""
    from airmeet.feeds import feeds_of

    from ..configuration import resolved_settings
    from ..warehouse.warehouse import open_pipeline

    began = monotonic()
    try:
        with of_community(run.community, with_keys=True):
            if args.since and args.until and args.since > args.until:
                raise CommandError("--since is later than --until", Exit.USAGE)
            feeds_of(set(args.only or ()))
            settings = resolved_settings()
            run.pipeline = open_pipeline(args.destination, args.dataset, community=run.community)
            _load(args, settings, run.pipeline, run)
    except (Exception, KeyboardInterrupt) as failure:
        run.failure = failure
        if run.community and not interruption_in(failure):
            print_error(f"community {run.community}: {run.error}", args.log_format)
    else:
        if run.error:
            print_error(f"stopped early: {run.error}", args.log_format)
    run.seconds = monotonic() - began


def _combine(args: argparse.Namespace, runs: list[_Run], overall: AfterCommit) -> None:
    """Bring up the reports over all communities, and publish them."""
    loaded = {
        run.community: run.pipeline
        for run in runs
        if run.community and run.pipeline and not run.failure
    }
    if loaded and not args.no_reports:
        combine_and_publish(args, loaded, overall)


def _options(
    args: argparse.Namespace, settings: "Settings", community: str | None
) -> "LoadOptions":
    """The parsed arguments as options of a load."""
    from airmeet.extract.lifecycle import Selection

    from ..load.options import LoadOptions
    from ..webhooks.inbox import Inbox, inbox_folder

    airmeets = frozenset(args.airmeet) if args.airmeet else None
    selection = Selection(
        airmeets, args.since, args.until, args.full_refresh, of_several=bool(community)
    )
    folder = inbox_folder(settings.webhook_inbox, community)
    inbox = Inbox(folder) if folder else None
    return LoadOptions(frozenset(args.only or ()), selection, not args.no_wait, inbox)


def _load(
    args: argparse.Namespace, settings: "Settings", pipeline: "dlt.Pipeline", run: _Run
) -> None:
    """A load and its reports."""
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
    result, after = run.result, run.after
    with (
        single_run_lock(pipeline),
        Display(args.log_format) as display,
        hold_connection(pipeline, display.line),  # the reports use it, too
        shown_log(display) if args.verbose else nullcontext(),
    ):
        if run.community:
            display.line(f"community {run.community}")
        lock = DestinationLock(pipeline, "load", display.line)

        @contextmanager
        def writing() -> "Iterator[None]":
            noted = noted_load(pipeline, reports_dataset(pipeline), lambda: result.changed)
            with lock.held(), noted:
                yield

        with jemalloc_pool():
            options = _options(args, settings, run.community)
            load(pipeline, settings, options, display, result, writing)
        if not args.no_reports:
            with after.step("the reports could not be built"), lock.held():
                built = _reports(pipeline, run, display)
    with after.step("what was loaded could not be shown"):
        if args.log_format == "json":
            terminal.log_load(result, run.found)
        else:
            terminal.show_load(result, built, pipeline)
            terminal.show_checks(run.found)


def _reports(pipeline: "dlt.Pipeline", run: _Run, display: "Display") -> "Built | None":
    """Build, check and publish the reports as far as that is needed; for whoever holds the
    destination's lock. Returns what was built."""
    from ..warehouse.connection import write_log

    after = run.after
    with ExitStack() as publishing:
        built, published = _built_and_checked(pipeline, run, display, publishing)
        if published:
            with after.step("what was built could not be written into the warehouse's file"):
                write_log(pipeline)
            with after.step("the reports could not be published"):
                published()
    return built


def _built_and_checked(
    pipeline: "dlt.Pipeline", run: _Run, display: "Display", publishing: ExitStack
) -> "tuple[Built | None, Callable[[], object] | None]":
    """Build and check the reports, and begin to publish them, which goes on until `publishing`
    ends. Returns what was built, and what waits for the publication, where there is one."""
    from .. import terminal
    from ..load.repair import make_due
    from ..reports.build import are_current, build, building
    from ..reports.checks import RunningChecks, check_rows, checked_meanwhile
    from ..reports.publish import is_published, is_published_by_runs, published_meanwhile

    built: Built | None = None
    published: Callable[[], object] | None = None
    checks = RunningChecks((), dict)
    after = run.after
    with ExitStack() as stack:
        with after.step("the reports could not be built"):
            if run.result.changed or not are_current(pipeline):
                display.step("building the reports")
                built = stack.enter_context(building(pipeline))
                checks = stack.enter_context(checked_meanwhile(pipeline, plan=built.plan))
            else:  # rows may be gone all the same; the other checks would find what they found
                checks = check_rows(pipeline)
        with after.step("damaged feeds could not be made due again"):
            if due := make_due(pipeline, checks.damaged):
                display.line(terminal.due_again(due))
                if built:  # of what is damaged: they must not call it final
                    checks.results()
                    build(pipeline)
        if is_published_by_runs(pipeline):
            with after.step("the reports could not be published"):
                if built or not is_published(pipeline):
                    display.step("publishing the reports")
                    published = publishing.enter_context(published_meanwhile(pipeline, built))
        with after.step("the reports could not be checked"):
            run.found = checks.results()
    return built, published


def _notify(
    args: argparse.Namespace, runs: list[_Run], code: int, seconds: float, overall: AfterCommit
) -> AfterCommit:
    """Write the summary and the metrics where requested, and post a failure where configured;
    returns what failed of that, and before."""
    import dlt

    from ..load.result import LoadResult

    after = AfterCommit(args.log_format)
    after.failures += (line for run in runs for line in run.after.failures)
    after.failures += overall.failures
    url: object = dlt.secrets.get("airmeet.webhook_url")
    if not (args.summary or args.metrics or url):
        return after
    from ..load import summary as summaries

    def summary_of(some: list[_Run], code: int, seconds: float, lines: list[str]) -> dict[str, Any]:
        reasons = [
            f"community {run.community}: {run.error}" if run.community else run.error
            for run in some
            if run.error
        ]
        why = "; ".join([*reasons, *lines]) or None
        checks = [check.as_json() for run in some for check in run.found.values()]
        result = LoadResult.sum_of(run.result for run in some)
        return summaries.summary_of(result, code, seconds, why, checks)

    def summary() -> dict[str, Any]:
        shown = Exit.PARTLY if code == Exit.DONE and after.failures else code
        found = summary_of(runs, shown, seconds, after.failures)
        if any(run.community for run in runs):
            found["communities"] = {
                run.community: summary_of([run], run.code, run.seconds, run.after.failures)
                for run in runs
            }
        return found

    if args.metrics:
        with after.step("no metrics"):
            summaries.write_metrics(summary(), Path(args.metrics))
    if args.summary:
        with after.step("no summary"):
            summaries.write_summary(summary(), Path(args.summary))
    if url and summary()["exit_code"] in (Exit.NOTHING, Exit.USAGE, Exit.PARTLY):
        with after.step("no message"):
            summaries.post_message(str(url), summaries.message_of(summary()))
    return after
