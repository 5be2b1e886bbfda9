"""Builds the reports inside the destination, and reads them.

Every query of transforms/reporting runs in the destination, through dlt's client of it, and all
reports are replaced in one transaction: a crash before its end leaves the old ones as they were.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .destination import (
    columns_of,
    full_name,
    is_transactional,
    note_load,
    open_client,
    read_arrow,
    read_rows,
)

if TYPE_CHECKING:
    import dlt
    import pyarrow as pa
    from dlt.destinations.job_client_impl import SqlJobClientBase

    from .compile import SqlFile


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
    from .tables import replace_tables

    files = reports()
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        if not client.sql_client.has_dataset():
            client.sql_client.create_dataset()
        if is_transactional(client):
            replace_tables(client, queries_of(pipeline, reports_dataset(pipeline), files))
        else:
            _replace_by_way_of(f"{reports_dataset(pipeline)}_next", pipeline, client, files)
        note_load(client)
        return {file.name: _count(client, file.name) for file in files}


def are_current(pipeline: "dlt.Pipeline", now: datetime | None = None) -> bool:
    """Whether the reports were built today (in UTC; some reports count back from today), all of
    them are there, and nothing was fetched since."""
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    from .compile import sql_files

    with open_client(pipeline, reports_dataset(pipeline)) as client:
        there = columns_of(client, sql_files("reporting"))
    for name, file in sql_files("reporting").items():
        if not {column.name for column in file.columns} <= there.get(name, {}).keys():
            return False
    moments = []
    for dataset, table, column in (
        (reports_dataset(pipeline), "_dlt_loads", "inserted_at"),
        (str(pipeline.dataset_name), "feed_syncs", "requested_at"),
    ):
        with open_client(pipeline, dataset) as client:
            try:
                query = f"SELECT max({column}) FROM {full_name(client, table)}"
                ((moment,),) = read_rows(client, query)
            except DatabaseUndefinedRelation:
                return False
        moments.append(moment)
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
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        return read_arrow(client, f"SELECT * FROM {full_name(client, name)} ORDER BY {grain}")


def _replace_by_way_of(
    scratch: str, pipeline: "dlt.Pipeline", client: "SqlJobClientBase", files: "list[SqlFile]"
) -> None:
    """Replace reports where there are no transactions: built in a scratch dataset first, they take
    the old ones' place within moments."""
    from .tables import replace_tables

    with open_client(pipeline, scratch) as built:
        if built.sql_client.has_dataset():
            built.sql_client.drop_dataset()
        built.sql_client.create_dataset()
        replace_tables(built, queries_of(pipeline, scratch, files))
        copies = {file: f"SELECT * FROM {full_name(built, file.name)}" for file in files}
        replace_tables(client, copies)
        built.sql_client.drop_dataset()


def queries_of(
    pipeline: "dlt.Pipeline", dataset: str, files: "list[SqlFile]"
) -> "dict[SqlFile, str]":
    """Each file's query in the destination's SQL, to be run where reports are in a dataset."""
    from .queries import facts_of, sql_of

    facts = facts_of(pipeline, dataset)
    return {file: sql_of(file, facts) for file in files}


def _count(client: "SqlJobClientBase", table: str) -> int:
    ((rows,),) = read_rows(client, f"SELECT count(*) FROM {full_name(client, table)}")
    return int(rows)
