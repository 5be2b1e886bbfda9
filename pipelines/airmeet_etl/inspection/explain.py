"""`airmeet explain`: every figure of one airmeet's summary, and the rows and rules behind it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dlt
from airmeet.extract.ledger import read_ledger
from airmeet.extract.lifecycle import FeedSync
from airmeet.feeds import TABLE_FEEDS
from airmeet.person import PERSON, is_missing_id

from ..exit_codes import CommandError
from ..reports.build import reports_dataset
from ..reports.destination import dialect_of, full_name, open_client, read_rows
from ..reports.queries import own_files
from ..reports.seeds import normal_type, read_seed
from .status import age


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
        unsettled: ledger rows that keep figures from being known or final.
        left_out: people that `attended` leaves out, and why.
        differs: where Airmeet's own screen would say something else.
    """

    head: str
    figures: list[Figure]
    unsettled: list[FeedSync]
    left_out: list[tuple[str, str]]
    differs: list[str]


class UnknownAirmeet(CommandError):
    """The airmeet is not in the reports."""


def explain(pipeline: dlt.Pipeline, airmeet_id: str) -> Explanation:
    """Take an airmeet's summary apart.

    Raises:
        UnknownAirmeet: the airmeet, or the reports, are not there.
    """
    summary = _one(pipeline, reports_dataset(pipeline), "event_summary", airmeet_id)
    if summary is None:
        raise UnknownAirmeet(
            f"no airmeet {airmeet_id} is in the event summary; airmeet load brings it there"
        )
    raw = {name: _people_in(pipeline, name, airmeet_id) for name in _WITH_PEOPLE}
    ledger = read_ledger(pipeline)
    syncs = [sync for (airmeet, _), sync in ledger.items() if airmeet == airmeet_id]
    staff = _staff(pipeline, airmeet_id)
    return Explanation(
        head=_head(summary),
        figures=list(_figures(summary, raw, _times(pipeline, airmeet_id))),
        unsettled=sorted((s for s in syncs if not s.is_final), key=_place),
        left_out=list(_left_out(staff, _roles(pipeline, airmeet_id), raw["event_attendance"])),
        differs=list(_differences(summary, raw, staff, syncs)),
    )


_WITH_PEOPLE = (
    "registrations",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "poll_responses",
    "questions",
    "replay_attendance",
)


@dataclass(frozen=True)
class _Raw:
    """An airmeet's rows in a raw table: all, distinct people, and rows that are
    unnamed: without an address and without a user id."""

    rows: int = 0
    people: int = 0
    nameless: int = 0

    def words(self) -> str:
        text = f"{self.rows:,} rows, {self.people:,} distinct people"
        return text + (f", {self.nameless:,} unnamed rows" if self.nameless else "")


def _people_in(pipeline: dlt.Pipeline, table: str, airmeet_id: str) -> _Raw:
    count = (
        f"SELECT count(*), count(DISTINCT {PERSON}), "
        f"sum(CASE WHEN {PERSON} IS NULL THEN 1 ELSE 0 END) FROM {{table}} "
        "WHERE airmeet_id = {airmeet}"
    )
    rows = _query(pipeline, str(pipeline.dataset_name), table, count, airmeet_id)
    return _Raw(*(int(number or 0) for number in rows[0])) if rows else _Raw()


def _staff(pipeline: dlt.Pipeline, airmeet_id: str) -> dict[str, bool]:
    """The staff in attendance, and whether each of them had registered."""
    people = (
        "SELECT person, registered FROM {table} "
        "WHERE airmeet_id = {airmeet} AND staff_attended = 1 ORDER BY 1"
    )
    rows = _query(pipeline, reports_dataset(pipeline), "attendee_event", people, airmeet_id)
    return {person: bool(registered) for person, registered in rows}


def _roles(pipeline: dlt.Pipeline, airmeet_id: str) -> dict[str, list[str]]:
    """What the programme, the booths and the participants' types call people; user ids, which
    attendance ties to addresses, count as `int_staff` has it."""
    raw = str(pipeline.dataset_name)

    def rows(table: str, *columns: str) -> list[tuple[Any, ...]]:
        query = f"SELECT {', '.join(columns)} FROM {{table}} WHERE airmeet_id = {{airmeet}}"
        return _query(pipeline, raw, table, query, airmeet_id)

    listed = rows("session_people", "role", "id", PERSON)
    listed += [("exhibitor", *row) for row in rows("booth_exhibitors", "id", PERSON)]
    types = {row["user_type"] for row in read_seed("staff_types", own_files())}
    listed += [
        (kind.strip().lower(), None, person)
        for person, kind in rows("participants", PERSON, "user_type")
        if kind and normal_type(kind) in types
    ]
    roles: defaultdict[str | None, dict[str, None]] = defaultdict(dict)
    by_id: defaultdict[str | None, dict[str, None]] = defaultdict(dict)
    for role, user_id, person in listed:
        roles[person][role] = None
        if not is_missing_id(user_id):
            by_id[user_id][role] = None
    for person, user_id in rows("event_attendance", PERSON, "user_id"):
        roles[person] |= by_id.get(user_id, {})
    return {person: list(found) for person, found in roles.items() if person is not None}


