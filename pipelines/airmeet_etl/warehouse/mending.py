"""Tables and columns that somebody dropped by hand, made anew before a load needs them.

dlt compares its schema with the one that it stored in the destination, not with the tables that are
there: without this, a load into a table that is gone would fail each time.
"""

from collections.abc import Sequence

import dlt
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.schemas import TABLES
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.destinations.job_client_impl import SqlJobClientBase

Lacking = dict[str, dict[str, bool]]
"""By table, the columns that are not there, and whether they may be null."""


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
        lacking = _lacking(client, found)
        if not lacking:
            return []
        tables = [name for name in lacking if name in TABLES]
        if found.get(LEDGER_TABLE) and "feed" not in lacking.get(LEDGER_TABLE, {}):
            _forget(client, tables)
        for name in tables:
            # A column that must not be null cannot be added to rows, and all of these come again.
            if found.get(name) and not all(lacking[name].values()):
                table = client.sql_client.make_qualified_table_name(name)
                client.sql_client.execute_sql(f"DROP TABLE {table}")
        client.update_stored_schema(force=True)
    return sorted(lacking)


def _lacking(client: SqlJobClientBase, found: dict[str, TTableSchemaColumns]) -> Lacking:
    exact = client.capabilities.generates_case_sensitive_identifiers()
    lacking = {
        name: {
            str(column["name"]): column.get("nullable") is not False
            for column in client.schema.get_new_table_columns(name, columns, exact)
        }
        for name, columns in found.items()
    }
    return {name: columns for name, columns in lacking.items() if columns}


def _forget(client: SqlJobClientBase, tables: Sequence[str]) -> None:
    """Let the ledger know nothing of these tables any more."""
    if tables:
        ledger = client.sql_client.make_qualified_table_name(LEDGER_TABLE)
        marks = ", ".join(["%s"] * len(tables))
        client.sql_client.execute_sql(f"DELETE FROM {ledger} WHERE feed IN ({marks})", *tables)
