"""What each run fetches and is as it was loaded, the list of airmeets and the community's feeds: an
update says when it was last seen, in place of a package that brings its rows again."""

from collections.abc import Mapping, Set
from datetime import datetime

import dlt
from airmeet.dlt_tables import are_made
from airmeet.extract.known_list import KnownList, last_listed, read_known_list
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.feeds import AIRMEETS
from airmeet.schemas import COMMUNITY
from airmeet.source import SCHEMA
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..warehouse.statements import update, value


def usable_list(pipeline: dlt.Pipeline, tables: Set[str]) -> KnownList | None:
    """The list in the destination; None where a load must bring it, and with it tables that are not
    there yet or lack a column."""
    schema = pipeline.schemas.get(SCHEMA)
    if schema is None or not are_made(tables, schema):
        return None
    return read_known_list(pipeline, SCHEMA)


def count_listed(pipeline: dlt.Pipeline) -> int:
    """How many airmeets the last list had that had any; 0 where none is known.

    Raises:
        Exception: what the destination raises.
    """
    with pipeline.sql_client() as client:
        airmeets = client.make_qualified_table_name(AIRMEETS.name)
        query = f"SELECT count(*) FROM {airmeets} WHERE {last_listed(airmeets)}"
        try:
            [(rows,)] = client.execute_sql(query) or [(0,)]
        except DatabaseUndefinedRelation:
            return 0
    return int(rows)


def note_seen(pipeline: dlt.Pipeline, moment: datetime) -> None:
    """Note that all of the list was seen again; for whoever holds the destination's lock.

    Raises:
        Exception: what the destination raises.
    """
    with pipeline.sql_client() as client:
        airmeets = client.make_qualified_table_name(AIRMEETS.name)
        # Bound, it would have DuckDB import pandas (warehouse/duckdb_pool.py).
        seen = f"last_listed_at = {value(client, moment)}"
        client.execute_sql(update(client, airmeets, seen, last_listed(airmeets)))


def note_unchanged(pipeline: dlt.Pipeline, moments: Mapping[str, datetime]) -> None:
    """Note when feeds of the community were found as they were loaded; for whoever holds the
    destination's lock. Reports do not follow from that.

    Raises:
        Exception: what the destination raises.
    """
    with pipeline.sql_client() as client:
        ledger = client.make_qualified_table_name(LEDGER_TABLE)
        for feed, moment in moments.items():
            row = f"airmeet_id = {value(client, COMMUNITY)} AND feed = {value(client, feed)}"
            client.execute_sql(update(client, ledger, f"checked_at = {value(client, moment)}", row))
