"""Rows of a table that no feed fills, brought into the destination.

By statements of one transaction. A package of dlt's takes a second and sixty MiB, for Arrow and
pandas, whatever it brings; it stays for destinations without transactions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dlt
from airmeet.dlt_tables import is_made, merged_resource
from airmeet.schemas import Table
from dlt.common.schema.typing import C_DLT_ID, C_DLT_LOAD_ID
from dlt.common.schema.utils import dlt_id_column, dlt_load_id_column
from dlt.common.storages.load_package import create_load_id
from dlt.common.utils import uniq_id
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.extract import DltResource

from .duckdb_pool import unbound
from .statements import delete
from .warehouse import file_format

Row = Mapping[str, Any]

_AT_ONCE = 100
"""Rows in one statement."""


def replace_rows(pipeline: dlt.Pipeline, table: Table, rows: Sequence[Row]) -> None:
    """Bring rows in, each in place of the one with its merge key; for whoever holds
    `single_run_lock` and the destination's lock, once nothing is pending.

    Args:
        pipeline: whose destination it is.
        table: which is made if it is not there.
        rows: with the table's columns, each key once.

    Raises:
        Exception: what the destination raises; then none of the rows is there.
    """
    client = pipeline.destination_client()
    if not (isinstance(client, SqlJobClientBase) and _has_transactions(client)):
        pipeline.run(_package(table, rows), loader_file_format=file_format(pipeline))
        return
    with client:
        _make(pipeline, client, table)
        load_id = create_load_id()
        with client.sql_client.begin_transaction():
            for first in range(0, len(rows), _AT_ONCE):
                _replace(client, table, rows[first : first + _AT_ONCE], load_id)
            client.complete_load(load_id)


def _has_transactions(client: SqlJobClientBase) -> bool:
    """Whether a destination has transactions: dlt says so of some in general, and of others as to
    tables that are made in them."""
    able = client.capabilities
    return bool(able.supports_ddl_transactions or able.supports_transactions)


@dlt.source(name="airmeet", section="airmeet", max_table_nesting=0)
def _package(table: Table, rows: Sequence[Row]) -> Iterable[DltResource]:
    """The rows, in the schema of `airmeet_source`."""

    def given() -> Iterator[list[dict[str, Any]]]:
        yield [dict(row) for row in rows]

    return [merged_resource(table, given)]


def _make(pipeline: dlt.Pipeline, client: SqlJobClientBase, table: Table) -> None:
    """Make the table, or the columns that it lacks, and let dlt know them as of a package."""
    schema = client.schema
    is_known = is_made(table, schema)
    if not is_known:
        declared = merged_resource(table, []).compute_table_schema()
        declared["columns"] |= {C_DLT_LOAD_ID: dlt_load_id_column(), C_DLT_ID: dlt_id_column()}
        declared["x-normalizer"] = {"seen-data": True}
        schema.update_table(declared)
    exact = client.capabilities.generates_case_sensitive_identifiers()
    _, there = client.get_storage_table(table.name)
    if is_known and not schema.get_new_table_columns(table.name, there, exact):
        return
    with pipeline.managed_state():
        pipeline.schemas.save_schema(schema)
        if pipeline.default_schema_name is None:
            pipeline.default_schema_name = schema.name  # type: ignore[assignment]
    client.initialize_storage()
    # Forced: of a schema that is stored already dlt takes the tables for made.
    client.update_stored_schema([table.name, *schema.dlt_table_names()], force=True)


def _replace(client: SqlJobClientBase, table: Table, rows: Sequence[Row], load_id: str) -> None:
    sql = unbound(client.sql_client)
    name = sql.make_qualified_table_name(table.name)
    (key,) = table.merge_keys
    keys = [row[key] for row in rows]
    same = f"{sql.escape_column_name(key)} IN ({_marks(keys)})"
    sql.execute_sql(delete(sql, name, same), *keys)
    columns = [*table.by_name, C_DLT_LOAD_ID, C_DLT_ID]
    lines = [(*(row[column] for column in table.by_name), load_id, uniq_id()) for row in rows]
    written = ", ".join(map(sql.escape_column_name, columns))
    values = ", ".join(f"({_marks(line)})" for line in lines)
    sql.execute_sql(
        f"INSERT INTO {name} ({written}) VALUES {values}", *(v for line in lines for v in line)
    )


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
