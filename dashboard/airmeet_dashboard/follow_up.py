"""The page on whom to write to: everybody of the selected events, filtered, and as a file."""

from collections.abc import Collection
from dataclasses import dataclass, field
from io import BytesIO

from airmeet_etl.exit_codes import CommandError
from airmeet_etl.export.export import typed
from airmeet_etl.export.formats import FORMATS
from airmeet_etl.export.privacy import require_exportable
from airmeet_etl.reports.sql_files import sql_files
from markupsafe import Markup

from . import markup
from .markup import Card
from .reading import EventFilter, ReportRow, Reports, quoted, rows_of, search_sql
from .tables import MOST, Column, ShowTable, Table, plain_column, static_table

_LISTED = 50

STATUSES = {
    "Attended": "attended",
    "Came late": "attended_late",
    "Left early": "left_early",
    "Walked in": "walk_in",
    "On demand": "on_demand",
    "No-show": "no_show",
    "Registered": "registered",
    "Staff": "staff",
    "Not known": "",
}
"""The values of person_status by the words for them; empty is null."""

_WORDS = {status: words for words, status in STATUSES.items()}


@dataclass(frozen=True)
class PeopleFilter:
    """Which people are shown; without any limits, all.

    Attributes:
        statuses: words of `STATUSES`; any, if empty.
        wants_contact: only those who asked for contact at a booth.
        least_score: only those with this score or a higher one.
        search: a part of a name, address or organisation.
    """

    statuses: Collection[str] = field(default_factory=tuple)
    wants_contact: bool = False
    least_score: float | None = None
    search: str = ""

    @property
    def sql(self) -> str:
        """The filter as a condition on follow_up, in DuckDB's SQL."""
        conditions = ["1 = 1"]
        if self.statuses:
            chosen = ", ".join(quoted(STATUSES[words]) for words in sorted(self.statuses))
            conditions.append(f"coalesce(person_status, '') in ({chosen})")
        if self.wants_contact:
            conditions.append("wants_contact")
        if self.least_score is not None:
            conditions.append(f"score >= {float(self.least_score)}")
        if self.search.strip():
            conditions.append(search_sql(self.search, ("person", "name", "organisation")))
        return " and ".join(f"({condition})" for condition in conditions)


def people_sql(event_filter: EventFilter, people: PeopleFilter) -> str:
    """The condition on follow_up of what is shown: events and people together."""
    return (
        f"airmeet_id in (select airmeet_id from event_summary where {event_filter.sql}) "
        f"and {people.sql}"
    )


def follow_up_page(
    reports: Reports,
    event_filter: EventFilter,
    people: PeopleFilter,
    show: ShowTable = static_table,
) -> Markup:
    """How many people there are to write to, by what they did, and the first of them.

    Args:
        reports: where to read.
        event_filter: the events.
        people: which of their people.
        show: shows tables.
    """
    where = people_sql(event_filter, people)
    counts = {
        row["person_status"]: row
        for row in rows_of(
            reports.frame(f"""
                select
                    person_status,
                    count(*) as people,
                    sum(case when wants_contact then 1 else 0 end) as wanting_contact
                from follow_up where {where} group by person_status
            """)
        )
    }
    total = sum(row["people"] for row in counts.values())
    return markup.page(
        "follow_up",
        markup.cards(_cards(counts, total)),
        markup.panel(
            "People",
            _people(reports, where, total, show),
            markup.note(reports.names_left_out) if reports.names_left_out else Markup(),
            hint="A line for each person and event; those who asked for contact first, then by "
            "score. The file has all of them, with what they answered, asked and visited.",
        ),
    )


def refusal(reports: Reports) -> str | None:
    """Why there is no file of people; None where there is one."""
    try:
        require_exportable(sql_files("reporting")["follow_up"], reports.mode)
    except CommandError as error:
        return str(error)
    return None


