"""Whether the destination takes what loads and reports write: proved by a table of the check's own.

It is made in each dataset that they write to, filled, merged into, read back, emptied and dropped;
a dataset that was not there goes again, too. What a check that was killed has left, the next one
drops first.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from ..exit_codes import to_command_error
from ..reports.build import reports_dataset
from ..reports.destination import dialect_of, is_transactional, open_client, read_rows
from ..warehouse.warehouse import is_empty, warehouse_file
from .finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "_airmeet_check"
_ROW = "SELECT CAST('{key}' AS {text}) AS airmeet_id, {rows} AS written"
_DROP_ALL = {"clickhouse", "snowflake"}
"""Whose statement that drops a dataset does not mind what is in it: dlt's own is as good."""


def check_writes(pipeline: dlt.Pipeline) -> Iterator[Finding]:
    """Write into each dataset of a pipeline that can be connected to, and remove it again.

    A DuckDB file that is not there is not made; the folder is written to in its place.
    """
    file = warehouse_file(pipeline)
    if file is not None and (not file.exists() or is_empty(file)):
        yield _check_folder(file)
        return
    reports = reports_dataset(pipeline)
    yield _check_merge(pipeline)
    yield _check_table(pipeline, reports)
    with open_client(pipeline, reports) as client:
        needs_scratch = not is_transactional(client)
    if needs_scratch:
        yield _check_table(pipeline, f"{reports}_next")


def _check_folder(file: "Path") -> Finding:
    try:
        with TemporaryFile(dir=file.parent):
            return Finding("folder", True, f"{file.parent} can be written")
    except OSError as error:
        return Finding("folder", False, f"{file.parent} cannot be written: {error.strerror}")


class _Refused(Exception):
    """A statement failed; the message says which, why, and the right that it needs."""


def _check_merge(pipeline: dlt.Pipeline) -> Finding:
    """Merge a row into the raw dataset as dlt does, by the staging dataset where it stages."""
    schema = dlt.Schema(TABLE.strip("_"))
    schema.update_table(
        {
            "name": TABLE,
            "write_disposition": "merge",
            "columns": {"airmeet_id": {"name": "airmeet_id", "merge_key": True}},
        }
    )
    raw: Any = dlt.dataset(
        pipeline.destination, str(pipeline.dataset_name), schema
    ).destination_client
    what = f"dataset {pipeline.dataset_name}"
    how = "a row was written, merged, read back and removed"
    try:
        with raw, ExitStack() as made:
            names = [raw.sql_client.dataset_name]
            if raw.should_load_data_to_staging_dataset(TABLE):
                names.append(raw.sql_client.staging_dataset_name)
                how = f"a row was merged by way of {names[-1]}, read back and removed"
            into, *staged = [made.enter_context(_probe(raw, name)) for name in names]
            rows = f"SELECT * FROM {staged[0]}" if staged else _row(raw, "a", 2)
            with _said(raw, names[0], "a row is not merged"):
                raw.sql_client.execute_sql(
                    f"DELETE FROM {into} WHERE airmeet_id IN "
                    f"(SELECT airmeet_id FROM ({rows}) AS merged)"
                )
                raw.sql_client.execute_sql(f"INSERT INTO {into} {rows}")
            _read_back(raw, names[0], into)
    except _Refused as refused:
        return Finding(what, False, str(refused))
    return Finding(what, True, how)


def _check_table(pipeline: dlt.Pipeline, dataset: str) -> Finding:
    """Make a table from a query, as the reports are."""
    what = f"dataset {dataset}"
    try:
        with open_client(pipeline, dataset) as client:
            name = str(client.sql_client.dataset_name)
            with _probe(client, name) as table:
                _read_back(client, name, table)
    except _Refused as refused:
        return Finding(what, False, str(refused))
    return Finding(what, True, "a table was made, read back, emptied and dropped")


