"""dlt's client of a destination, as far as the reports need it: the only file that depends on it.

Why not dlt's relations (`dlt.dataset(...).table(...)`): they only read, they read on DuckDB by a
method that DuckDB 2 does not have, and they pass every query through sqlglot's optimiser, which
fails from sqlglot 30.22 on. `tests/reports/test_destination.py` fails when dlt changes what is
used here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..warehouse.columns import declared

if TYPE_CHECKING:
    import dlt
    import pyarrow as pa
    from dlt.destinations.job_client_impl import SqlJobClientBase
    from duckdb import DuckDBPyConnection


@contextmanager
def open_client(pipeline: "dlt.Pipeline", dataset: str) -> "Iterator[SqlJobClientBase]":
    """An open client of one dataset in the pipeline's destination; the dataset may be missing."""
    import dlt
    from dlt.destinations.job_client_impl import SqlJobClientBase

    from .dataset_schema import reports_schema

    client = dlt.dataset(pipeline.destination, dataset, reports_schema()).destination_client
    assert isinstance(client, SqlJobClientBase), "the destination takes no SQL"
    with client:
        yield client


def is_transactional(client: "SqlJobClientBase") -> bool:
    """Whether tables can be made and filled in one transaction."""
    return bool(client.capabilities.supports_ddl_transactions)


def is_atomic(client: "SqlJobClientBase") -> bool:
    """Whether readers see all at once what a transaction does to several tables; of a lake each
    table is replaced by itself."""
    from ..warehouse.lake import LakeSqlClient

    return is_transactional(client) and not isinstance(client.sql_client, LakeSqlClient)


def dialect_of(client: "SqlJobClientBase") -> str | None:
    """sqlglot's name of the destination's SQL."""
    return client.capabilities.sqlglot_dialect


def dataset_name(client: "SqlJobClientBase") -> str:
    """The client's dataset as the destination knows it: dlt writes `My-Events` as `my_events`."""
    return str(client.sql_client.dataset_name)


def full_name(client: "SqlJobClientBase", table: str) -> str:
    """A table of the client's dataset as it is written in a query."""
    return client.sql_client.make_qualified_table_name(table)


def read_rows(client: "SqlJobClientBase", query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return [tuple(row) for row in client.sql_client.execute_sql(query) or ()]


_ZONES = {
    "duckdb": "SELECT name FROM pg_timezone_names()",
    "postgres": "SELECT name FROM pg_timezone_names",
}


def known_zones(client: "SqlJobClientBase", names: set[str]) -> set[str]:
    """Of names of time zones, those that the destination knows; all where it does not say."""
    query = _ZONES.get(dialect_of(client) or "")
    if not names or query is None:
        return names
    return names & {str(name) for (name,) in read_rows(client, query)}


def read_arrow(client: "SqlJobClientBase", query: str) -> "pa.Table":
    """The rows of a query as an Arrow table."""
    import pyarrow as pa

    with client.sql_client.execute_query(query) as cursor:
        # On DuckDB dlt calls fetch_arrow_table(), which DuckDB 2 does not have.
        native: Any = cursor.native_cursor
        if direct := getattr(native, "to_arrow_table", None):
            return _in_our_types(client, direct())
        # Not arrow(), which gives the first of what BigQuery sends in batches.
        in_one: Any = None
        parts = cursor.iter_arrow(chunk_size=in_one)
        # Some destinations give no table where there are no rows, or None.
        tables = [_as_table(part) for part in parts if part is not None]
        names = [name for name, *_ in native.description]
        rows = pa.concat_tables(tables) if tables else pa.table({n: pa.nulls(0) for n in names})
    return _in_our_types(client, rows)


def read_batches(
    client: "SqlJobClientBase", query: str, rows: int, *values: object
) -> "Iterator[pa.Table]":
    """The rows of a query as Arrow tables of at most about `rows` rows; each value stands for a
    `%s`."""
    with client.sql_client.execute_query(query, *values) as cursor:
        for table in cursor.iter_arrow(chunk_size=rows):
            yield _in_our_types(client, _as_table(table))


def _as_table(rows: "pa.Table | pa.RecordBatch") -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows


def _in_our_types(client: "SqlJobClientBase", rows: "pa.Table") -> "pa.Table":
    """Rows with names as they are declared, and moments in UTC to the microsecond: Snowflake gives
    them to the nanosecond, which Python's have no room for, and in the time zone of the session."""
    import pyarrow as pa

    names = [declared(client.capabilities, name) for name in rows.column_names]
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz and "UTC"))
        if pa.types.is_timestamp(field.type)
        else field
        for field in rows.schema
    ]
    return rows.cast(pa.schema(fields)).rename_columns(names)


def duckdb_connection(client: "SqlJobClientBase") -> "DuckDBPyConnection | None":
    """The client's connection where it is to a DuckDB file that may be written, and to nothing
    beyond it."""
    from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

    found = client.sql_client
    if type(found) is not DuckDbSqlClient or found.credentials.read_only:
        return None
    return found.native_connection


def prepare_load_note(client: "SqlJobClientBase") -> None:
    """Make dlt's own tables, so that dlt can read the dataset as any other."""
    schema = client.schema
    # By force: one that was dropped by hand is there again.
    client.update_stored_schema([schema.version_table_name, schema.loads_table_name], force=True)


def note_load(client: "SqlJobClientBase") -> str:
    """Write a load into dlt's own table of loads; its id is returned."""
    from dlt.common.storages.load_package import create_load_id

    load_id = create_load_id()
    client.complete_load(load_id)
    return load_id
