"""The journal of writes on disk, and the ledger table `pushes` that it becomes.

A line goes to disk before a write is sent and another once its fate is known, so that a push that
was killed knows what it may have done. The lines stay until they are in the destination. No line
holds an entry link, a token or the words of a person; people are named by their address in
`row_key` alone, as in the table.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import dlt
import orjson
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.extract import DltResource
from filelock import FileLock, Timeout

from ..dlt_tables import merged_resource
from ..errors import FatalError
from ..schemas import PUSHES
from ..times import in_utc

PushOutcome = Literal["sending", "done", "refused", "absent", "failed", "unknown"]

SETTLED: frozenset[PushOutcome] = frozenset({"done", "absent"})
"""Outcomes after which nothing is left to do."""


@dataclass(frozen=True)
class Push:
    """A line: what became of one write. The last one of a row counts."""

    kind: str
    airmeet_id: str
    row_key: str
    request: str
    outcome: PushOutcome
    sent_at: datetime
    ended_at: datetime | None = None
    status: int | None = None
    result_id: str | None = None
    error: str | None = None

    @property
    def name(self) -> tuple[str, str, str]:
        """What names the row."""
        return self.kind, self.airmeet_id, self.row_key

    def ended(
        self,
        outcome: PushOutcome,
        at: datetime,
        status: int | None = None,
        result_id: str | None = None,
        error: str | None = None,
    ) -> "Push":
        """The line once the write's fate is known."""
        return replace(
            self, outcome=outcome, ended_at=at, status=status, result_id=result_id, error=error
        )


class Journal:
    """The lines of one account on disk."""

    def __init__(self, folder: Path, api_url: str, access_key: str) -> None:
        name = hashlib.sha256(f"{api_url}\n{access_key}".encode()).hexdigest()
        self.path = folder / f"pushes-{name[:32]}.jsonl"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the journal for one push: two at once would both find that somebody is not there,
        and the first to end would clear lines of the other.

        Raises:
            FatalError: another push holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_suffix(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise FatalError(
                "another push to this account is running; wait until it has ended"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def write(self, push: Push) -> None:
        """Add a line. It outlives this process once this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(self.path, flags, 0o600), "ab") as file:
            # A line of its own, also after one that was cut off.
            file.write(b"\n" + orjson.dumps(asdict(push)) + b"\n")

    def read(self) -> dict[tuple[str, str, str], Push]:
        """The last line of each row; a line that was cut off counts for nothing."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return {}
        pushes = {}
        for line in lines:
            try:
                push = _push(orjson.loads(line))
            except (orjson.JSONDecodeError, TypeError, ValueError):
                continue
            pushes[push.name] = push
        return pushes

    def clear(self) -> None:
        """Remove all lines: they are in the destination."""
        self.path.unlink(missing_ok=True)


def _push(line: Mapping[str, Any]) -> Push:
    times = {k: datetime.fromisoformat(line[k]) for k in ("sent_at", "ended_at") if line.get(k)}
    values: dict[str, Any] = {**line, **times}
    return Push(**values)


@dlt.source(name="airmeet", section="airmeet", max_table_nesting=0)
def pushes(lines: Iterable[Push]) -> Iterable[DltResource]:
    """The table `pushes` of these lines, in the schema of `airmeet_source`."""

    def rows() -> Iterator[list[dict[str, Any]]]:
        last = {push.name: push for push in lines}
        yield [{"push_key": _digest(push), **asdict(push)} for push in last.values()]

    return [merged_resource(PUSHES, rows)]


def _digest(push: Push) -> str:
    return hashlib.sha256("\n".join(push.name).encode()).hexdigest()[:32]


def read_pushes(pipeline: dlt.Pipeline, kind: str) -> dict[tuple[str, str, str], Push]:
    """The lines of a kind in the destination; none where nothing was ever pushed.

    Raises:
        Exception: whatever the destination raises when it cannot be opened.
    """
    names = [field.name for field in fields(Push)]
    with pipeline.sql_client() as client:
        columns = ", ".join(client.escape_column_name(name) for name in names)
        table = client.make_qualified_table_name(PUSHES.name)
        query = f"SELECT {columns} FROM {table} WHERE kind = %s"
        try:
            lines: Iterable[Any] = client.execute_sql(query, kind) or ()
        except DatabaseUndefinedRelation:
            return {}
    found = [Push(**dict(zip(names, map(in_utc, line), strict=True))) for line in lines]
    return {push.name: push for push in found}
