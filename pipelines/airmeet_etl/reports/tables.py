"""Puts the rows of queries in the place of tables, all at once for whoever reads.

Everything happens in one transaction, so each query reads what those before it made, and nobody
else sees any of it until all is there. Rows are deleted and inserted rather than tables dropped:
readers are not locked out, and grants and views that users hung onto a table stay. Tables are made
anew only where their columns changed; and on DuckDB, which finds views' tables by name, knows no
grants, locks nobody out, and takes twice as long to fill a table that had rows.

Without transactions (BigQuery, Databricks, ClickHouse) each table is replaced by itself.
"""

from collections.abc import Mapping
from contextlib import nullcontext

from dlt.destinations.job_client_impl import SqlJobClientBase

from .compile import SqlFile


def is_transactional(client: SqlJobClientBase) -> bool:
    """Whether tables can be made and filled in one transaction."""
    return client.capabilities.supports_ddl_transactions


def replace_tables(client: SqlJobClientBase, queries: Mapping[SqlFile, str]) -> None:
    """Replace tables by the rows of queries.

    Args:
        client: open client of the dataset to change, which exists.
        queries: by file, its query in the destination's SQL; they run in this order.
    """
    there = _columns(client, queries)
    with client.sql_client.begin_transaction() if is_transactional(client) else nullcontext():
        for file, query in queries.items():
            replace_table(client, file, query, there.get(file.name, {}))


def replace_table(
    client: SqlJobClientBase, file: SqlFile, query: str, there: Mapping[str, str | None]
) -> None:
    """Replace one table, whose columns are `there`, by the rows of a query."""
    execute = client.sql_client.execute_sql
    dialect = client.capabilities.sqlglot_dialect
    table = client.sql_client.make_qualified_table_name(file.name)
    if dialect == "duckdb" or not is_transactional(client):
        engine = " ENGINE = MergeTree ORDER BY tuple()" if dialect == "clickhouse" else ""
        execute(f"CREATE OR REPLACE TABLE {table}{engine} AS {query}")
    elif there == {c.name: "text" if c.kind == "json" else c.kind for c in file.columns}:
        columns = ", ".join(client.sql_client.escape_column_name(c.name) for c in file.columns)
        execute(f"DELETE FROM {table} WHERE 1 = 1")
        execute(f"INSERT INTO {table} ({columns}) {query}")
    else:
        if there:
            execute(f"DROP TABLE {table}")
        execute(f"CREATE TABLE {table} AS {query}")


def _columns(
    client: SqlJobClientBase, files: Mapping[SqlFile, str]
) -> dict[str, dict[str, str | None]]:
    """Each table's columns with their types; none where the table is not there."""
    return {
        table: {name: column.get("data_type") for name, column in columns.items()}
        for table, columns in client.get_storage_tables([file.name for file in files])
    }
