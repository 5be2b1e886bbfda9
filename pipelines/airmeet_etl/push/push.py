"""A push: rows checked, what is there already listed, the rest written, and all of it on record."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import dlt
from airmeet import token_folder
from airmeet.api.client import Client
from airmeet.settings import Settings
from airmeet.write.destination import journal_of
from airmeet.write.journal import Push, pushes, read_pushes
from airmeet.write.operations import Write
from airmeet.write.pusher import Known, Pusher, Step
from airmeet.write.validation import Problem, checked

from ..warehouse.recovery import complete_pending
from ..warehouse.warehouse import file_format

NEW = "(new)"
"""Stands for the id of an airmeet that is still to be created: nothing is there yet."""

Lines = Sequence[tuple[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class Options:
    """How to push.

    Attributes:
        airmeet_id: of rows that name none.
        apply: whether to write, or to say what would be written.
        skip_invalid: whether to leave out rows that are not in order, or to send nothing.
        tell: gets each outcome as it comes.
    """

    airmeet_id: str = ""
    apply: bool = False
    skip_invalid: bool = False
    tell: Callable[[Step, Push], None] = lambda step, push: None


@dataclass
class Pushed:
    """What a push did, or would do.

    Attributes:
        write: what was written.
        problems: rows that are not in order.
        steps: what there was to do for the others; none where nothing was sent for the problems.
        ends: the outcomes.
    """

    write: Write
    problems: list[Problem] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    ends: list[tuple[Step, Push]] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        """How often there was each outcome of what was to be done."""
        return Counter(push.outcome for step, push in self.ends if step.action != "leave")

    @property
    def left(self) -> int:
        """Rows left alone, for nothing was to be done."""
        return sum(step.action == "leave" for step in self.steps)

    @property
    def skipped(self) -> int:
        """Rows left out because they are not in order."""
        return len({problem.line for problem in self.problems})


def push(
    pipeline: dlt.Pipeline, settings: Settings, write: Write, lines: Lines, options: Options
) -> Pushed:
    """Check the rows and write them, or see what would be written.

    The caller holds the working folder (`only_one`) where `options.apply` is set.

    Raises:
        AirmeetError: nothing further can be read or sent. What was sent is on record.
    """
    rows, problems = checked(write, lines, options.airmeet_id)
    pushed = Pushed(write, problems)
    if problems and not options.skip_invalid and not any(row.given for row in rows):
        return pushed
    journal = journal_of(settings)
    with journal.held() if options.apply else nullcontext():
        if options.apply:
            pipeline.activate()
            complete_pending(pipeline)
            pipeline.sync_destination()
        known = {**read_pushes(pipeline, write.table), **journal.read()}
        try:
            asyncio.run(_push(settings, rows, pushed, known, options))
        finally:
            if options.apply and (lines_known := journal.read()):
                pipeline.run(pushes(lines_known.values()), loader_file_format=file_format(pipeline))
                journal.clear()
    return pushed


async def _push(
    settings: Settings, rows: list[Any], pushed: Pushed, known: Known, options: Options
) -> None:
    def tell(step: Step, push: Push) -> None:
        pushed.ends.append((step, push))
        options.tell(step, push)

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
            await pusher.apply(pushed.steps, journal_of(settings), tell)
