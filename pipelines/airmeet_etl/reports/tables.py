"""Fills tables from queries, all at once for every reader.

Everything happens in one transaction: each query reads what those before it made, and other
connections see nothing of it before the end. Rows are deleted and inserted rather than tables
dropped: readers are not locked out, and users' grants and views on a table stay. Tables are
created again only where their columns changed; and on DuckDB, which finds the tables of views by
name, has no grants, locks no reader out, and takes twice as long to fill a table that had rows.

Without transactions (BigQuery, Databricks, ClickHouse) each table is replaced by itself.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from ..warehouse.columns import columns_of
from ..warehouse.statements import value
from .compile import CHANGED
from .destination import dialect_of, full_name, is_transactional
from .plan import Step
from .sql_files import SqlFile

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase

_VALUES_AT_ONCE = 1_000


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
    elif there == kinds_of(file):
        columns = ", ".join(client.sql_client.escape_column_name(c.name) for c in file.columns)
        execute(f"DELETE FROM {table} WHERE 1 = 1")
        execute(f"INSERT INTO {table} ({columns}) {query}")
    else:
        if there:
            execute(f"DROP TABLE {table}")
        execute(f"CREATE TABLE {table} AS {query}")


def kinds_of(file: SqlFile) -> dict[str, str]:
    """The columns of a report as a destination has them, with dlt's names of their types."""
    return {c.name: "text" if c.kind == "json" else c.kind for c in file.columns}


def make_table(client: "SqlJobClientBase", name: str, query: str) -> None:
    """Make a table that no reader uses, whether it was there or not."""
    table = full_name(client, name)
    drop_table(client, name)
    client.sql_client.execute_sql(f"CREATE TABLE {table} AS {query}")
    if dialect_of(client) == "postgres":  # nothing else gathers what its planner needs in time
        client.sql_client.execute_sql(f"ANALYZE {table}")


def drop_table(client: "SqlJobClientBase", name: str) -> None:
    """Drop a table, if it is there."""
    client.sql_client.execute_sql(f"DROP TABLE IF EXISTS {full_name(client, name)}")


def insert_values(
    client: "SqlJobClientBase", name: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows of texts and whole numbers, which stand in the statements (see
    warehouse/duckdb_pool.py)."""
    sql = client.sql_client
    for first in range(0, len(rows), _VALUES_AT_ONCE):
        some = rows[first : first + _VALUES_AT_ONCE]
        listed = ", ".join(f"({', '.join(value(sql, v) for v in row)})" for row in some)
        sql.execute_sql(f"INSERT INTO {full_name(client, name)} VALUES {listed}")


def replace_rows(client: "SqlJobClientBase", step: Step) -> None:
    """Build the rows of the changed keys anew, and leave all others as they are."""
    execute = client.sql_client.execute_sql
    table = full_name(client, step.table)
    key = client.sql_client.escape_column_name(step.rebuilt)
    keys = f"SELECT {key} FROM {full_name(client, CHANGED[step.rebuilt])}"
    query = step.query
    if step.rows:
        make_table(client, step.rows, query)
        query = f"SELECT * FROM {full_name(client, step.rows)}"
    execute(f"DELETE FROM {table} WHERE {key} IN ({keys})")
    execute(f"INSERT INTO {table} {query}")


def update_followed(client: "SqlJobClientBase", step: Step) -> None:
    """Bring up the columns that follow another table, in the rows in which these changed."""
    make_table(client, moved_table(step.name), step.moved)
    escape = client.sql_client.escape_column_name
    moved = full_name(client, moved_table(step.name))
    same = " AND ".join(f"moved.{escape(name)} = mine.{escape(name)}" for name in step.grain)
    values = ", ".join(
        f"{escape(name)} = "
        f"(SELECT moved.{escape(f'new_{name}')} FROM {moved} AS moved WHERE {same})"
        for name in step.taken
    )
    client.sql_client.execute_sql(
        f"UPDATE {full_name(client, step.name)} AS mine SET {values} "
        f"WHERE EXISTS (SELECT 1 FROM {moved} AS moved WHERE {same})"
    )


def moved_table(report: str) -> str:
    """The table of the rows in which followed columns changed."""
    return f"_moved_{report}"


def before_table(change: str) -> str:
    """The table of what the build before changed, as `change` is that of the last one's."""
    return f"{change}_before"
