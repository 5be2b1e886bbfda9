"""Brings up a warehouse of an earlier version, which stored lists as JSON in columns.

The ledger has no rows for the tables of lists there, so a load fetches the feeds that fill them
again, and the old columns become null. What it does not fetch (airmeets that are not listed any
more, or outside of the run's selection) is moved here from the columns to the tables.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import dlt
import orjson
import pyarrow as pa
from airmeet.extract.children import ChildRows
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.extract.lifecycle import FeedSync, Ledger
from airmeet.extract.results import FeedResult
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.feeds import GATEWAY_FEEDS, Feed
from airmeet.resources import table_resources
from airmeet.rows import Row, column_name
from airmeet.schemas import TABLES
from dlt.extract import DltResource

from ..warehouse.statements import update
from ..warehouse.warehouse import file_format

_FEEDS = [GATEWAY_FEEDS[name] for name in ("sessions", "custom_fields", "booths")]
"""The feeds whose lists were columns; the gateway's also list people beside the sessions."""


def move_old_lists(pipeline: dlt.Pipeline, ledger: Ledger) -> int:
    """Move what is left in columns of an earlier version to the tables of lists.

    Run it after a load. Airmeets that the load did not list get ledger rows like those of the
    feed; the others stay due.

    Args:
        pipeline: whose destination it is.
        ledger: as it was before the load.

    Returns:
        How many airmeets had something to move; 0 without a query where there are no such columns.
    """
    moved: set[str] = set()
    for feed in _FEEDS:
        if columns := _old_columns(pipeline, feed):
            moved |= _move(pipeline, feed, columns, ledger)
    return len(moved)


def _old_columns(pipeline: dlt.Pipeline, feed: Feed) -> dict[str, str]:
    """The columns of an earlier version that are there, by the list's key."""
    there = pipeline.default_schema.tables.get(feed.name, {}).get("columns", {})
    names = {child.key: column_name(child.key) for child in feed.lists if not child.beside}
    return {key: name for key, name in names.items() if name in there}


def _move(pipeline: dlt.Pipeline, feed: Feed, columns: dict[str, str], ledger: Ledger) -> set[str]:
    own = TABLES[feed.name].keys[-1]
    holders: defaultdict[str, list[Row]] = defaultdict(list)
    for airmeet_id, id, *lists in _select(
        pipeline, feed.name, ("airmeet_id", own, *columns.values()), _not_null(pipeline, columns)
    ):
        holders[airmeet_id].append({own: id, **dict(zip(columns, map(_read, lists), strict=True))})
    unlisted = _unlisted(pipeline, _without_lists(feed, ledger))
    if not holders and not unlisted:
        return set()
    types = ColumnTypeRegistry.from_schema(pipeline.default_schema)
    beside = _listed_beside(pipeline) if feed.name == "sessions" else {}
    results = []
    for airmeet_id in holders.keys() | unlisted:
        rows = holders.get(airmeet_id, [])
        children = ChildRows(feed, airmeet_id, types)
        children.add_beside(beside.get(airmeet_id, {}))
        children.add(rows, [row[own] for row in rows], range(len(rows)))
        tables = children.tables()
        syncs = _syncs(feed, airmeet_id, tables, ledger) if airmeet_id in unlisted else ()
        results.append(FeedResult(tables, tuple(syncs)))
    names = {child.table for child in feed.lists}
    package = _package(results).with_resources(*names, LEDGER_TABLE)
    pipeline.run(package, loader_file_format=file_format(pipeline))
    with pipeline.sql_client() as client:
        table = client.make_qualified_table_name(feed.name)
        nulls = ", ".join(f"{client.escape_column_name(c)} = NULL" for c in columns.values())
        client.execute_sql(update(client, table, nulls, _not_null(pipeline, columns)))
    return holders.keys() | unlisted


@dlt.source(name="airmeet", section="airmeet", max_table_nesting=0)
def _package(results: list[FeedResult]) -> Iterable[DltResource]:
    """The results, with the tables and the schema of `airmeet_source`."""
    return table_resources(lambda: results, "gateway")


def _syncs(
    feed: Feed, airmeet_id: str, tables: dict[str, pa.Table], ledger: Ledger
) -> Iterator[FeedSync]:
    """Ledger rows of the tables of lists, like the feed's own."""
    if known := ledger.get((airmeet_id, feed.name)):
        for name, rows in tables.items():
            version = f"{known.airmeet_version}{_suffix(name)}"
            yield replace(
                known, feed=name, rows=rows.num_rows, expected_rows=None, airmeet_version=version
            )


def _suffix(table: str) -> str:
    revision = TABLES[table].revision
    return f".{revision}" if revision > 1 else ""


def _without_lists(feed: Feed, ledger: Ledger) -> set[str]:
    """Airmeets of which the feed was fetched, and a table of its lists was not filled."""
    tables = {child.table for child in feed.lists}

    def is_filled(airmeet_id: str, table: str) -> bool:
        sync = ledger.get((airmeet_id, table))
        return sync is not None and sync.airmeet_version.endswith(_suffix(table))

    return {
        airmeet_id
        for airmeet_id, name in ledger
        if name == feed.name and not all(is_filled(airmeet_id, table) for table in tables)
    }


def _unlisted(pipeline: dlt.Pipeline, airmeets: set[str]) -> set[str]:
    """Of these airmeets, the ones that the last load did not list."""
    if not airmeets:
        return set()
    listed = [*_select(pipeline, "airmeets", ("airmeet_id", "last_listed_at"))]
    latest = max((at for _, at in listed if at is not None), default=None)
    return airmeets & {airmeet_id for airmeet_id, at in listed if at != latest}


def _listed_beside(pipeline: dlt.Pipeline) -> dict[str, Row]:
    """People of whole airmeets, as the gateway lists them: an earlier version had only those, and
    speakers, who are in the lists."""
    there = pipeline.default_schema.tables.get("session_people", {}).get("columns", {})
    ours = {column.name for column in TABLES["session_people"].columns if column.derived}
    names = [name for name in there if not name.startswith("_") and name not in ours]
    if not {"airmeet_id", "role", "id"} <= set(names):
        return {}
    found: defaultdict[str, Row] = defaultdict(dict)
    for values in _select(pipeline, "session_people", names):
        person = dict(zip(names, values, strict=True))
        role = person.pop("role")
        if person.pop("session_id", None) is None and role in ("host", "cohost"):
            found[person.pop("airmeet_id")].setdefault(f"session_{role}s", []).append(person)
    return found


def _select(
    pipeline: dlt.Pipeline, table: str, columns: Iterable[str], condition: str = "1 = 1"
) -> Iterator[tuple[Any, ...]]:
    with pipeline.sql_client() as client:
        names = ", ".join(map(client.escape_column_name, columns))
        query = f"SELECT {names} FROM {client.make_qualified_table_name(table)} WHERE {condition}"
        yield from map(tuple, client.execute_sql(query) or ())


def _not_null(pipeline: dlt.Pipeline, columns: dict[str, str]) -> str:
    with pipeline.sql_client() as client:
        return " OR ".join(f"{client.escape_column_name(c)} IS NOT NULL" for c in columns.values())


def _read(value: Any) -> Any:
    """A list out of a column: some destinations give JSON as text."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
