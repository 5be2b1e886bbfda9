"""Reads the reports through dlt's dataset, and the events that a person selects."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import dlt
from airmeet_etl.reports.build import reports_dataset
from airmeet_etl.reports.dataset_schema import reports_schema
from airmeet_etl.reports.publish import published_file, warehouse_file
from airmeet_etl.warehouse.warehouse import open_pipeline
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.job_client_impl import SqlJobClientBase

Row = dict[str, Any]

_READ = (
    "accounts",
    "attendee_event",
    "booth_summary",
    "cohort_retention",
    "data_status",
    "event_funnel",
    "event_summary",
    "people",
    "poll_results",
    "question_log",
    "registration_daily",
    "session_engagement",
)
"""The reports that the pages read."""


class NoReportsError(Exception):
    """There is nothing to show; the message says what to do."""


@dataclass(frozen=True)
class Selection:
    """Which events are looked at; without any limits, all.

    Attributes:
        since: events that start on this day or later, in their own time zones.
        until: events that start on this day or earlier.
        statuses: events in one of these; in any, if empty.
        airmeet_id: this event alone.
    """

    since: date | None = None
    until: date | None = None
    statuses: frozenset[str] = field(default_factory=frozenset)
    airmeet_id: str | None = None

    def holds(self, event: Row) -> bool:
        """Whether a row of event_summary is selected."""
        start = event["start_date"]
        return (
            (self.airmeet_id is None or event["airmeet_id"] == self.airmeet_id)
            and (not self.statuses or event["status"] in self.statuses)
            and (self.since is None or (start is not None and start >= self.since))
            and (self.until is None or (start is not None and start <= self.until))
        )

    @property
    def sql(self) -> str:
        """The same as a condition on event_summary, in DuckDB's SQL."""
        conditions = ["1 = 1"]
        if self.airmeet_id is not None:
            conditions.append(f"airmeet_id = {quoted(self.airmeet_id)}")
        if self.statuses:
            conditions.append(f"status in ({', '.join(map(quoted, sorted(self.statuses)))})")
        if self.since:
            conditions.append(f"start_date >= {_day(self.since)}")
        if self.until:
            conditions.append(f"start_date <= {_day(self.until)}")
        return " and ".join(conditions)


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _day(day: date) -> str:
    return f"cast('{day.isoformat()}' as date)"


class Reports:
    """The reports of one destination; connected while it is a context manager.

    Attributes:
        location: where they are read from, without credentials.
    """

    def __init__(self, dataset: dlt.Dataset, location: str) -> None:
        self._dataset = dataset
        self.location = location

    def __enter__(self) -> Self:
        self._dataset.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._dataset.__exit__(*error)

    def rows(self, query: str) -> list[Row]:
        """What a query on the reports gives, written in DuckDB's SQL for any destination."""
        table = self._dataset.query(query, query_dialect="duckdb").arrow()
        return [] if table is None else [_plain(row) for row in table.to_pylist()]

    def events(self) -> list[Row]:
        """All of event_summary, latest first; `is_to_come` where attendance cannot be there yet."""
        query = """
            select event_summary.*, data_status.event_attendance_status
            from event_summary
            left join data_status on event_summary.airmeet_id = data_status.airmeet_id
        """
        events = self.rows(query)
        for event in events:
            event["is_to_come"] = event.pop("event_attendance_status") == "unavailable"
        earliest = datetime.min.replace(tzinfo=UTC)
        key = lambda event: (event["start_time"] or earliest, event["airmeet_id"])  # noqa: E731
        return sorted(events, key=key, reverse=True)


def _plain(row: Row) -> Row:
    """A row as every destination would give it: sums are integers, times in UTC."""
    return {name.lower(): _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return value


def open_reports(destination: str | None = None, dataset: str | None = None) -> Reports:
    """The reports of the configured destination.

    Of a DuckDB warehouse the published file is read, so that a dashboard that is open never
    disturbs a load; where none was published, the warehouse itself.

    Raises:
        NoReportsError: there are none yet.
        CommandError: the destination is unknown or not configured.
    """
    pipeline = open_pipeline(destination, dataset)
    target: Any = pipeline.destination
    where = str(target.destination_name)
    if warehouse := warehouse_file(pipeline):
        file = _first_file(published_file(pipeline), warehouse)
        target = dlt.destinations.duckdb(DuckDbCredentials(str(file), read_only=True))
        where = file.name
    name = reports_dataset(pipeline)
    schema = reports_schema()
    _require_reports(dlt.dataset(target, name, schema), schema, where)
    return Reports(dlt.dataset(target, name, schema), where)


def _first_file(*files: Path) -> Path:
    for file in files:
        if file.exists():
            return file
    raise NoReportsError(
        f"Nothing is loaded yet: there is no {files[-1]}. "
        "“make load” loads your account, “make demo” a simulated one."
    )


def _require_reports(dataset: dlt.Dataset, schema: dlt.Schema, where: str) -> None:
    client = dataset.destination_client
    assert isinstance(client, SqlJobClientBase), "the destination takes no SQL"
    with client:
        if not client.sql_client.has_dataset():
            raise NoReportsError(
                f"No reports are in {where} yet: “make load” loads and builds them, "
                "“make reports” builds them from what is loaded."
            )
        missing = [
            name
            for name, there in client.get_storage_tables(_READ)
            if not schema.get_table_columns(name).keys() <= there.keys()
        ]
    if missing:
        raise NoReportsError(
            f"The reports in {where} are of an earlier version ({', '.join(missing)}): "
            "“make reports” builds them anew."
        )