def follow_up_csv(reports: Reports, event_filter: EventFilter, people: PeopleFilter) -> bytes:
    """All the people of the page as CSV, with every column of follow_up, as an export has them.

    Args:
        reports: where to read.
        event_filter: the events.
        people: which of their people.

    Raises:
        CommandError: privacy lets nobody leave the warehouse.
    """
    report = sql_files("reporting")["follow_up"]
    require_exportable(report, reports.mode)
    found = reports.table(f"""
        select {", ".join(column.name for column in report.columns)}
        from follow_up
        where {people_sql(event_filter, people)}
        order by {", ".join(report.grain)}
    """)
    written, csv = BytesIO(), FORMATS["csv"]
    written.write(csv.head)
    csv.write(typed(found, report.columns).to_reader(), written, None)
    return written.getvalue()


def _cards(counts: dict[str | None, ReportRow], total: int) -> list[Card]:
    def people(*statuses: str) -> Markup:
        return markup.count(sum(counts[one]["people"] for one in statuses if one in counts))

    wanting = sum(row["wanting_contact"] or 0 for row in counts.values())
    return [
        Card("follow_up_people", "People", markup.count(total), "a line for each event"),
        Card("follow_up_contact", "Asked for contact", markup.count(wanting), "at a booth"),
        Card(
            "follow_up_attended",
            "Attended",
            people("attended", "attended_late", "left_early", "walk_in"),
            "late, early and walk-ins too",
        ),
        Card("follow_up_left_early", "Left early", people("left_early")),
        Card("follow_up_on_demand", "On demand", people("on_demand"), "watched a replay alone"),
        Card("follow_up_no_shows", "No-shows", people("no_show")),
    ]


def _people(reports: Reports, where: str, total: int, show: ShowTable) -> Markup:
    rows = reports.frame(f"""
        select
            airmeet_id, person, name, organisation, person_status, event_name, start_date,
            minutes_attended,
            score, wants_contact, wants_contact_at, next_event_name
        from follow_up
        where {where}
        order by
            case when wants_contact then 0 else 1 end, score desc nulls last,
            start_date desc nulls last, airmeet_id, person
        limit {MOST}
    """)
    columns = [
        Column("Name", _who, "name", markup.name, is_number=False),
        plain_column("Address", "person", markup.address, is_number=False, is_extra=True),
        plain_column("Organisation", "organisation", markup.name, is_number=False, is_live=True),
        Column("What they did", _what, "person_status", _status, is_number=False, is_short=True),
        Column("Event", _event, "event_name", markup.name, is_number=False, is_extra=True),
        plain_column("Starts", "start_date", markup.day, is_live=True),
        Column("Wants contact", _contact, is_number=False, is_extra=True),
        plain_column("Stayed", "minutes_attended", markup.minutes, is_extra=True),
        plain_column("Score", "score", markup.score),
        plain_column(
            "Comes next to",
            "next_event_name",
            markup.name,
            is_number=False,
            is_extra=True,
        ),
    ]
    more = markup.left_out(_LISTED, total, "people; the file has all of them")
    return show(
        Table(
            rows,
            columns,
            "follow_up",
            "Nobody matches.",
            more,
            _LISTED,
            "airmeet_id",
            has_search=False,
        )
    )


def _who(person: ReportRow) -> Markup:
    """A name with the organisation; on a narrow screen with the address, which has no column."""
    shown = markup.two_lines(person["name"] or person["person"], person["organisation"])
    if not person["name"]:
        return shown
    return shown + Markup('<div class="narrow">{}</div>').format(markup.address(person["person"]))


def _what(person: ReportRow) -> Markup:
    """The status; on a narrow screen with the contact, which has no column there."""
    wish = Markup('<div class="narrow">wants contact</div>') if person["wants_contact"] else ""
    return _status(person["person_status"]) + wish


def _status(status: str | None) -> Markup:
    words = _WORDS.get(status or "", status)
    return Markup('<span class="whole">{}</span>').format(words)


def _event(person: ReportRow) -> Markup:
    return Markup('{}<div class="below">{}</div>').format(
        markup.name(person["event_name"], "no name"), markup.day(person["start_date"])
    )


def _contact(person: ReportRow) -> Markup:
    if person["wants_contact"] is None:
        return markup.UNKNOWN
    if not person["wants_contact"]:
        return markup.NONE
    return markup.name(person["wants_contact_at"], "yes")
