"""The table `recording_copies`: what was copied to where, and what failed why."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

import dlt
from airmeet.schemas import RECORDING_COPIES
from airmeet.times import in_utc
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..exit_codes import print_notice
from ..warehouse.destination_lock import DestinationLock
from ..warehouse.lock import single_run_lock
from ..warehouse.own_rows import replace_rows
from ..warehouse.recovery import complete_pending
from ..warehouse.warehouse import held_open

COPIED: Literal["copied"] = "copied"

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Copy:
    """A row: what became of a recording."""

    airmeet_id: str
    session_id: str
    number: int
    status: Literal["copied", "failed", "gone"]
    tried_at: datetime
    location: str | None = None
    bytes: int | None = None
    copied_at: datetime | None = None
    error: str | None = None

    @property
    def key(self) -> Key:
        """What names the recording."""
        return self.airmeet_id, self.session_id, self.number


def read_copies(pipeline: dlt.Pipeline) -> dict[Key, Copy]:
    """All rows of the destination; none where nothing was ever copied."""
    names = [field.name for field in fields(Copy)]
    with held_open(pipeline) as is_loaded:
        if not is_loaded:
            return {}
        with pipeline.sql_client() as client:
            columns = ", ".join(client.escape_column_name(name) for name in names)
            table = client.make_qualified_table_name(RECORDING_COPIES.name)
            try:
                lines: Iterable[Any] = client.execute_sql(f"SELECT {columns} FROM {table}") or ()
            except DatabaseUndefinedRelation:
                return {}
    copies = [Copy(**dict(zip(names, map(in_utc, line), strict=True))) for line in lines]
    return {copy.key: copy for copy in copies}


def write_copies(pipeline: dlt.Pipeline, copies: Iterable[Copy]) -> None:
    """Bring rows into the destination, as one writer of it.

    Raises:
        CommandError: a load is running from the same working folder.
    """
    pipeline.activate()
    lock = DestinationLock(pipeline, "recordings", print_notice)
    with single_run_lock(pipeline), lock.held():
        complete_pending(pipeline, print_notice)
        pipeline.sync_destination()
        rows = [{"copy_key": _digest(copy.key), **asdict(copy)} for copy in copies]
        replace_rows(pipeline, RECORDING_COPIES, rows)


def _digest(key: Key) -> str:
    return hashlib.sha256("\n".join(map(str, key)).encode()).hexdigest()[:32]
