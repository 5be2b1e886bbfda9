"""`airmeet push` and `airmeet create-event`: what is to be written, said row by row, or done."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import dlt
from airmeet.settings import Settings
from airmeet.write.journal import SETTLED, Push
from airmeet.write.operations import Write, write_of
from airmeet.write.pusher import Step
from airmeet.write.validation import CheckedRow, Problem, check_columns, checked, require_columns

from ..exit_codes import CommandError, Exit
from ..push.push import NEW, Lines, Options, Pushed, push
from ..push.rows import read_csv, read_event, read_sql
from ..warehouse.warehouse import location, open_pipeline, single_run_lock


def run_push(args: argparse.Namespace, settings: Callable[[], Settings]) -> int:
    """Push a file's or a query's rows; the exit code is returned."""
    write = write_of(args.kind)
    if (args.file is None) == (args.sql is None):
        raise CommandError("give either a CSV file or --sql with a query", Exit.USAGE)
    if args.airmeet and not write.per_airmeet:
        raise CommandError(f"{write.table} are created; they take no --airmeet", Exit.USAGE)
    pipeline = open_pipeline(args.destination, args.dataset)
    if args.file is not None:
        columns, lines = read_csv(Path(args.file), write)
    else:
        columns, lines = read_sql(pipeline, args.sql, write)
    check_columns(write, columns)
    require_columns(write, columns, args.airmeet)
    if write.deprecated:
        print(f"airmeet: {write.warning}", file=sys.stderr)
    with single_run_lock(pipeline) if args.apply else nullcontext():
        place = "row" if args.file is None else "line"
        pushed = _push(pipeline, settings(), write, lines, args, args.airmeet, place)
    return _close([pushed], args.apply, pipeline)


def run_create_event(args: argparse.Namespace, settings: Callable[[], Settings]) -> int:
    """Create an airmeet with its speakers and sessions; the exit code is returned."""
    event = read_event(Path(args.file))
    parts: list[tuple[str, Lines]] = [
        ("airmeets", [(1, event.airmeet)]),
        ("speakers", event.speakers),
        ("sessions", event.sessions),
    ]
    problems = 0
    for table, lines in parts:
        for _, values in lines:
            check_columns(write_of(table), values)
        _, wrong = checked(write_of(table), lines, NEW)
        if not args.skip_invalid:  # else each is said when its turn comes
            _show_problems(write_of(table), wrong, "entry")
        problems += len({problem.line for problem in wrong})
    if problems and not args.skip_invalid:
        raise CommandError(_refusal(problems, "entry"))
    pipeline = open_pipeline(args.destination, args.dataset)
    done: list[Pushed] = []
    with single_run_lock(pipeline) if args.apply else nullcontext():
        airmeet_id = ""
        for table, lines in parts:
            if lines:
                write = write_of(table)
                done.append(_push(pipeline, settings(), write, lines, args, airmeet_id, "entry"))
            if table == "airmeets":
                airmeet_id = _id_of(done[-1], args.apply)
                if not airmeet_id:
                    break  # what hangs under it cannot be written
    if args.apply and airmeet_id:
        print(f"the airmeet is {airmeet_id}")
    return _close(done, args.apply, pipeline)


def _id_of(pushed: Pushed, applied: bool) -> str:
    """The id of the airmeet that was created, now or before."""
    ids = [push.result_id for _, push in pushed.ends if push.result_id]
    ids += [step.there for step in pushed.steps if step.there]
    return ids[0] if ids else "" if applied else NEW


def _push(
    pipeline: dlt.Pipeline,
    settings: Settings,
    write: Write,
    lines: Lines,
    args: argparse.Namespace,
    airmeet_id: str,
    place: str,
) -> Pushed:
    def tell(step: Step, push: Push) -> None:
        if push.outcome != "done":
            status = f" ({push.status})" if push.status else ""
            print(
                f"{write.table} {place} {step.row.line}: {push.outcome}{status}: {push.error}",
                file=sys.stderr,
            )

    options = Options(airmeet_id, args.apply, args.skip_invalid, tell)
    pushed = push(pipeline, settings, write, lines, options)
    _show_problems(write, pushed.problems, place)
    if pushed.problems and not args.skip_invalid:
        raise CommandError(_refusal(pushed.skipped, place))
    if not args.apply:
        for step in pushed.steps:
            print(_said(write, step, place))
    return pushed


def _refusal(count: int, place: str) -> str:
    many = {"line": "lines are", "row": "rows are", "entry": "entries are"}[place]
    wrong = f"1 {place} is" if count == 1 else f"{count:,} {many}"
    return (
        f"nothing was sent: {wrong} not in order; "
        "mend what is said above, or leave it out with --skip-invalid"
    )


def _show_problems(write: Write, problems: Sequence[Problem], place: str) -> None:
    for problem in problems:
        print(f"{write.table} {place} {problem.line}: {problem.reason}", file=sys.stderr)


def _named(write: Write, row: CheckedRow) -> str:
    """A row by what names it, times as people read them."""
    times = {field.column for field in write.fields if field.kind == "time"}
    parts = []
    for column in write.key:
        value = row.values[column]
        if column in times:
            value = f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        parts.append(str(value))
    return ", ".join(parts)


def _said(write: Write, step: Step, place: str) -> str:
    """What would be done for a row, on its user's own terminal."""
    at = f" at {step.row.airmeet_id}" if step.row.airmeet_id else ""
    what = f"{place} {step.row.line}: {write.table} {_named(write, step.row)}{at}"
    if step.action == "leave":
        return f"leave      {what} ({step.why})"
    if step.action == "refuse":
        return f"cannot     {what} ({step.why})"
    return f"{write.does:<10} {what}"


def _close(done: Sequence[Pushed], applied: bool, pipeline: dlt.Pipeline) -> int:
    """The closing lines, and the exit code."""
    good = bad = 0
    for pushed in done:
        outcomes = pushed.outcomes
        if applied:
            settled = sum(outcomes[o] for o in SETTLED) + pushed.left
            parts = [f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items())]
        else:
            settled = sum(step.action != "refuse" for step in pushed.steps)
            parts = [f"{settled - pushed.left:,} to write"]
        parts.append(f"{pushed.left:,} left as they are")
        if pushed.skipped:
            parts.append(f"{pushed.skipped:,} left out")
        print(f"{pushed.write.table}: {', '.join(parts)}")
        good += settled
        bad += len(pushed.steps) - settled + pushed.skipped
    if applied:
        where = f"{location(pipeline)}, dataset {pipeline.dataset_name}"
        print(f"what was written is in the table pushes of {where}")
    else:
        print("this was a dry run: nothing was sent; --apply does it")
    if not bad:
        return Exit.DONE
    return Exit.PARTLY if good else Exit.NOTHING
