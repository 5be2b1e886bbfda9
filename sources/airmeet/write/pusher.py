"""Rows to writes: what is there already is left alone, every write goes through the journal.

A write that must not be repeated and may have succeeded is looked up before it is sent again; so is
one whose push was killed before its fate was known, for everything is looked up first. One that may
still be under way at Airmeet, as a copy of an airmeet may be, is looked for again and again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ..api.client import Client
from ..errors import AirmeetError, FatalError, NotAllowed, Unavailable, UnknownOutcome, one_line
from ..feeds import path_part
from .declaration import Write
from .journal import SETTLED, Journal, Push, PushOutcome
from .operations import for_the_gateway, payload_of
from .remote_state import RemoteState
from .validation import CheckedRow, Problem, with_answers

_TRIES = 3
"""How often a write that must not be repeated is sent, each time after it was looked up."""

UNDER_WAY = timedelta(minutes=10)
"""How long after it was sent a lasting write may still turn up."""
_LOOKS = 20
"""How often it is looked for meanwhile, before it is sent again."""
_FIRST_WAITS = 60
"""Of these is the wait between two looks."""

_OPEN: frozenset[PushOutcome] = frozenset({"sending", "unknown", "failed"})
"""Outcomes that what Airmeet lists may belie: an answer that never came may have been a yes."""

_AIRMEETS = ("airmeets", "duplications")
"""Writes that make an airmeet."""

_NOT_LISTED = (*_AIRMEETS, "status_changes")
"""Writes to what is not listed for ever: what the ledger says of it counts, too."""

_IN_NO_LIST = ("speakers",)
"""Writes to what no list has to hold: Airmeet names speakers where they are participants or have a
session. One whom an earlier push added, and whom it refuses to add again, is there."""

_EXISTS = (400, 409)
"""Statuses with which Airmeet refuses what is there already (§4.2: 400)."""

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
                    gateways = for_the_gateway(self._write, [*row.given])
                    row, reasons = with_answers(row, fields, gateways)
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
        steps = [await self._step(row) for row in rows]
        return _up_to_the_last(steps) if self._write.table == "status_changes" else steps

    async def _step(self, row: CheckedRow) -> Step:
        past = self._known.get((self._write.table, row.airmeet_id, row.key))
        settled = past is not None and past.outcome in SETTLED
        created = ""
        try:
            there = await self.remote.has(self._write, row)
            if self._write.table in _AIRMEETS:
                known = past.result_id if past else None
                created = await self.remote.airmeet_id(row) or known or ""
            elif self._write.table == "status_changes":
                settled = settled and not await self.remote.lists(row.airmeet_id)
        except FatalError:
            raise
        except AirmeetError as fault:
            return Step(row, "refuse", one_line(fault), past, _status(fault))
        if self._write.takes_away:
            # The lists may not know everything that is there: what was never taken away is.
            taken = "revoked" if self._write.table == "revocations" else "deleted"
            leave, why = there and settled, f"{taken} already"
        elif self._write.table in _NOT_LISTED:
            # An archived airmeet is not listed.
            done = "created" if self._write.creates else "done"
            leave, why = there or settled, "there already" if there else f"{done} already"
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
        elif (former := self.under_way(step)) and (turned_up := await self._awaited(row, former)):
            end = turned_up
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

    def under_way(self, step: Step) -> Push | None:
        """The earlier push of a row that Airmeet may still be at work on, if there is one."""
        past = step.past
        if past is None or past.outcome not in _OPEN or step.action != "send":
            return None
        may_come = self._write.lasting and self._clock() - past.sent_at < UNDER_WAY
        return past if may_come else None

    async def _awaited(self, row: CheckedRow, former: Push) -> Push | None:
        """The line of a write that turns up while it may, or cannot be looked for; else None."""
        for _ in range(_LOOKS):
            if self._clock() - former.sent_at >= UNDER_WAY:
                break
            await self._sleep(self._retry_seconds * _FIRST_WAITS)
            self.remote.forget()
            try:
                if await self.remote.has(self._write, row):
                    return await self._found(row, former)
            except FatalError:
                raise
            except AirmeetError as fault:
                words = f"an earlier push asked for it, and looking it up failed: {fault}"
                return former.ended("unknown", self._clock(), error=one_line(words))
        return None

    async def _sent(self, row: CheckedRow, begun: Push) -> Push:
        """Send a row and see what becomes of it."""
        write, layout = self._write, self._client.hosts.layout
        ids = {
            "airmeet_id": path_part(row.airmeet_id),
            **{column: path_part(str(row.values.get(column, ""))) for column in write.key},
        }
        path = write.path_in(layout).format(**ids)
        payload = payload_of(write, layout, row.values, row.answers)
        repeatable = write.may_repeat(row.values)
        for attempt in range(_TRIES):
            try:
                answer = await self._client.send(write.method, path, payload, repeatable)
                status = 204 if write.method == "DELETE" and not answer else 200
                made = _id_in(answer) if write.creates else None
                if made is None and write.table in _AIRMEETS:
                    made = await self._listed_id(row)
                return begun.ended("done", self._clock(), status, made)
            except UnknownOutcome as uncertain:
                self.remote.forget()
                try:
                    if await self.remote.has(write, row):
                        return await self._found(row, begun)
                except AirmeetError as fault:
                    words = f"{uncertain}; and looking it up failed: {fault}"
                    return begun.ended("unknown", self._clock(), error=one_line(words))
                if write.lasting:
                    # Sent again, it may be done twice: the first one may still be under way.
                    return begun.ended("unknown", self._clock(), error=one_line(uncertain))
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
        past = self._known.get(begun.name)
        if (
            self._write.table in _IN_NO_LIST
            and status in _EXISTS
            and past
            and past.outcome == "done"
        ):
            return begun.ended("done", self._clock(), status)
        if self._write.takes_away and status == 404 and await self._is_readable(row):
            outcome = "absent"
        return begun.ended(outcome, self._clock(), status, error=one_line(fault))

    async def _is_readable(self, row: CheckedRow) -> bool:
        """Whether it is not the airmeet itself that is not there."""
        try:
            await self.remote.has(self._write, row)
        except AirmeetError:
            return False
        return True

    async def _found(self, row: CheckedRow, begun: Push | None = None) -> Push:
        """The line of a write that turned out to have succeeded."""
        if begun is None:
            begun = self._known[self._write.table, row.airmeet_id, row.key]
        created = self._write.table in _AIRMEETS
        result = await self.remote.airmeet_id(row) if created else None
        return begun.ended("done", self._clock(), result_id=result)

    async def _listed_id(self, row: CheckedRow) -> str | None:
        """The id of an airmeet that was made a moment ago, where the answer did not give it."""
        self.remote.forget()
        try:
            return await self.remote.airmeet_id(row)
        except AirmeetError:
            return None  # it is done all the same; the next push reads it


def _status(fault: AirmeetError) -> int | None:
    """The API's status where it refused; None where it failed."""
    return fault.status if isinstance(fault, NotAllowed | Unavailable) else None


def _up_to_the_last(steps: Sequence[Step]) -> list[Step]:
    """The changes of status less those that a later one of the same airmeet, done already, has
    overtaken: they would be done for a second time."""
    overtaken: set[str] = set()
    found: list[Step] = []
    for step in reversed(steps):
        if step.action == "send" and step.row.airmeet_id in overtaken:
            step = replace(step, action="leave", why="a later status is set already")
        elif step.action == "leave":
            overtaken.add(step.row.airmeet_id)
        found.append(step)
    return found[::-1]


_ID_NAMES = ("uuid", "uid", "id", "airmeetId", "airmeet_id", "boothId", "booth_id", "sessionId")


def _id_in(answer: Mapping[str, Any]) -> str | None:
    """The id of what was created. Entry links and tokens in the answer are never kept."""
    inner = answer.get("data")
    for place in (answer, inner if isinstance(inner, dict) else {}):
        for name in _ID_NAMES:
            if isinstance(place.get(name), str | int) and not isinstance(place[name], bool):
                return str(place[name])
    return None
