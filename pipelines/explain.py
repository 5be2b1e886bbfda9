"""`airmeet explain`: every figure of one airmeet's summary, and the rows and rules behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dlt
from airmeet.feeds import TABLE_FEEDS
from airmeet.ledger import read_ledger
from airmeet.lifecycle import Sync

from pipelines.outcome import CommandError
from pipelines.reports import reports_dataset
from pipelines.status import age


@dataclass(frozen=True)
class Figure:
    """One figure: its value as the summary has it, and how it comes about."""

    name: str
    value: Any
    because: str


@dataclass(frozen=True)
class Explanation:
    """An airmeet's summary taken apart.

    Attributes:
        head: its name, status, time and finality, on one line.
        figures: in the order of the summary.
        unsettled: ledger lines that keep figures from being known or final.
        left_out: people whom `attended` leaves out, and why.
        differs: where Airmeet's own screen would say something else.
    """

    head: str
    figures: list[Figure]
    unsettled: list[Sync]
    left_out: list[tuple[str, str]]
    differs: list[str]


def explain(pipeline: dlt.Pipeline, airmeet_id: str) -> Explanation:
    """Take an airmeet's summary apart.

    Raises:
        CommandError: the airmeet, or the reports, are not there.
    """
    summary = _one(pipeline, reports_dataset(pipeline), "event_summary", airmeet_id)
    if summary is None:
        raise CommandError(
            f"no airmeet {airmeet_id} is in the event summary; airmeet load brings it there"
        )
    raw = {name: _people_in(pipeline, name, airmeet_id) for name in _WITH_PEOPLE}
    ledger = read_ledger(pipeline)
    lines = [sync for (airmeet, _), sync in ledger.items() if airmeet == airmeet_id]
    staff = _staff(pipeline, airmeet_id)
    return Explanation(
        head=_head(summary),
        figures=list(_figures(summary, raw)),
        unsettled=sorted((s for s in lines if not s.is_final), key=_place),
        left_out=[(person, "staff: host, cohost, speaker or exhibitor") for person in staff],
        differs=list(_differences(raw, staff, lines)),
    )


_WITH_PEOPLE = ("registrations", "event_attendance", "poll_responses")


@dataclass(frozen=True)
class _Raw:
    """An airmeet's rows in a raw table: all, distinct people, rows without an address."""

    rows: int = 0
    people: int = 0
    nameless: int = 0

    def words(self) -> str:
        text = f"{self.rows:,} rows, {self.people:,} distinct addresses"
        return text + (f", {self.nameless:,} rows without one" if self.nameless else "")


def _people_in(pipeline: dlt.Pipeline, table: str, airmeet_id: str) -> _Raw:
    count = (
        "SELECT count(*), count(DISTINCT lower(trim(email))), "
        "count(CASE WHEN email IS NULL OR trim(email) = '' THEN 1 END) FROM {table} "
        "WHERE airmeet_id = %s"
    )
    rows = _query(pipeline, str(pipeline.dataset_name), table, count, airmeet_id)
    return _Raw(*rows[0]) if rows else _Raw()


def _staff(pipeline: dlt.Pipeline, airmeet_id: str) -> list[str]:
    people = "SELECT person FROM {table} WHERE airmeet_id = %s AND staff_attended = 1 ORDER BY 1"
    rows = _query(pipeline, reports_dataset(pipeline), "attendee_event", people, airmeet_id)
    return [person for (person,) in rows]


def _one(
    pipeline: dlt.Pipeline, dataset: str, table: str, airmeet_id: str
) -> dict[str, Any] | None:
    names = [figure for figure, _ in _RULES] + ["name", "status", "start_time", "is_final"]
    query = f"SELECT {', '.join(names)} FROM {{table}} WHERE airmeet_id = %s"
    rows = _query(pipeline, dataset, table, query, airmeet_id)
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _query(
    pipeline: dlt.Pipeline, dataset: str, table: str, query: str, airmeet_id: str
) -> list[tuple[Any, ...]]:
    """The rows of a query on one table; none where the table is not there."""
    from dlt.destinations.exceptions import DatabaseUndefinedRelation

    with pipeline.sql_client() as client, client.with_alternative_dataset_name(dataset):
        name = client.make_qualified_table_name(table)
        try:
            rows = client.execute_sql(query.format(table=name), airmeet_id) or ()
            return [tuple(row) for row in rows]
        except DatabaseUndefinedRelation:
            return []


_RULES = (
    ("registered", "distinct addresses in registrations: {registrations}"),
    ("attended", "distinct addresses in event attendance, staff left out: {event_attendance}"),
    ("staff_attended", "staff whose address is known, in event attendance"),
    ("attended_registered", "of attended, those whose address is in registrations, too"),
    ("walk_ins", "attended − attended_registered"),
    ("no_shows", "registered − attended_registered; unknown until attendance is loaded"),
    ("attendance_rate", "attended_registered ÷ registered; unknown where nobody registered"),
    ("sessions", "rows in sessions"),
    ("booth_visits", "sum of visits in booth attendance; a row without a number counts once"),
    ("poll_respondents", "distinct addresses with an answer in poll responses: {poll_responses}"),
    ("questions_asked", "rows in questions"),
    ("engaged", "of attended, those seen in a session, poll, question or booth"),
    ("engagement_rate", "engaged ÷ attended"),
    ("data_as_of", "when the oldest of its loaded feeds was fetched"),
)


def _figures(summary: dict[str, Any], raw: dict[str, _Raw]) -> Iterator[Figure]:
    words = {name: rows.words() for name, rows in raw.items()}
    for name, rule in _RULES:
        yield Figure(name, summary[name], rule.format(**words))


def _head(summary: dict[str, Any]) -> str:
    final = "final" if summary["is_final"] else "provisional"
    start = summary["start_time"]
    when = f"{start:%Y-%m-%d %H:%M %Z}" if start else "no start"
    return f"{summary['name']} · {summary['status']} · {when} · {final}"


def _place(sync: Sync) -> int:
    names = list(TABLE_FEEDS)
    return names.index(sync.feed) if sync.feed in names else len(names)


def why_unsettled(sync: Sync) -> str:
    """Why a ledger line is not final."""
    if sync.status != "loaded":
        return sync.error or sync.status
    if sync.expected_rows is not None and sync.expected_rows != sync.rows:
        return f"{sync.rows:,} rows of {sync.expected_rows:,} that Airmeet announced"
    if sync.error:
        return sync.error
    return f"fetched {age(sync.requested_at)}, before the airmeet settled"


def _differences(raw: dict[str, _Raw], staff: list[str], lines: list[Sync]) -> Iterator[str]:
    attendance, registrations = raw["event_attendance"], raw["registrations"]
    if more := attendance.rows - attendance.nameless - attendance.people:
        yield f"who came back has a row for each time in attendance: {more:,} more than people"
    if attendance.nameless:
        yield f"{attendance.nameless:,} attendees without an address count there, not here"
    if staff:
        yield f"{len(staff):,} of the staff are among the attendees there"
    if registrations.nameless:
        yield f"{registrations.nameless:,} registrants without an address count there, not here"
    if stale := [s for s in lines if s.status in ("pending", "failed")]:
        names = ", ".join(sorted(s.feed for s in stale))
        yield f"Airmeet may show more: {names} could not be fetched last time"
    yield "registrations that were cancelled are gone from the list, here as there"
