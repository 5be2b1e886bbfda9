"""Reads the reports, and filters events."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

import dlt
import pandas as pd
import pyarrow as pa
from airmeet.nearest import meant, several_fit
from airmeet.settings import MODES, Mode
from airmeet_etl.communities import configured_communities
from airmeet_etl.exit_codes import CommandError, FileHeld, to_command_error
from airmeet_etl.reports.build import reports_dataset
from airmeet_etl.reports.dataset_schema import reports_schema
from airmeet_etl.reports.frames import to_frame
from airmeet_etl.reports.publish import published_file
from airmeet_etl.reports.queries import read_query
from airmeet_etl.warehouse.columns import columns_of
from airmeet_etl.warehouse.warehouse import open_pipeline, warehouse_file
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.job_client_impl import SqlJobClientBase

ReportRow = dict[str, Any]
"""A row of a report as Python's values; None is unknown."""

_REPORTS = (
    "accounts",
    "attendance_curve",
    "attendee_event",
    "booth_summary",
    "certificates",
    "cohort_retention",
    "data_status",
    "event_comparison",
    "event_funnel",
    "event_summary",
    "follow_up",
    "people",
    "poll_results",
    "question_log",
    "registration_daily",
    "registration_pace",
    "segments",
    "session_engagement",
    "session_flow",
)
"""The reports that the pages need."""


class NoReportsError(Exception):
    """There are no reports to show; the message says what to do."""


@dataclass(frozen=True)
class EventFilter:
    """Which events are shown; without any limits, all.

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

    def apply(self, events: pd.DataFrame) -> pd.DataFrame:
        """The rows of event_summary that pass, in their order."""
        if self.airmeet_id is not None:
            events = events[events["airmeet_id"] == self.airmeet_id]
        if self.statuses:
            events = events[events["status"].isin(self.statuses)]
        if self.since:
            events = events[(events["start_date"] >= self.since).fillna(False)]
        if self.until:
            events = events[(events["start_date"] <= self.until).fillna(False)]
        return events

    @property
    def sql(self) -> str:
        """The same filter as a condition on event_summary, in DuckDB's SQL."""
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


def search_sql(text: str, columns: Sequence[str]) -> str:
    """The condition that one of the columns holds a text, whatever its capitals."""
    escaped = text.strip().lower()
    for sign in "!%_":
        escaped = escaped.replace(sign, f"!{sign}")
    pattern = quoted(f"%{escaped}%")
    return " or ".join(f"lower({column}) like {pattern} escape '!'" for column in columns)


def _day(day: date) -> str:
    return f"cast('{day.isoformat()}' as date)"


class Reports:
    """The reports of one destination; connected while it is a context manager.

    Attributes:
        location: where they are read from, without credentials.
        mode: of privacy: what is stored of people.
    """

    def __init__(self, client: SqlJobClientBase, location: str, mode: Mode = "plain") -> None:
        self._client = client
        self.location = location
        self.mode = mode

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._client.__exit__(*error)

    @property
    def names_left_out(self) -> str | None:
        """Why people have no names; None where they have."""
        if self.mode == "plain":
            return None
        return f"Names are not stored, and addresses are pseudonyms: privacy = “{self.mode}”."

    def frame(self, query: str) -> pd.DataFrame:
        """The result of a query on the reports, written in DuckDB's SQL for any destination."""
        return to_frame(self.table(query))

    def table(self, query: str) -> pa.Table:
        """The same as the destination gives it."""
        return read_query(self._client, query)

    def events(self) -> pd.DataFrame:
        """All of event_summary, latest first; `is_to_come` where attendance has not begun,
        `is_over` where it is over."""
        events = self.frame("select * from event_summary")
        events["is_to_come"] = (events["attendance_state"] == "not yet").fillna(False)
        events["is_over"] = (events["phase"] == "over").fillna(False) & ~events["is_to_come"]
        return events.sort_values(["start_time", "airmeet_id"], ascending=False, ignore_index=True)


