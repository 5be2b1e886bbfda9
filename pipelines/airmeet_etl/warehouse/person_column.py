"""Gives the tables that an earlier version loaded the column `person`."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from itertools import chain, islice
from typing import Any

import dlt
from airmeet.person import PERSON, person_key
from airmeet.schemas import TABLES, Table
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from .columns import columns_of
from .statements import update

_AT_ONCE = 300
"""Values in one statement."""


def fill_person_column(pipeline: dlt.Pipeline) -> None:
    """Add the column `person` where a table of people lacks it, and fill it.

    It asks the destination only what columns there are, and nothing where dlt's schema shows that
    this version loaded the tables. A run that is cut off is gone on with by the next.

    Args:
        pipeline: whose destination it is.
    """
    tables = [table for table in TABLES.values() if PERSON in table.by_name]
    if pipeline.default_schema_name:
        known = pipeline.default_schema.tables
        tables = [t for t in tables if PERSON not in known.get(t.name, {}).get("columns", {})]
    if not tables:
        return
    with pipeline.destination_client() as client:
        assert isinstance(client, SqlJobClientBase), "the destination takes no SQL"
        for name, columns in columns_of(client, [table.name for table in tables]).items():
            if "email" in columns:
                _fill(client, TABLES[name], set(columns))


def _fill(client: SqlJobClientBase, table: Table, columns: set[str]) -> None:
    sql = client.sql_client
    name = sql.make_qualified_table_name(table.name)
    in_one = client.capabilities.supports_ddl_transactions
    with sql.begin_transaction() if in_one else nullcontext():
        if PERSON not in columns:
            like: Any = {"name": table.name, "columns": {}}
            kind = client.type_mapper.to_destination_type({"data_type": "text"}, like)
            sql.execute_sql(f"ALTER TABLE {name} ADD COLUMN {PERSON} {kind}")
        # What is not null is right at any moment: without transactions a run may end between two.
        keys = {email: person_key(email) for email in _without_person(sql, name, "email")}
        _set(sql, name, "email", {email: key for email, key in keys.items() if key != email})
        if any(email == key for email, key in keys.items()):
            nobody = [email for email, key in keys.items() if key is None]
            others = f" AND email NOT IN ({_places(nobody)})" if nobody else ""
            condition = f"{PERSON} IS NULL{others}"
            sql.execute_sql(update(sql, name, f"{PERSON} = email", condition), *nobody)
        if table.user_id in columns:
            ids = _without_person(sql, name, table.user_id)
            _set(sql, name, table.user_id, {id: person_key(None, id) for id in ids})


def _without_person(sql: SqlClientBase[Any], table: str, column: str) -> list[str]:
    """What stands in a column in rows whose person is not known."""
    rows = sql.execute_sql(
        f"SELECT DISTINCT {column} FROM {table} WHERE {PERSON} IS NULL AND {column} IS NOT NULL"
    )
    return [value for (value,) in rows or ()]


def _set(sql: SqlClientBase[Any], table: str, column: str, keys: Mapping[str, str | None]) -> None:
    """Set the person, where there is none, by what stands in another column."""
    known = ((value, key) for value, key in keys.items() if key is not None)
    while some := dict(islice(known, _AT_ONCE)):
        cases = " ".join("WHEN %s THEN %s" for _ in some)
        condition = f"{PERSON} IS NULL AND {column} IN ({_places(some)})"
        sql.execute_sql(
            update(sql, table, f"{PERSON} = CASE {column} {cases} END", condition),
            *chain.from_iterable(some.items()),
            *some,
        )


def _places(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))
