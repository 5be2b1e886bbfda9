"""Replaces tables by the rows of queries, all at once for every reader.

Everything happens in one transaction: each query reads what those before it made, and other
connections see nothing of it before the end. Rows are deleted and inserted rather than tables
dropped: readers are not locked out, and users' grants and views on a table stay. Tables are
created again only where their columns changed; and on DuckDB, which finds the tables of views by
name, has no grants, locks no reader out, and takes twice as long to fill a table that had rows.

Without transactions (BigQuery, Databricks, ClickHouse) each table is replaced by itself.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from .compile import SqlFile
from .destination import columns_of, dialect_of, full_name, is_transactional

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase


def replace_tables(client: "SqlJobClientBase", queries: Mapping[SqlFile, str]) -> None:
    """Replace tables by the rows of queries.

    Args:
        client: open client of the dataset to change, which exists.
        queries: by file, its query in the destination's SQL; they run in this order.
    """
    there = columns_of(client, [file.name for file in queries])
    with client.sql_client.begin_transaction() if is_transactional(client) else nullcontext():
        for file, query in queries.items():
            replace_table(client, file, query, there.get(file.name, {}))


def replace_table(
    client: "SqlJobClientBase", file: SqlFile, query: str, there: Mapping[str, str | None]
) -> None:
    """Replace one table, whose columns are `there`, by the rows of a query."""
    execute = client.sql_client.execute_sql
    dialect = dialect_of(client)
    table = full_name(client, file.name)
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
