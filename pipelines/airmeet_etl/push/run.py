"""The whole of `airmeet push` and `create-event`: read, check, write or only show, and sum up."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
from airmeet.settings import Layout, Settings
from airmeet.write.declaration import INVITES, Write
from airmeet.write.journal import SETTLED, Push
from airmeet.write.operations import on_the_gateway, write_of
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
        layout: of the region that is written to.
        destination: the dlt destination's name; DuckDB without one.
        dataset: the raw dataset's name.
        apply: write; otherwise only show what would be written.
        skip_invalid: leave out invalid rows; otherwise one invalid row stops the whole push.
        community: of several communities the one to write to.
    """

    settings: Callable[[], Settings]
    layout: Layout
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


@dataclass(frozen=True)
class PushRequest:
    """What to push.

    Attributes:
        kind: a table of `GATEWAY_WRITES`.
        file: a CSV file, or None if there is a query.
        sql: a query on the warehouse, or None if there is a file.
        airmeet_id: the airmeet of rows that name none; "" if each row names its own.
        send_invites: whether Airmeet is to mail those whose row does not say so.
    """

    kind: str
    file: str | None
    sql: str | None
    airmeet_id: str = ""
    send_invites: bool = False


def push_rows(
    run: PushRun, wanted: PushRequest, confirm: Callable[[str], None] | None = None
) -> int:
    """Push a file's or a query's rows; the exit code is returned.

    Args:
        run: how the push runs.
        wanted: what is pushed.
        confirm: asks before something is sent that is not to be undone, and raises where the
            answer is not yes; without it nobody is asked.

    Raises:
        CommandError: nothing was sent; the message says why.
    """
    write = write_of(wanted.kind, run.layout)
    if (wanted.file is None) == (wanted.sql is None):
        raise CommandError("give either a CSV file or --sql with a query", Exit.USAGE)
    if wanted.airmeet_id and not write.per_airmeet:
        raise CommandError(f"{write.table} are created; they take no --airmeet", Exit.USAGE)
    if wanted.send_invites:
        _require_invites(write)
    pipeline = run.pipeline()
    if wanted.file is not None:
        columns, lines = read_csv(Path(wanted.file), write)
    else:
        columns, lines = read_sql(pipeline, str(wanted.sql), write)
    check_columns(write, columns)
    require_columns(write, columns, wanted.airmeet_id)
    if write.deprecated:
        print_error(write.warning)
    if wanted.send_invites:
        lines = [(number, _inviting(row)) for number, row in lines]
    place = "row" if wanted.file is None else "line"
    if run.apply and confirm and (write.confirmed or INVITES in columns or wanted.send_invites):
        # While somebody thinks, a load may run.
        shown = _push(pipeline, replace(run, apply=False), write, lines, wanted.airmeet_id, place)
        if question := _question(shown):
            confirm(question)
    with single_run_lock(pipeline) if run.apply else nullcontext():
        pushed = _push(pipeline, run, write, lines, wanted.airmeet_id, place)
    return _close([pushed], run.apply, pipeline)


def _inviting(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row, that asks for an invitation unless it says otherwise."""
    said = row.get(INVITES)
    return {**row, INVITES: True} if said is None or not str(said).strip() else row


def _require_invites(write: Write) -> None:
    """Refuse `--send-invites` where Airmeet sends none.

    Raises:
        CommandError: says who is mailed.
    """
    if INVITES not in (field.column for field in write.fields):
        why = on_the_gateway() if write.table == "attendees" else "it is for attendees"
        raise CommandError(f"{write.table} take no --send-invites: {why}", Exit.USAGE)


def _question(shown: Pushed) -> str:
    """What somebody is asked before this is sent; "" where nothing needs to be asked."""
    rows = shown.to_send
    if rows and shown.write.confirmed:
        return f"{shown.write.does.capitalize()} what is listed above ({rows:,})?"
    if shown.invites:
        return f"Write {rows:,} {shown.write.table}, and mail {_invitations(shown.invites)}?"
    return ""


def _invitations(count: int) -> str:
    return "1 invitation" if count == 1 else f"{count:,} invitations"


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
        write = write_of(table, run.layout)
        for _, values in lines:
            check_columns(write, values)
        _, wrong = checked(write, lines, NEW)
        if not run.skip_invalid:  # otherwise each is shown when its table is written
            _show_problems(write, wrong, "entry")
        problems += len({problem.line for problem in wrong})
    if problems and not run.skip_invalid:
        raise CommandError(_refusal(problems, "entry"))
    pipeline = run.pipeline()
    done: list[Pushed] = []
    with single_run_lock(pipeline) if run.apply else nullcontext():
        airmeet_id = ""
        for table, lines in parts:
            if lines:
                write = write_of(table, run.layout)
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


def _show_invites(pushed: Pushed, applied: bool) -> None:
    """Say how many are mailed by Airmeet, or would be."""
    if applied and pushed.invites:
        print(f"Airmeet was asked to mail {_invitations(pushed.invites)}")
    elif not applied:
        mails = _invitations(pushed.invites) if pushed.invites else "no invitations"
        print(f"Airmeet would mail {mails} ({INVITES} or --send-invites asks for them)")


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
        if INVITES in (field.column for field in pushed.write.fields):
            _show_invites(pushed, applied)
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
