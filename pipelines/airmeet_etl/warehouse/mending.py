"""Tables and columns that somebody dropped by hand, made anew before a load needs them.

dlt compares its schema with the one that it stored in the destination, not with the tables that are
there: without this, a load into a table that is gone would fail each time.
"""

from collections.abc import Mapping

import dlt
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.schemas import TABLES
from dlt.common.schema.typing import TTableSchema
from dlt.destinations.job_client_impl import SqlJobClientBase

Found = Mapping[str, Mapping[str, object]]
"""The columns that are there, by table."""


def mend_tables(pipeline: dlt.Pipeline) -> list[str]:
    """Make tables and columns anew that the schema knows and the destination lacks.

    What was in those of the API is fetched again by the next load: the ledger forgets it first, so
    that it is also after a crash. Does nothing where nothing was ever loaded.

    Returns:
        The tables that were damaged.
    """
    if pipeline.default_schema_name is None:
        return []
    schema = pipeline.default_schema
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase) or not client.is_storage_initialized():
            return []
        found = dict(client.get_storage_tables(schema.tables))
        lacking = {
            name: columns
            for name, table in schema.tables.items()
            if (columns := _lacking(table, found.get(name, {})))
        }
        if not lacking:
            return []
        _forget(client, [name for name in lacking if name in TABLES], found)
        for name, columns in lacking.items():
            # A column that must not be null cannot be added to rows, and all of these come again.
            if found.get(name) and name in TABLES and not all(columns.values()):
                table = client.sql_client.make_qualified_table_name(name)
                client.sql_client.execute_sql(f"DROP TABLE {table}")
        client.update_stored_schema(force=True)
    return sorted(lacking)


def _lacking(table: TTableSchema, there: Mapping[str, object]) -> dict[str, bool]:
    """The columns of a table that are not there, and whether they may be null."""
    return {
        name: column.get("nullable") is not False
        for name, column in table["columns"].items()
        if column.get("data_type") and name not in there
    }


def _forget(client: SqlJobClientBase, tables: list[str], found: Found) -> None:
    """Let the ledger know nothing of these tables any more."""
    if tables and "feed" in found.get(LEDGER_TABLE, {}):
        ledger = client.sql_client.make_qualified_table_name(LEDGER_TABLE)
        marks = ", ".join(["%s"] * len(tables))
        client.sql_client.execute_sql(f"DELETE FROM {ledger} WHERE feed IN ({marks})", *tables)
