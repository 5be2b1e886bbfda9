"""Recordings that Airmeet deletes soon, and that nobody has copied."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dlt
from airmeet.extract.lifecycle import RECORDINGS_KEPT
from airmeet.schemas import RECORDING_COPIES
from airmeet.times import in_utc
from dlt.destinations.exceptions import DatabaseUndefinedRelation

_WARNED_AFTER = timedelta(days=45)


@dataclass(frozen=True)
class Uncopied:
    """An airmeet with recordings that were not copied.

    Attributes:
        recordings: how many.
        days_left: until Airmeet deletes them, counted from the airmeet's end.
    """

    airmeet_id: str
    recordings: int
    days_left: int


def read_uncopied(pipeline: dlt.Pipeline, now: datetime) -> list[Uncopied]:
    """Airmeets that ended 45 to 60 days ago and have recordings not copied, the most urgent first;
    none where no recordings were loaded.

    Raises:
        Exception: whatever the destination raises when it cannot be read.
    """
    with pipeline.sql_client() as client:

        def read(table: str, columns: str) -> Iterable[Any]:
            name = client.make_qualified_table_name(table)
            try:
                return client.execute_sql(f"SELECT {columns} FROM {name}") or ()
            except DatabaseUndefinedRelation:
                return ()

        recorded: dict[str, int] = {}
        for (airmeet_id,) in read("session_recordings", "airmeet_id"):
            recorded[airmeet_id] = recorded.get(airmeet_id, 0) + 1
        if not recorded:
            return []
        copied: dict[str, int] = {}
        for airmeet_id, status in read(RECORDING_COPIES.name, "airmeet_id, status"):
            copied[airmeet_id] = copied.get(airmeet_id, 0) + (status != "failed")
        ends = dict(read("airmeets", "airmeet_id, end_time"))
    found = []
    for airmeet_id, count in recorded.items():
        left = count - copied.get(airmeet_id, 0)
        end = in_utc(ends.get(airmeet_id))
        if left > 0 and end is not None and _WARNED_AFTER < now - end < RECORDINGS_KEPT:
            days = math.floor((end + RECORDINGS_KEPT - now) / timedelta(days=1))
            found.append(Uncopied(airmeet_id, left, days))
    return sorted(found, key=lambda one: (one.days_left, one.airmeet_id))