def find_event(reports: Reports, words: str) -> str:
    """The id of the event with this id or name, or with a name that these words are a part of.

    Raises:
        CommandError: there is none, or there are several.
    """
    with reports:
        events = rows_of(reports.events()[["airmeet_id", "name", "start_date"]])
    ids = {*meant(words, ((one["airmeet_id"], one["name"]) for one in events))}
    fitting = [one for one in events if one["airmeet_id"] in ids]
    if len(fitting) == 1:
        return str(fitting[0]["airmeet_id"])
    if not fitting:
        raise CommandError(
            f"No event has the id or the name “{words}”, or a name with these words."
        )
    found = (
        f"{one['name']}, {one['start_date'] or 'no date'} ({one['airmeet_id']})" for one in fitting
    )
    raise CommandError(several_fit(words, found))


def rows_of(frame: pd.DataFrame) -> list[ReportRow]:
    """The rows of a frame as Python's values, None where a value is unknown."""
    rows: list[ReportRow] = pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
    return rows


def open_reports(
    destination: str | None = None, dataset: str | None = None, community: str | None = None
) -> Reports:
    """The reports of the configured destination.

    For a DuckDB warehouse this is the published file, so that an open dashboard never disturbs a
    load; if none was published, the warehouse itself.

    Args:
        destination: a dlt destination's name; DuckDB without one.
        dataset: the raw dataset's name; `airmeet` without one.
        community: of several communities this one; without it what is over all of them.

    Raises:
        NoReportsError: no reports were built yet, or those of an earlier version.
        CommandError: the destination is unknown or not configured.
    """
    pipeline = open_pipeline(destination, dataset, community=community)
    target: Any = pipeline.destination
    location = str(target.destination_name)
    if warehouse := warehouse_file(pipeline):
        file = _first_file(published_file(pipeline), warehouse)
        target = dlt.destinations.duckdb(DuckDbCredentials(str(file), read_only=True))
        location = file.name
    schema = reports_schema()
    client = dlt.dataset(target, reports_dataset(pipeline), schema).destination_client
    assert isinstance(client, SqlJobClientBase), "the destination is no SQL database"
    try:
        _require_reports(client, location)
    except Exception as error:
        raise _held(error, community) from error
    return Reports(client, location, _mode(community))


def _held(error: Exception, community: str | None) -> Exception:
    """The error; of a warehouse that another process has open with what to do."""
    held = to_command_error(error)
    if not isinstance(held, FileHeld):
        return error
    command = f"airmeet publish --community {community}" if community else "airmeet publish"
    return NoReportsError(
        f"{held}; once it is through, “{command}” makes a file for the dashboard, which every "
        "load brings up to date"
    )


def _mode(community: str | None) -> Mode:
    """What the settings say, of several communities the strictest; the key that a load needs is
    not needed to read. An unknown word counts as the strictest mode."""
    common = dlt.config.get("sources.airmeet.privacy", str) or "plain"
    section = "sources.airmeet.communities"
    names = [community] if community else configured_communities()
    own = [dlt.config.get(f"{section}.{name}.privacy", str) or common for name in names]
    return max(map(_known_mode, own or [common]), key=MODES.index)


def _known_mode(said: str) -> Mode:
    return next((mode for mode in MODES if mode == said), "minimal")


def _first_file(*files: Path) -> Path:
    for file in files:
        if file.exists():
            return file
    raise NoReportsError(
        f"Nothing is loaded yet: there is no {files[-1]}. "
        "“make load” loads your account, “make demo” a simulated one."
    )


def _require_reports(client: SqlJobClientBase, location: str) -> None:
    with client:
        if not client.sql_client.has_dataset():
            raise NoReportsError(
                f"No reports are in {location} yet: “make load” loads and builds them, "
                "“make reports” builds them from what is loaded."
            )
        missing = [
            name
            for name, columns in columns_of(client, _REPORTS).items()
            if not client.schema.get_table_columns(name).keys() <= columns.keys()
        ]
    if missing:
        raise NoReportsError(
            f"The reports in {location} are of an earlier version ({', '.join(missing)}): "
            "“make reports” builds them again."
        )
