"""`feed_syncs`, the ledger: read from the destination, and written with each result.

It is stored beside the rows that it describes, so a new machine with an empty working folder knows
all of it. A row counts only if its load package was completed: a package
that was killed in the middle may have merged the ledger and not yet the rows.
"""

from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import Any

from dlt import Pipeline
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..times import in_utc
from .lifecycle import FeedSync, Ledger

TABLE = "feed_syncs"

_NEEDED = ("airmeet_id", "feed", "status", "airmeet_version", "requested_at")
"""Columns without which a row says nothing."""

_COLUMNS = tuple(field.name for field in fields(FeedSync))
_TIMES = ("requested_at", "ready_at", "loaded_at", "checked_at")


def read_ledger(pipeline: Pipeline, columns: Collection[str] = _COLUMNS) -> Ledger:
    """All rows of completed packages; empty where nothing was ever loaded.

    Columns that somebody dropped count as null, and a row that then says nothing as none.

    Args:
        pipeline: its destination is read.
        columns: what is needed of the rows beside what names them; the rest counts as null.

    Raises:
        Exception: whatever the destination raises when it cannot be opened.
    """
    with pipeline.sql_client() as client:
        syncs = client.make_qualified_table_name(TABLE)
        loads = client.make_qualified_table_name("_dlt_loads")
        try:
            with client.execute_query(f"SELECT * FROM {syncs} WHERE 1 = 0") as cursor:
                there = {str(column[0]).lower() for column in cursor.description or ()}
            if not there.issuperset((*_NEEDED, "_dlt_load_id")):
                return {}
            names = [*_NEEDED, *(name for name in columns if name in there - {*_NEEDED})]
            selected = ", ".join(f"s.{client.escape_column_name(name)}" for name in names)
            query = (
                f"SELECT {selected} FROM {syncs} s JOIN {loads} l ON l.load_id = s._dlt_load_id "
                "WHERE l.status = 0"
            )
            rows: Iterable[Any] = client.execute_sql(query) or ()
        except DatabaseUndefinedRelation:
            return {}
    ledger, needed, times = {}, {*_NEEDED}, {*_TIMES}
    for row in rows:
        values = {n: value for n, value in zip(names, row, strict=True) if value is not None}
        if values.keys() >= needed:
            for name in times & values.keys():
                values[name] = in_utc(values[name])
            sync = FeedSync(**values)
            ledger[sync.airmeet_id, sync.feed] = sync
    return ledger


def ledger_row(sync: FeedSync) -> dict[str, Any]:
    """The row as dlt takes it."""
    return {**vars(sync)}
