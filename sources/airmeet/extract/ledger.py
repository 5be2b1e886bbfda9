"""`feed_syncs`, the ledger: read from the destination, and written with each result.

It is stored beside the rows that it describes, so a new machine with an empty working folder knows
all of it. A row counts only if its load package was completed: a package
that was killed in the middle may have merged the ledger and not yet the rows.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dlt import Pipeline
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..times import in_utc
from .lifecycle import FeedSync, Ledger

TABLE = "feed_syncs"

_NEEDED = ("airmeet_id", "feed", "status", "airmeet_version", "requested_at")
"""Columns without which a row says nothing."""

_COLUMNS = (
    *_NEEDED,
    "rows",
    "expected_rows",
    "pages",
    "ready_at",
    "loaded_at",
    "is_final",
    "error",
    "api_total",
    "checked_at",
)


def read_ledger(pipeline: Pipeline) -> Ledger:
    """All rows of completed packages; empty where nothing was ever loaded.

    Columns that somebody dropped count as null, and a row that then says nothing as none.

    Raises:
        Exception: whatever the destination raises when it cannot be opened.
    """
    with pipeline.sql_client() as client:
        syncs = client.make_qualified_table_name(TABLE)
        loads = client.make_qualified_table_name("_dlt_loads")
        try:
            with client.execute_query(f"SELECT * FROM {syncs} WHERE 1 = 0") as cursor:
                there = {str(column[0]).lower() for column in cursor.description or ()}
            names = [name for name in _COLUMNS if name in there]
            columns = ", ".join(f"s.{client.escape_column_name(name)}" for name in names)
            if not there.issuperset((*_NEEDED, "_dlt_load_id")):
                return {}
            query = (
                f"SELECT {columns} FROM {syncs} s JOIN {loads} l ON l.load_id = s._dlt_load_id "
                "WHERE l.status = 0"
            )
            rows: Iterable[Any] = client.execute_sql(query) or ()
        except DatabaseUndefinedRelation:
            return {}
    ledger = {}
    for row in rows:
        values = {name: in_utc(value) for name, value in zip(names, row, strict=True)}
        if all(values[name] is not None for name in _NEEDED):
            sync = FeedSync(**{name: value for name, value in values.items() if value is not None})
            ledger[sync.airmeet_id, sync.feed] = sync
    return ledger


def ledger_row(sync: FeedSync) -> dict[str, Any]:
    """The row as dlt takes it."""
    return asdict(sync)