def _left_out(
    staff: Iterable[str], roles: dict[str, list[str]], attendance: "_Raw"
) -> Iterator[tuple[str, str]]:
    for person in staff:
        yield person, f"staff: {', '.join(roles.get(person, ['by the user id']))}"
    if attendance.nameless:
        yield (
            f"{attendance.nameless:,} rows of attendance",
            "no address and no user id: they cannot be told apart",
        )


_HEAD = ("name", "status", "phase", "start_time", "is_final", "is_listed", "last_listed_at")


def _one(
    pipeline: dlt.Pipeline, dataset: str, table: str, airmeet_id: str
) -> dict[str, Any] | None:
    names = [figure for figure, _ in _RULES] + [*_HEAD]
    query = f"SELECT {', '.join(names)} FROM {{table}} WHERE airmeet_id = {{airmeet}}"
    rows = _query(pipeline, dataset, table, query, airmeet_id)
    return dict(zip(names, rows[0], strict=True)) if rows else None


def _query(
    pipeline: dlt.Pipeline, dataset: str, table: str, query: str, airmeet_id: str
) -> list[tuple[Any, ...]]:
    """The rows of a query on one table; none where the table is not there.

    The id is not bound: DuckDB imports pandas for any bound value.
    """
    from dlt.destinations.exceptions import DatabaseTerminalException, DatabaseUndefinedRelation
    from sqlglot import exp

    with open_client(pipeline, dataset) as client:
        airmeet = exp.Literal.string(airmeet_id).sql(dialect_of(client))
        try:
            return read_rows(client, query.format(table=full_name(client, table), airmeet=airmeet))
        except DatabaseUndefinedRelation:
            return []
        except DatabaseTerminalException:
            raise CommandError(
                f"the table {dataset}.{table} lacks a column that this version reads; airmeet load "
                "adds it"
            ) from None


_RULES = (
    ("registered", "distinct people in registrations, staff too: {registrations}"),
    ("staff_registered", "of registered, the staff; unknown while sessions or booths are"),
    (
        "registered_after_end",
        "of registered, who are no staff, did not attend and registered after the end",
    ),
    (
        "attended",
        "distinct people in event attendance ({event_attendance}) or session attendance "
        "({session_attendance}), staff left out; unknown before the start, and while these, "
        "sessions or booths are",
    ),
    ("staff_attended", "staff in event or session attendance"),
    ("attended_registered", "of attended, those who are in registrations, too"),
    ("walk_ins", "attended − attended_registered"),
    (
        "no_shows",
        "registered − staff_registered − registered_after_end − attended_registered; unknown "
        "until the airmeet is over",
    ),
    (
        "attendance_rate",
        "attended_registered ÷ (registered − staff_registered − registered_after_end); unknown "
        "until the airmeet is over, and where nobody is left",
    ),
    (
        "attended_on_demand",
        "distinct people in replay attendance ({replay_attendance}), no staff, who did not "
        "attend; unknown where Airmeet's gateway was not asked",
    ),
    ("total_audience", "attended + attended_on_demand"),
    ("sessions", "rows in sessions"),
    (
        "booth_visits",
        "sum of visits in booth attendance, a row without a number counts once: {booth_attendance}",
    ),
    ("poll_respondents", "distinct people with an answer in poll responses: {poll_responses}"),
    ("questions_asked", "rows in questions: {questions}"),
    ("engaged", "of attended, those seen in a session, poll, question or booth"),
    ("engagement_rate", "engaged ÷ attended; unknown until the airmeet is over"),
    (
        "replay_viewers",
        "distinct people in replay attendance, staff too; unknown where Airmeet's gateway was not "
        "asked",
    ),
    (
        "without_identity",
        "rows of people with neither an address nor a user id: they are in no count of people",
    ),
    (
        "held_minutes",
        "from start to end; of more than a day, each day from the first session's start to the "
        "last one's end; unknown without an end and without sessions",
    ),
    (
        "timed_attendees",
        "of attended, those each of whose visits says when it was ({times}): the figures of time "
        "are theirs",
    ),
    ("average_minutes", "mean of their minutes within the held time, overlaps once"),
    ("median_minutes", "half of them stayed longer"),
    ("total_hours", "their hours together"),
    (
        "stayed_share",
        "of them, those there for 80 % of the held time; unknown until the airmeet is over",
    ),
    ("peak_attendees", "of them, the most within five minutes of the attendance curve"),
    ("peak_at", "when these five minutes began"),
    (
        "average_minutes_on_demand",
        "mean minutes of those, no staff, who watched a replay; unknown where one says none",
    ),
    (
        "registered_in_person",
        "of registered, those who are to attend in person; unknown where the event is not hybrid",
    ),
    ("registered_virtual", "of registered, those who are to attend virtually"),
    ("attended_in_person", "of attended, those who were to attend in person"),
    ("attended_virtual", "of attended, those who were to attend virtually"),
    ("data_as_of", "when the oldest of its loaded feeds was fetched"),
)


