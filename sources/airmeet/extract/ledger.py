"""`feed_syncs` from the destination, and what a finished unit writes to it.

The ledger lives beside the rows it speaks of, so a new machine with an empty working folder learns
everything from the destination. A line counts only if its load package was completed: a package
that was killed in the middle may have merged the ledger and not yet the rows.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dlt import Pipeline
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..rows import in_utc
from .lifecycle import FeedSync, Ledger

TABLE = "feed_syncs"

_COLUMNS = (
    "airmeet_id",
    "feed",
    "status",
    "airmeet_version",
    "requested_at",
    "rows",
    "expected_rows",
    "pages",
    "ready_at",
    "loaded_at",
    "is_final",
    "error",
)


def read_ledger(pipeline: Pipeline) -> Ledger:
    """All lines of completed packages; empty where nothing was ever loaded.

    Raises:
        Exception: whatever the destination raises when it cannot be opened.
    """
    with pipeline.sql_client() as client:
        syncs = client.make_qualified_table_name(TABLE)
        loads = client.make_qualified_table_name("_dlt_loads")
        names = ", ".join(f"s.{client.escape_column_name(name)}" for name in _COLUMNS)
        query = (
            f"SELECT {names} FROM {syncs} s JOIN {loads} l ON l.load_id = s._dlt_load_id "
            "WHERE l.status = 0"
        )
        try:
            lines: Iterable[Any] = client.execute_sql(query) or ()
        except DatabaseUndefinedRelation:
            return {}
    ledger = {}
    for line in lines:
        sync = FeedSync(**{name: in_utc(value) for name, value in zip(_COLUMNS, line, strict=True)})
        ledger[sync.airmeet_id, sync.feed] = sync
    return ledger


def line_of(sync: FeedSync) -> dict[str, Any]:
    """The line as a row of the table."""
    return asdict(sync)
