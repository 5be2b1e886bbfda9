"""Rows to writes: what is there already is left alone, every write goes through the journal.

A write that must not be repeated and may have succeeded is looked up before it is sent again; so is
one whose push was killed before its fate was known, for everything is looked up first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ..api.client import Client
from ..errors import AirmeetError, FatalError, NotAllowed, Unavailable, UnknownOutcome, one_line
from ..feeds import path_part
from .journal import SETTLED, Journal, Push, PushOutcome
from .operations import Write, payload_of
from .remote_state import RemoteState
from .validation import CheckedRow, Problem, with_answers

_TRIES = 3
"""How often a write that must not be repeated is sent, each time after it was looked up."""

_OPEN: frozenset[PushOutcome] = frozenset({"sending", "unknown", "failed"})
"""Outcomes that what Airmeet lists may belie: an answer that never came may have been a yes."""

Known = Mapping[tuple[str, str, str], Push]
"""What the journal and the destination know of earlier pushes, by row."""


@dataclass(frozen=True)
class Step:
    """What is to be done for a row: sent, left alone for what is there, or refused by the API's
    word on its airmeet. `past` is what an earlier push did, `there` the id of an airmeet that is
    there."""

    row: CheckedRow
    action: Literal["send", "leave", "refuse"]
    why: str = ""
    past: Push | None = None
    status: int | None = None
    there: str = ""


class Pusher:
    """Plans and does the writes of one kind through a client."""

    def __init__(
        self,
        client: Client,
        write: Write,
        known: Known,
        retry_seconds: float = 0.5,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is sent yet.

        Args:
            client: to send through.
            write: what is written.
            known: earlier pushes.
            retry_seconds: the first wait before a write that was looked up is sent again.
            sleep: waits, in seconds.
            clock: the present moment, with zone.
        """
        self._client = client
        self._write = write
        self._known = known
        self._retry_seconds = retry_seconds
        self._sleep = sleep
        self._clock = clock
        self.remote = RemoteState(client)

    async def with_answers(
        self, rows: Iterable[CheckedRow]
    ) -> tuple[list[CheckedRow], list[Problem]]:
        """The rows with their custom fields checked against their airmeets', and what is wrong.

        Raises:
            FatalError: nothing can be read.
        """
        good: list[CheckedRow] = []
        problems: list[Problem] = []
        for row in rows:
            reasons: list[str] = []
            if row.given:
                try:
                    fields = await self.remote.custom_fields(row.airmeet_id)
                    row, reasons = with_answers(row, fields)
                except FatalError:
                    raise
                except AirmeetError as fault:
                    reasons = [f"its airmeet's custom fields cannot be read: {fault}"]
            problems += [Problem(row.line, reason) for reason in reasons]
            if not reasons:
                good.append(row)
        return good, problems

    async def plan(self, rows: Sequence[CheckedRow]) -> list[Step]:
        """What is to be done for each row; only reads.

        Raises:
            FatalError: nothing can be read.
        """
        return [await self._step(row) for row in rows]

    async def _step(self, row: CheckedRow) -> Step:
        past = self._known.get((self._write.table, row.airmeet_id, row.key))
        settled = past is not None and past.outcome in SETTLED
        created = ""
        try:
            there = await self.remote.has(self._write, row)
            if self._write.table == "airmeets":
                known = past.result_id if past else None
                created = await self.remote.airmeet_id(row) or known or ""
        except FatalError:
            raise
        except AirmeetError as fault:
            return Step(row, "refuse", one_line(fault), past, _status(fault))
        if self._write.table == "revocations":
            # The lists may not know everybody who is let in: what was never revoked is.
            leave, why = there and settled, "revoked already"
        elif self._write.table == "airmeets":
            # An archived airmeet is not listed.
            leave, why = there or settled, "there already" if there else "created already"
        else:
            leave, why = there, "there already"
        action: Literal["leave", "send"] = "leave" if leave else "send"
        return Step(row, action, why if leave else "", past, there=created)

    async def apply(
        self, steps: Sequence[Step], journal: Journal, notify: Callable[[Step, Push], None]
    ) -> None:
        """Do the steps; each outcome is in the journal before it is reported.

        Raises:
            FatalError: nothing further can be sent.
        """
        for step in steps:
            if step.action == "leave" and step.past and step.past.outcome in _OPEN:
                found = await self._found(step.row)
                self._end(step, step.past, found, journal, notify)
        jobs = iter([step for step in steps if step.action != "leave"])

        async def work() -> None:
            for step in jobs:
                await self._do(step, journal, notify)

        # What may be repeated may go at once; creations keep their order.
        workers = self._client.concurrency if self._write.repeatable else 1
        if self._write.table == "status_changes":
            workers = 1
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(work())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _do(self, step: Step, journal: Journal, notify: Callable[[Step, Push], None]) -> None:
        row, write = step.row, self._write
        layout = self._client.hosts.layout
        begun = Push(
            write.table, row.airmeet_id, row.key, write.request(layout), "sending", self._clock()
        )
        if step.action == "refuse":
            refused: PushOutcome = "refused" if step.status else "failed"
            end = begun.ended(refused, self._clock(), step.status, error=step.why)
        else:
            journal.write(begun)
            end = await self._sent(row, begun)
        self._end(step, begun, end, journal, notify)

    def _end(
        self,
        step: Step,
        begun: Push,
        end: Push,
        journal: Journal,
        notify: Callable[[Step, Push], None],
    ) -> None:
        journal.write(end)
        notify(step, end)

    async def _sent(self, row: CheckedRow, begun: Push) -> Push:
        """Send a row and see what becomes of it."""
        write, layout = self._write, self._client.hosts.layout
        ids = {
            "airmeet_id": path_part(row.airmeet_id),
            "email": path_part(str(row.values.get("email", ""))),
        }
        path = write.path_in(layout).format(**ids)
        payload = payload_of(write, layout, row.values, row.answers)
        for attempt in range(_TRIES):
            try:
                answer = await self._client.send(write.method, path, payload, write.repeatable)
                status = 204 if write.method == "DELETE" else 200
                return begun.ended("done", self._clock(), status, _result(answer))
            except UnknownOutcome as uncertain:
                self.remote.forget()
                try:
                    if await self.remote.has(write, row):
                        return await self._found(row, begun)
                except AirmeetError as fault:
                    words = f"{uncertain}; and looking it up failed: {fault}"
                    return begun.ended("unknown", self._clock(), error=one_line(words))
                if attempt + 1 == _TRIES:
                    return begun.ended("failed", self._clock(), error=one_line(uncertain))
                await self._sleep(self._retry_seconds * 2.0**attempt)
            except FatalError:
                raise
            except AirmeetError as fault:
                if attempt and await self._is_there_after_all(row):
                    return await self._found(row, begun)
                return await self._refused(row, begun, fault)
        raise AssertionError("the tries end with an outcome")

    async def _is_there_after_all(self, row: CheckedRow) -> bool:
        """Whether an earlier try was done once it had been looked up: a second one is refused."""
        self.remote.forget()
        try:
            return await self.remote.has(self._write, row)
        except AirmeetError:
            return False

    async def _refused(self, row: CheckedRow, begun: Push, fault: AirmeetError) -> Push:
        status = _status(fault)
        outcome: PushOutcome = "refused" if status else "failed"
        if self._write.table == "revocations" and status == 404 and await self._is_readable(row):
            outcome = "absent"
        return begun.ended(outcome, self._clock(), status, error=one_line(fault))

    async def _is_readable(self, row: CheckedRow) -> bool:
        """Whether it is not the airmeet itself that is not there."""
        try:
            await self.remote.people(row.airmeet_id)
        except AirmeetError:
            return False
        return True

    async def _found(self, row: CheckedRow, begun: Push | None = None) -> Push:
        """The line of a write that turned out to have succeeded."""
        if begun is None:
            begun = self._known[self._write.table, row.airmeet_id, row.key]
        created = self._write.table == "airmeets"
        result = await self.remote.airmeet_id(row) if created else None
        return begun.ended("done", self._clock(), result_id=result)


def _status(fault: AirmeetError) -> int | None:
    """The API's status where it refused; None where it failed."""
    return fault.status if isinstance(fault, NotAllowed | Unavailable) else None


def _result(answer: Mapping[str, Any]) -> str | None:
    """The id of what was created. Entry links and tokens in the answer are never kept."""
    created = answer.get("uuid")
    return created if isinstance(created, str) else None