def _times(pipeline: dlt.Pipeline, airmeet_id: str) -> str:
    """How many rows of the airmeet's attendance say when they were, in words."""
    count = (
        "SELECT count(*), sum(CASE WHEN time_stamp IS NULL OR time_spent IS NULL THEN 0 ELSE 1 END)"
        " FROM {table} WHERE airmeet_id = {airmeet}"
    )
    rows = _query(pipeline, str(pipeline.dataset_name), "event_attendance", count, airmeet_id)
    total, timed = rows[0] if rows else (0, 0)
    if total and not timed:
        return f"Airmeet sends no times: none of {total:,} rows of event attendance has one"
    return f"{timed or 0:,} of {total:,} rows of event attendance do"


def _figures(summary: dict[str, Any], raw: dict[str, _Raw], times: str) -> Iterator[Figure]:
    words = {name: rows.words() for name, rows in raw.items()} | {"times": times}
    for name, rule in _RULES:
        yield Figure(name, summary[name], rule.format(**words))


def _head(summary: dict[str, Any]) -> str:
    final = "final" if summary["is_final"] else "provisional"
    start = summary["start_time"]
    when = f"{start:%Y-%m-%d %H:%M %Z}" if start else "no start"
    words = [summary["name"], summary["status"], summary["phase"], when, final]
    if summary["is_listed"] is False:
        words.append(f"left Airmeet's list after {summary['last_listed_at']:%Y-%m-%d}")
    return " · ".join(map(str, words))


def _place(sync: FeedSync) -> int:
    names = list(TABLE_FEEDS)
    return names.index(sync.feed) if sync.feed in names else len(names)


def why_unsettled(sync: FeedSync) -> str:
    """Why a ledger row is not final."""
    if sync.status != "loaded":
        return sync.error or sync.status
    if sync.expected_rows is not None and sync.expected_rows != sync.rows:
        return f"{sync.rows:,} rows of {sync.expected_rows:,} that Airmeet announced"
    if sync.error:
        return sync.error
    return f"fetched {age(sync.requested_at)}, before the airmeet settled"


def _differences(
    summary: dict[str, Any], raw: dict[str, _Raw], staff: dict[str, bool], syncs: list[FeedSync]
) -> Iterator[str]:
    attendance, registrations = raw["event_attendance"], raw["registrations"]
    if more := attendance.rows - attendance.nameless - attendance.people:
        yield f"who came back has a row for each time in attendance: {more:,} more than people"
    if attendance.nameless:
        yield f"{attendance.nameless:,} unnamed attendees are counted there, not here"
    if staff:
        yield f"{len(staff):,} of the staff are among the attendees there"
    if registered := sum(staff.values()):
        yield f"{registered:,} of them had registered: here they are in registered, in no rate"
    if registrations.nameless:
        yield f"{registrations.nameless:,} unnamed registrants are counted there, not here"
    if stale := [s for s in syncs if s.status in ("pending", "failed")]:
        names = ", ".join(sorted(s.feed for s in stale))
        yield f"Airmeet may show more: {names} could not be fetched last time"
    if not summary["is_final"] and (as_of := summary["data_as_of"]):
        yield f"what happened there after {as_of:%Y-%m-%d %H:%M %Z} may not be here yet"
    yield "who cancelled a registration is gone from the list that Airmeet gives, and so from here"
