"""Builds the reports inside the destination, and reads them.

Every query of transforms/reporting runs in the destination, through dlt's client of it, and all
reports are replaced in one transaction: a crash before its end leaves the old ones as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dlt
    import pyarrow as pa
    from dlt.destinations.job_client_impl import SqlJobClientBase

    from .compile import Compiler, SqlFile


def reports_dataset(pipeline: "dlt.Pipeline") -> str:
    """The dataset that holds the reports of a pipeline."""
    return f"{pipeline.dataset_name}_reports"


def build_reports(pipeline: "dlt.Pipeline") -> dict[str, int]:
    """Build all reports from what is loaded.

    Raw tables and columns that are missing count as empty.

    Args:
        pipeline: the pipeline that loads the raw tables; only its names, folder and destination
            are used.

    Returns:
        The rows of each report, in the order in which they were built.

    Raises:
        Exception: what dlt or the destination raises; the reports are then as they were.
    """
    from .compile import reports
    from .tables import is_transactional, replace_tables

    files = reports()
    with _client(pipeline, reports_dataset(pipeline)) as client:
        if not client.sql_client.has_dataset():
            client.sql_client.create_dataset()
        if is_transactional(client):
            replace_tables(client, _queries(pipeline, reports_dataset(pipeline), files))
        else:
            _replace_by_way_of(f"{reports_dataset(pipeline)}_next", pipeline, client, files)
        _note_load(client)
        return {file.name: _count(client, file.name) for file in files}


def check_reports(pipeline: "dlt.Pipeline") -> dict[str, int]:
    """Look for what must not be in the reports and between them and the raw tables.

    Returns:
        Offending rows by the name of the check, for the checks that found any; the queries that
        find them are `transforms/checks/<name>.sql`.

    Raises:
        LookupError: there are no reports yet.
    """
    from .compile import sql_files
    from .dialects import render

    reports = reports_dataset(pipeline)
    with _client(pipeline, reports) as client:
        if not client.sql_client.has_dataset():
            raise LookupError("there are no reports to check; build them first")
    compiler = _compiler(pipeline, reports)
    failed = {}
    with _client(pipeline, reports) as client:
        for name, file in sql_files("checks").items():
            query = render(compiler.compile(file), client.capabilities.sqlglot_dialect)
            rows = client.sql_client.execute_sql(f"SELECT count(*) FROM ({query}) AS offending")
            if rows and rows[0][0]:
                failed[name] = int(rows[0][0])
    return failed


def are_current(pipeline: "dlt.Pipeline", now: datetime | None = None) -> bool:
    """Whether the reports were built today (UTC: some count days back from it) and nothing was
    fetched since."""
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    moments = []
    for dataset, table, column in (
        (reports_dataset(pipeline), "_dlt_loads", "inserted_at"),
        (str(pipeline.dataset_name), "feed_syncs", "requested_at"),
    ):
        with _client(pipeline, dataset) as client:
            name = client.sql_client.make_qualified_table_name(table)
            try:
                rows = client.sql_client.execute_sql(f"SELECT max({column}) FROM {name}")
            except DatabaseUndefinedRelation:
                return False
        moments.append(rows[0][0] if rows else None)
    built, fetched = moments
    today = (now or datetime.now(UTC)).date()
    return bool(built and fetched and fetched <= built and built.astimezone(UTC).date() == today)


def read_report(pipeline: "dlt.Pipeline", name: str) -> "pa.Table":
    """A report as it stands, as an Arrow table sorted by the columns of its grain.

    Raises:
        KeyError: there is no report of this name.
    """
    from .compile import sql_files

    grain = ", ".join(sql_files("reporting")[name].grain)
    with _client(pipeline, reports_dataset(pipeline)) as client:
        table = client.sql_client.make_qualified_table_name(name)
        with client.sql_client.execute_query(f"SELECT * FROM {table} ORDER BY {grain}") as cursor:
            rows = cursor.arrow()
    assert rows is not None
    return rows


def _replace_by_way_of(
    scratch: str, pipeline: "dlt.Pipeline", client: "SqlJobClientBase", files: "list[SqlFile]"
) -> None:
    """Replace reports where there are no transactions: built in a scratch dataset first, they take
    the old ones' place within moments."""
    from .tables import replace_tables

    with _client(pipeline, scratch) as built:
        if built.sql_client.has_dataset():
            built.sql_client.drop_dataset()
        built.sql_client.create_dataset()
        replace_tables(built, _queries(pipeline, scratch, files))
        name = built.sql_client.make_qualified_table_name
        replace_tables(client, {file: f"SELECT * FROM {name(file.name)}" for file in files})
        built.sql_client.drop_dataset()


def _queries(
    pipeline: "dlt.Pipeline", dataset: str, files: "list[SqlFile]"
) -> "dict[SqlFile, str]":
    """Each file's query in the destination's SQL, to be run where reports are in a dataset."""
    from .dialects import render

    compiler = _compiler(pipeline, dataset)
    dialect = pipeline.destination.capabilities().sqlglot_dialect
    return {file: render(compiler.compile(file), dialect) for file in files}


def _note_load(client: "SqlJobClientBase") -> None:
    """Fill dlt's own tables, so that dlt can read the dataset as any other."""
    from dlt.common.storages.load_package import create_load_id

    schema = client.schema
    client.update_stored_schema([schema.version_table_name, schema.loads_table_name])
    client.complete_load(create_load_id())


def _compiler(pipeline: "dlt.Pipeline", reports: str) -> "Compiler":
    """A compiler whose raw tables are those that are loaded, and whose reports are in a dataset."""
    import dlt
    from airmeet.schemas import TABLES
    from sqlglot import exp

    from .compile import Compiler
    from .seeds import CSV_SEEDS, seeds

    with _client(pipeline, str(pipeline.dataset_name)) as client:
        columns = {name: set(there) for name, there in client.get_storage_tables(TABLES)}
        dialect = client.capabilities.sqlglot_dialect
        raw = {name: client.sql_client.make_qualified_table_name(name) for name in TABLES}
        zones = []
        if "timezone" in columns["airmeets"]:
            query = f"SELECT DISTINCT timezone FROM {raw['airmeets']} WHERE timezone IS NOT NULL"
            zones = [str(zone) for (zone,) in client.sql_client.execute_sql(query) or ()]
    with _client(pipeline, reports) as client:
        report = client.sql_client.make_qualified_table_name
    settings = {name: dlt.config.get(f"reports.{name}", str) for name in CSV_SEEDS}
    own_files = {name: path for name, path in settings.items() if path}
    return Compiler(
        lambda name: exp.to_table(raw[name], dialect=dialect),
        columns,
        lambda name: exp.to_table(report(name), dialect=dialect),
        seeds(zones, own_files),
    )


def _count(client: "SqlJobClientBase", table: str) -> int:
    name = client.sql_client.make_qualified_table_name(table)
    rows = client.sql_client.execute_sql(f"SELECT count(*) FROM {name}")
    return int(rows[0][0]) if rows else 0


@contextmanager
def _client(pipeline: "dlt.Pipeline", dataset: str) -> "Iterator[SqlJobClientBase]":
    """An open client of one dataset in the pipeline's destination."""
    import dlt
    from dlt.destinations.job_client_impl import SqlJobClientBase

    from .dataset_schema import reports_schema

    client = dlt.dataset(pipeline.destination, dataset, reports_schema()).destination_client
    assert isinstance(client, SqlJobClientBase), "the destination takes no SQL"
    with client:
        yield client
