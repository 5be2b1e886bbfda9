"""Puts freshly built tables in place of the old ones, all at once for whoever reads.

Rows are deleted and inserted in one transaction rather than tables dropped and renamed: readers
are not locked out, and grants and views that users hung onto a report stay. Tables are made anew
only where their columns changed. Without transactions (BigQuery, Databricks, ClickHouse) each
report is replaced by itself.
"""

from collections.abc import Collection, Mapping
from contextlib import nullcontext

from dlt.destinations.job_client_impl import SqlJobClientBase

ALL = None
"""In place of a table's columns: whichever it has."""


def swap_tables(
    source: SqlJobClientBase,
    target: SqlJobClientBase,
    tables: Mapping[str, Collection[str] | None],
) -> None:
    """Replace tables in the target's dataset by those of the same names in the source's.

    Args:
        source: open client of the dataset with the new tables; its connection does the work.
        target: open client of the dataset to change, which exists.
        tables: the tables and the columns to take over; tables that the source does not have are
            left alone.
    """
    new, old = _columns(source, tables), _columns(target, dict.fromkeys(tables, ALL))
    client = source.sql_client
    dialect = client.capabilities.sqlglot_dialect
    is_transactional = client.capabilities.supports_ddl_transactions
    statements: list[str] = []
    for name, columns in new.items():
        if not columns:
            continue
        there = target.sql_client.make_qualified_table_name(name)
        here = client.make_qualified_table_name(name)
        listed = ", ".join(client.escape_column_name(column) for column in columns)
        select = f"SELECT {listed} FROM {here}"
        if not is_transactional:
            engine = " ENGINE = MergeTree ORDER BY tuple()" if dialect == "clickhouse" else ""
            statements.append(f"CREATE OR REPLACE TABLE {there}{engine} AS {select}")
        elif columns == old.get(name):
            statements.append(f"DELETE FROM {there} WHERE 1 = 1")
            statements.append(f"INSERT INTO {there} ({listed}) {select}")
        else:
            if old.get(name):
                statements.append(f"DROP TABLE {there}")
            statements.append(f"CREATE TABLE {there} AS {select}")
    with client.begin_transaction() if is_transactional else nullcontext():
        for statement in statements:
            client.execute_sql(statement)


def _columns(
    client: SqlJobClientBase, tables: Mapping[str, Collection[str] | None]
) -> dict[str, dict[str, str | None]]:
    """Each table's columns with their types; none where the table is not there."""
    found: dict[str, dict[str, str | None]] = {}
    for table, columns in client.get_storage_tables(tables):
        wanted = tables[table]
        found[table] = {
            name: column.get("data_type")
            for name, column in columns.items()
            if wanted is ALL or name in wanted
        }
    return found
