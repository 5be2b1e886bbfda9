"""Reads a report and writes it to a file or to standard output."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from airmeet.atomic_file import opened_whole
from airmeet.nearest import did_you_mean
from airmeet.schemas import arrow_types
from airmeet.settings import Mode, check_privacy

from ..exit_codes import CommandError
from ..reports.build import reports_dataset
from ..reports.combined import as_it_stands
from ..reports.destination import full_name, open_client, read_batches, read_rows
from ..reports.sql_files import ReportColumn, SqlFile, sql_files
from ..warehouse.columns import columns_of
from ..warehouse.written_files import note_written
from .crm import Crm, for_crm
from .formats import Format
from .privacy import require_exportable
from .small_groups import GROUPS, pooled

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase

_EVENTS = "event_summary"
"""The report that has a row for every airmeet."""
_AIRMEET = "airmeet_id"
_BATCH_ROWS = 10_000

ARROW_TYPES = arrow_types() | {"date": pa.date32()}
"""What each kind of column is in an export, whatever the destination."""


@dataclass(frozen=True)
class Wish:
    """What is to be exported.

    Attributes:
        report: which report.
        airmeets: those whose rows are wanted; all without any.
        mode: of privacy.
        crm: whose headers the columns get.
    """

    report: SqlFile
    airmeets: tuple[str, ...] = ()
    mode: Mode = "plain"
    crm: Crm | None = None


def declared_report(name: str) -> SqlFile:
    """The report of a name.

    Raises:
        CommandError: there is none; says the most similar one.
    """
    reports = sql_files("reporting")
    if name in reports:
        return reports[name]
    raise CommandError(f"no report {name}: {did_you_mean(name, reports)}")


def configured_mode() -> Mode:
    """What the settings say is stored of people.

    Raises:
        SettingsError: the mode is unknown, or lacks its key.
    """
    mode = dlt.config.get("sources.airmeet.privacy", str) or "plain"
    return check_privacy(mode, dlt.secrets.get("sources.airmeet.privacy_key", str))


@contextmanager
def opened_rows(
    pipeline: dlt.Pipeline, wish: Wish, left_out: Counter[str]
) -> Iterator[pa.RecordBatchReader]:
    """The rows to export, which are read from the destination as they are asked for.

    Args:
        pipeline: whose reports are read.
        wish: which rows.
        left_out: gains the numbers of rows that were left out, by why.

    Raises:
        CommandError: they may not be exported, the report is not built, or has no such airmeets.
    """
    report, airmeets = wish.report, wish.airmeets
    require_exportable(report, wish.mode)
    if airmeets and _AIRMEET not in (column.name for column in report.columns):
        raise CommandError(f"{report.name} has no rows of one airmeet: leave out --airmeet")
    with _reports(pipeline) as client:
        report = as_it_stands(report, columns_of(client, [report.name]).get(report.name, {}))
        columns = report.columns
        if not columns:
            raise CommandError(f"{report.name} is not built yet; airmeet reports builds it")
        _require_airmeets(client, airmeets)
        tables = _tables(client, report, columns, airmeets)
        if wish.mode != "plain" and report.name in GROUPS:
            tables = iter([pooled(pa.concat_tables(tables), GROUPS[report.name])])
        if wish.crm is not None:
            crm = wish.crm
            tables = (for_crm(table, crm, left_out) for table in tables)
        first = next(tables)
        yield pa.RecordBatchReader.from_batches(first.schema, _batches(first, tables))


def write_file(
    rows: pa.RecordBatchReader, format: Format, pipeline: dlt.Pipeline, file: Path
) -> int:
    """Write rows into a file, which takes its place whole; returns their number.

    Raises:
        CommandError: the file cannot be written.
    """
    try:
        note_written(pipeline, file)  # for erasing
        with opened_whole(file) as opened:
            opened.write(format.head)
            return format.write(rows, opened, file.resolve())
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror or error}") from error


def default_file(report: str, airmeets: Sequence[str], format: str) -> Path:
    """Where an export goes without a wish: `people.csv`, `follow_up-<airmeet>.csv`."""
    parts = [report]
    if len(airmeets) == 1:
        parts.append("".join(c if c.isalnum() or c in "-_" else "_" for c in airmeets[0]))
    elif airmeets:
        parts.append(f"{len(airmeets)}-airmeets")
    return Path(f"{'-'.join(parts)}.{format}")


@contextmanager
def _reports(pipeline: dlt.Pipeline) -> "Iterator[SqlJobClientBase]":
    with open_client(pipeline, reports_dataset(pipeline)) as client:
        if not client.sql_client.has_dataset():
            raise CommandError("there are no reports to export; airmeet reports builds them")
        yield client


def _require_airmeets(client: "SqlJobClientBase", airmeets: Sequence[str]) -> None:
    if not airmeets:
        return
    query = f"SELECT {_AIRMEET} FROM {full_name(client, _EVENTS)}"
    known = {str(airmeet) for (airmeet,) in read_rows(client, query)}
    if missing := [airmeet for airmeet in airmeets if airmeet not in known]:
        raise CommandError(
            f"no airmeet {missing[0]} is in the reports: correct the id (event_summary has them "
            "all), or bring it there by airmeet load"
        )


def _tables(
    client: "SqlJobClientBase",
    report: SqlFile,
    columns: Sequence[ReportColumn],
    airmeets: Sequence[str],
) -> Iterator[pa.Table]:
    """The rows by the report's grain, in tables of the declared types; at least one table."""
    name = client.sql_client.escape_column_name
    query = (
        f"SELECT {', '.join(name(column.name) for column in columns)} "
        f"FROM {full_name(client, report.name)}"
    )
    if airmeets:
        query += f" WHERE {name(_AIRMEET)} IN ({', '.join(['%s'] * len(airmeets))})"
    query += f" ORDER BY {', '.join(map(name, report.grain))}"
    yield _schema(columns).empty_table()
    for rows in read_batches(client, query, _BATCH_ROWS, *airmeets):
        yield typed(rows, columns)


def typed(rows: pa.Table, columns: Sequence[ReportColumn]) -> pa.Table:
    """Rows as a destination gives them, in the types of an export.

    Args:
        rows: with these columns, in this order.
        columns: as the report declares them.
    """
    schema = _schema(columns)
    return pa.table([_cast(*pair) for pair in zip(rows.columns, schema, strict=True)], schema)


def _schema(columns: Sequence[ReportColumn]) -> pa.Schema:
    return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in columns])


def _cast(column: pa.ChunkedArray, wanted: pa.Field) -> pa.ChunkedArray:
    cast = column.cast(wanted.type)
    if pa.types.is_floating(wanted.type):  # what is no number is in no format
        return pc.if_else(pc.is_finite(cast), cast, None)
    return cast


def _batches(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    yield from first.to_batches()
    for table in rest:
        yield from table.to_batches(_BATCH_ROWS)
