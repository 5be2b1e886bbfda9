"""The whole of `airmeet push` and `create-event`: read, check, write or only show, and sum up."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dlt
from airmeet.settings import Settings
from airmeet.write.journal import SETTLED, Push
from airmeet.write.operations import Write, write_of
from airmeet.write.pusher import Step
from airmeet.write.validation import CheckedRow, Problem, check_columns, checked, require_columns

from ..exit_codes import CommandError, Exit, print_error, print_line
from ..warehouse.lock import single_run_lock
from ..warehouse.warehouse import location, open_pipeline
from .push import NEW, Lines, Pushed, PushOptions, push
from .rows import read_csv, read_event, read_sql


@dataclass(frozen=True)
class PushRun:
    """How a push runs.

    Attributes:
        settings: called once the rows have been read; a file's errors come before a token's.
        destination: the dlt destination's name; DuckDB without one.
        dataset: the raw dataset's name.
        apply: write; otherwise only show what would be written.
        skip_invalid: leave out invalid rows; otherwise one invalid row stops the whole push.
        community: of several communities the one to write to.
    """

    settings: Callable[[], Settings]
    destination: str | None = None
    dataset: str | None = None
    apply: bool = False
    skip_invalid: bool = False
    community: str | None = None

    def pipeline(self) -> dlt.Pipeline:
        """The destination, opened for reading alone by a dry run."""
        return open_pipeline(
            self.destination,
            self.dataset,
            read_only=not self.apply,
            community=self.community,
        )


def push_rows(run: PushRun, kind: str, file: str | None, sql: str | None, airmeet_id: str) -> int:
    """Push a file's or a query's rows; the exit code is returned.

    Args:
        run: how the push runs.
        kind: a table of `WRITES`.
        file: a CSV file, or None if there is a query.
        sql: a query on the warehouse, or None if there is a file.
        airmeet_id: the airmeet of rows that name none; "" if each row names its own.

    Raises:
        CommandError: nothing was sent; the message says why.
    """
    write = write_of(kind)
    if (file is None) == (sql is None):
        raise CommandError("give either a CSV file or --sql with a query", Exit.USAGE)
    if airmeet_id and not write.per_airmeet:
        raise CommandError(f"{write.table} are created; they take no --airmeet", Exit.USAGE)
    pipeline = run.pipeline()
    if file is not None:
        columns, lines = read_csv(Path(file), write)
    else:
        columns, lines = read_sql(pipeline, str(sql), write)
    check_columns(write, columns)
    require_columns(write, columns, airmeet_id)
    if write.deprecated:
        print_error(write.warning)
    with single_run_lock(pipeline) if run.apply else nullcontext():
        place = "row" if file is None else "line"
        pushed = _push(pipeline, run, write, lines, airmeet_id, place)
    return _close([pushed], run.apply, pipeline)


def create_event(run: PushRun, file: str) -> int:
    """Create an airmeet with its speakers and sessions; the exit code is returned.

    Raises:
        CommandError: nothing was sent; the message says why.
    """
    event = read_event(Path(file))
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
        if not run.skip_invalid:  # otherwise each is shown when its table is written
            _show_problems(write_of(table), wrong, "entry")
        problems += len({problem.line for problem in wrong})
    if problems and not run.skip_invalid:
        raise CommandError(_refusal(problems, "entry"))
    pipeline = run.pipeline()
    done: list[Pushed] = []
    with single_run_lock(pipeline) if run.apply else nullcontext():
        airmeet_id = ""
        for table, lines in parts:
            if lines:
                write = write_of(table)
                done.append(_push(pipeline, run, write, lines, airmeet_id, "entry"))
            if table == "airmeets":
                airmeet_id = _id_of(done[-1], run.apply)
                if not airmeet_id:
                    break  # its speakers and sessions cannot be written
    if run.apply and airmeet_id:
        print_line(f"the airmeet is {airmeet_id}")
    return _close(done, run.apply, pipeline)


def _id_of(pushed: Pushed, applied: bool) -> str:
    """The id of the airmeet that this push or an earlier one created."""
    ids = [push.result_id for _, push in pushed.ends if push.result_id]
    ids += [step.there for step in pushed.steps if step.there]
    return ids[0] if ids else "" if applied else NEW


def _push(
    pipeline: dlt.Pipeline,
    run: PushRun,
    write: Write,
    lines: Lines,
    airmeet_id: str,
    place: str,
) -> Pushed:
    def notify(step: Step, push: Push) -> None:
        if push.outcome != "done":
            status = f" ({push.status})" if push.status else ""
            print_line(
                f"{write.table} {place} {step.row.line}: {push.outcome}{status}: {push.error}",
                to_stderr=True,
            )

    options = PushOptions(airmeet_id, run.apply, run.skip_invalid, notify)
    pushed = push(pipeline, run.settings(), write, lines, options)
    _show_problems(write, pushed.problems, place)
    if pushed.problems and not run.skip_invalid:
        raise CommandError(_refusal(pushed.skipped, place))
    if not run.apply:
        for step in pushed.steps:
            print_line(_described(write, step, place))
    return pushed


def _refusal(count: int, place: str) -> str:
    many = {"line": "lines are", "row": "rows are", "entry": "entries are"}[place]
    wrong = f"1 {place} is" if count == 1 else f"{count:,} {many}"
    return (
        f"nothing was sent: {wrong} not in order; "
        "correct what is listed above, or leave it out with --skip-invalid"
    )


def _show_problems(write: Write, problems: Sequence[Problem], place: str) -> None:
    for problem in problems:
        print_line(f"{write.table} {place} {problem.line}: {problem.reason}", to_stderr=True)


def _named(write: Write, row: CheckedRow) -> str:
    """The key of a row, with times as people read them."""
    times = {field.column for field in write.fields if field.kind == "time"}
    parts = []
    for column in write.key:
        value = row.values[column]
        if column in times:
            value = f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        parts.append(str(value))
    return ", ".join(parts)


def _described(write: Write, step: Step, place: str) -> str:
    """A line of the dry run: what would be done for a row. It may name the person."""
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
        print_line(f"what was written is in the table pushes of {where}")
    else:
        print("this was a dry run: nothing was sent; --apply does it")
    if not bad:
        return Exit.DONE
    return Exit.PARTLY if good else Exit.NOTHING