def _read_back(client: SqlJobClientBase, dataset: str, table: str) -> None:
    with _said(client, dataset, "what was written is not read back"):
        ((rows,),) = read_rows(client, f"SELECT count(*) FROM {table} WHERE airmeet_id = 'a'")
    if rows != 1:
        raise _Refused(f"one row was written, and {rows} were read back")
    with _said(client, dataset, "a row is not removed"):
        client.sql_client.execute_sql(f"DELETE FROM {table} WHERE airmeet_id = 'a'")


@contextmanager
def _probe(client: SqlJobClientBase, dataset: str) -> Iterator[str]:
    """A table with a row in a dataset; gives its full name. Both go again, if they were not there.

    Raises:
        _Refused: they cannot be made or dropped.
    """
    sql = client.sql_client
    with sql.with_alternative_dataset_name(dataset):
        table = sql.make_qualified_table_name(TABLE)
        with _said(client, dataset, "it cannot be looked for"):
            is_new = not client.is_storage_initialized()
        if is_new:
            with _said(client, dataset, "it is not there, and cannot be made", makes=True):
                sql.create_dataset()
    try:
        with _said(client, dataset, "no table can be made in it"):
            sql.execute_sql(f"DROP TABLE IF EXISTS {table}")
            engine = " ENGINE = MergeTree ORDER BY tuple()" * (dialect_of(client) == "clickhouse")
            sql.execute_sql(f"CREATE TABLE {table}{engine} AS {_row(client, 'a', 1)}")
        yield table
    finally:
        with _said(client, dataset, f"{TABLE} cannot be dropped from it"):
            sql.execute_sql(f"DROP TABLE IF EXISTS {table}")
            if is_new:
                _drop_dataset(client, dataset)


def _drop_dataset(client: SqlJobClientBase, dataset: str) -> None:
    """Drop a dataset that the check made, unless a load has begun to fill it."""
    sql = client.sql_client
    with sql.with_alternative_dataset_name(dataset):
        if dialect_of(client) in _DROP_ALL:
            sql.drop_dataset()
        else:
            sql.execute_sql(f"DROP SCHEMA {sql.fully_qualified_dataset_name()}")


def _row(client: SqlJobClientBase, key: str, rows: int) -> str:
    like: Any = {"name": TABLE, "columns": {}}
    text = client.type_mapper.to_destination_type({"data_type": "text"}, like)
    return _ROW.format(key=key, text=text, rows=rows)


@contextmanager
def _said(client: SqlJobClientBase, dataset: str, what: str, makes: bool = False) -> Iterator[None]:
    """Say of a statement that fails what it was for, and which right it needs."""
    try:
        yield
    except _Refused:
        raise
    except Exception as error:
        why = str(to_command_error(error)).removesuffix(" (--verbose shows where)")
        right = _right(client, dataset, makes) if _DENIED.search(why) else ""
        raise _Refused(f"{dataset}: {what} ({why}){right}") from error


_DENIED = re.compile(r"(?i)denied|privilege|permission|not authorized|must be owner")


def _right(client: SqlJobClientBase, dataset: str, makes: bool) -> str:
    """The right that is missing, and for Postgres the statement that gives it."""
    if dialect_of(client) not in ("postgres", "redshift"):
        return "; its user needs the right to make, fill and drop tables there"
    quoted = client.capabilities.escape_identifier
    with suppress(Exception):
        query = "SELECT current_database(), current_user"
        ((database, user),) = read_rows(client, query)
        # A schema in which a user has no right is not listed for them, and would be made.
        there = "SELECT 1 FROM pg_namespace WHERE nspname = %s"
        if makes and not client.sql_client.execute_sql(there, dataset):
            grant = f"CREATE ON DATABASE {quoted(database)}"
        else:
            grant = f"USAGE, CREATE ON SCHEMA {quoted(dataset)}"
        return f"; let an administrator run: GRANT {grant} TO {quoted(user)}"
    return ""
