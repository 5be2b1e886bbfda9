"""Builds the reports inside the destination, and reads them.

dlt runs every query of transforms/reporting into a scratch dataset (`<dataset>_reports_next`), then
all reports are swapped into `<dataset>_reports` in one transaction. A crash before that leaves the
old reports as they were; the next run starts from an empty scratch dataset.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dlt
    import pyarrow as pa
    from dlt.destinations.job_client_impl import SqlJobClientBase
    from dlt.extract import DltResource
    from sqlglot import exp

    from .report_queries import Compiler, SqlFile


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
    import dlt

    from .report_queries import levels, reports

    scratch = f"{reports_dataset(pipeline)}_next"
    runner = dlt.pipeline(
        f"{pipeline.pipeline_name}_reports",
        pipelines_dir=str(pipeline.pipelines_dir),
        destination=pipeline.destination,
        dataset_name=scratch,
    )
    try:
        with _client(pipeline, scratch) as client:
            if client.sql_client.has_dataset():
                client.sql_client.drop_dataset()
            client.sql_client.create_dataset()
        # What an earlier run left behind in dlt's folder would come back as tables and columns.
        runner = runner.drop()
        runner.config.restore_from_destination = False
        compiler = _compiler(pipeline, scratch)
        for level in levels():
            queries = {file: compiler.compile(file) for file in level}
            runner.run(_resources(pipeline, scratch, queries))
        return _publish(pipeline, scratch, reports())
    finally:
        pipeline.activate()


def check_reports(pipeline: "dlt.Pipeline") -> dict[str, int]:
    """Look for what must not be in the reports and between them and the raw tables.

    Returns:
        Offending rows by the name of the check, for the checks that found any; the queries that
        find them are `transforms/checks/<name>.sql`.

    Raises:
        LookupError: there are no reports yet.
    """
    from .report_dialects import render
    from .report_queries import sql_files

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
    from .report_queries import sql_files

    grain = ", ".join(sql_files("reporting")[name].grain)
    with _client(pipeline, reports_dataset(pipeline)) as client:
        table = client.sql_client.make_qualified_table_name(name)
        with client.sql_client.execute_query(f"SELECT * FROM {table} ORDER BY {grain}") as cursor:
            rows = cursor.arrow()
    assert rows is not None
    return rows


def _publish(pipeline: "dlt.Pipeline", scratch: str, files: "list[SqlFile]") -> dict[str, int]:
    """Swap the scratch dataset's tables into the reports' dataset, and drop it."""
    from .report_swap import ALL, swap_tables

    tables = {file.name: {column.name for column in file.columns} for file in files}

    with _client(pipeline, scratch) as built, _client(pipeline, reports_dataset(pipeline)) as kept:
        if not kept.sql_client.has_dataset():
            kept.sql_client.create_dataset()
        # With dlt's own tables the dataset can be read by dlt as any other.
        swap_tables(built, kept, {**tables, "_dlt_version": ALL, "_dlt_loads": ALL})
        rows = {file.name: _count(built, file.name) for file in files}
        built.sql_client.drop_dataset()
    return rows


def _resources(
    pipeline: "dlt.Pipeline", scratch: str, queries: "Mapping[SqlFile, exp.Select]"
) -> "list[DltResource]":
    """The resources that run queries in the destination.

    Each query becomes a view, so that what dlt parses, twice, is short: on the whole queries it
    spends seconds.
    """
    import dlt
    from sqlglot import exp

    from .report_dialects import render

    with _client(pipeline, scratch) as client:
        dialect = client.capabilities.sqlglot_dialect
        views = {}
        for file, query in queries.items():
            views[file] = client.sql_client.make_qualified_table_name(f"{file.name}_query")
            client.sql_client.execute_sql(f"CREATE VIEW {views[file]} AS {render(query, dialect)}")
    dataset = dlt.dataset(pipeline.destination, scratch, dlt.Schema("reports"))
    return [
        dlt.resource(
            [
                dataset.query(
                    exp.select(*(exp.column(c.name, quoted=True) for c in file.columns)).from_(
                        exp.to_table(view, dialect=dialect)
                    ),
                    # The view is fully named: dlt need not look it up.
                    _execute_raw_query=True,
                )
            ],
            name=file.name,
            write_disposition="replace",
            columns={
                column.name: {"data_type": column.kind, "description": column.description}
                for column in file.columns
            },
        )
        for file, view in views.items()
    ]


def _compiler(pipeline: "dlt.Pipeline", reports: str) -> "Compiler":
    """A compiler whose raw tables are those that are loaded, and whose reports are in a dataset."""
    import dlt
    from airmeet.schemas import TABLES
    from sqlglot import exp

    from .report_queries import Compiler
    from .report_seeds import CSV_SEEDS, seeds

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

    client = dlt.dataset(pipeline.destination, dataset, dlt.Schema("reports")).destination_client
    assert isinstance(client, SqlJobClientBase), "the destination takes no SQL"
    with client:
        yield client
