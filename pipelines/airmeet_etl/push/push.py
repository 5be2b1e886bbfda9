"""A push: check the rows, list what is there already, write the rest, and record every write."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import dlt
from airmeet import token_folder
from airmeet.api.client import Client
from airmeet.settings import Settings
from airmeet.write.declaration import INVITES, Write
from airmeet.write.destination import journal_of
from airmeet.write.journal import Push, pushes, read_pushes
from airmeet.write.pusher import UNDER_WAY, Known, Pusher, Step
from airmeet.write.validation import Problem, checked

from ..exit_codes import print_notice
from ..warehouse.destination_lock import DestinationLock
from ..warehouse.recovery import complete_pending
from ..warehouse.warehouse import file_format, is_loaded
from .rows import Line

NEW = "(new)"
"""Stands for the id of an airmeet that is not created yet: Airmeet has nothing of it to list."""

Lines = Sequence[Line]


@dataclass(frozen=True)
class PushOptions:
    """How to push.

    Attributes:
        airmeet_id: the airmeet of rows that name none; `NEW` for one that is not created yet.
        apply: write; otherwise only find out what would be written.
        skip_invalid: leave out invalid rows; otherwise one invalid row stops the whole push.
        notify: called with each outcome, as it comes.
    """

    airmeet_id: str = ""
    apply: bool = False
    skip_invalid: bool = False
    notify: Callable[[Step, Push], None] = lambda step, push: None


@dataclass
class Pushed:
    """What a push did, or would do.

    Attributes:
        write: the kind of write.
        problems: why rows are invalid.
        steps: what is to be done for each valid row; empty if problems stopped the push.
        ends: each step that was carried out, with its outcome.
    """

    write: Write
    problems: list[Problem] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    ends: list[tuple[Step, Push]] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        """The number of rows by outcome, without rows that needed no write."""
        return Counter(push.outcome for step, push in self.ends if step.action != "leave")

    @property
    def to_send(self) -> int:
        """The number of rows that need a write."""
        return sum(step.action == "send" for step in self.steps)

    @property
    def invites(self) -> int:
        """The number of people whom Airmeet is asked to mail: of an applied push, those written."""
        asked = [step for step in self.steps if step.row.values.get(INVITES)]
        done = {id(step) for step, push in self.ends if push.outcome == "done"}
        return sum(step.action == "send" and (not self.ends or id(step) in done) for step in asked)

    @property
    def left(self) -> int:
        """The number of rows that needed no write."""
        return sum(step.action == "leave" for step in self.steps)

    @property
    def skipped(self) -> int:
        """The number of invalid rows."""
        return len({problem.line for problem in self.problems})


def push(
    pipeline: dlt.Pipeline, settings: Settings, write: Write, lines: Lines, options: PushOptions
) -> Pushed:
    """Check the rows and write them, or find out what would be written.

    With `options.apply` the caller must hold `single_run_lock`.

    Args:
        lines: the rows, each with its number in the user's file or query.

    Raises:
        AirmeetError: no more can be read or sent. What was sent is recorded.
    """
    rows, problems = checked(write, lines, options.airmeet_id)
    pushed = Pushed(write, problems)
    if problems and not options.skip_invalid and not any(row.given for row in rows):
        return pushed
    journal = journal_of(settings)
    with journal.held() if options.apply else nullcontext():
        lock = DestinationLock(pipeline, "push", print_notice)
        if options.apply:
            pipeline.activate()
            with lock.held():
                complete_pending(pipeline, print_notice)
                pipeline.sync_destination()
        loaded = read_pushes(pipeline, write.table) if is_loaded(pipeline) else {}
        known = {**loaded, **journal.read()}
        try:
            asyncio.run(_push(settings, rows, pushed, known, options))
        finally:
            if options.apply and (recorded := journal.read()):
                with lock.held():
                    pipeline.run(
                        pushes(recorded.values()), loader_file_format=file_format(pipeline)
                    )
                journal.clear()
    return pushed


async def _push(
    settings: Settings, rows: list[Any], pushed: Pushed, known: Known, options: PushOptions
) -> None:
    def notify(step: Step, push: Push) -> None:
        pushed.ends.append((step, push))
        options.notify(step, push)

    async with Client(settings, token_folder()) as client:
        pusher = Pusher(client, pushed.write, known, settings.retry_seconds)
        rows, problems = await pusher.with_answers(rows)
        pushed.problems = sorted(pushed.problems + problems)
        if pushed.problems and not options.skip_invalid:
            return
        if options.airmeet_id == NEW:
            pushed.steps = [Step(row, "send") for row in rows]
        else:
            pushed.steps = await pusher.plan(rows)
        if options.apply:
            for former in filter(None, map(pusher.under_way, pushed.steps)):
                print_notice(
                    f"{former.row_key} was asked for at {former.sent_at:%H:%M} UTC without an "
                    "answer, and may be under way: it is looked for before it is asked for again, "
                    f"for {UNDER_WAY.total_seconds() / 60:g} minutes at most"
                )
            await pusher.apply(pushed.steps, journal_of(settings), notify)
