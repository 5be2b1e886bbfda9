"""The page on people and accounts."""

import pandas as pd
from markupsafe import Markup

from . import charts, markup
from .charts import Draw
from .markup import Card
from .reading import EventFilter, ReportRow, Reports, rows_of, search_sql
from .tables import MOST, Column, ShowTable, Table, plain_column, static_table

_LISTED = 25
_COHORTS = 12


def people_page(
    reports: Reports,
    event_filter: EventFilter,
    draw: Draw,
    search: str = "",
    with_people: bool = True,
    show: ShowTable = static_table,
) -> Markup:
    """Who registers, attends and comes back, over the selected events; and their companies.

    Args:
        reports: where to read.
        event_filter: the events; accounts and returning people are over all events.
        draw: draws the charts.
        search: a part of a name, address or organisation.
        with_people: whether people are named.
        show: shows tables.
    """
    cells = _latest_cohorts(reports)
    listed = (
        [markup.panel("People", _people(reports, event_filter, search, show))]
        if with_people
        else []
    )
    return markup.page(
        "people",
        markup.cards(_cards(reports, event_filter)),
        *listed,
        markup.panel(
            "Accounts",
            _accounts(reports, show),
            hint="By the domain of the address, over all events whatever is selected. "
            "The score is the mean of the account's three best.",
        ),
        markup.panel(
            "Who comes back",
            markup.note("Nothing to show yet.") if cells.empty else draw(charts.retention(cells)),
            hint="Share of those who first came in a month that came again so many months later; "
            f"over all events, the latest {_COHORTS} such months.",
        ),
    )


def _latest_cohorts(reports: Reports) -> pd.DataFrame:
    # Month 0 is always 100 %: beside it the colours of the other months would all look alike.
    cells = reports.frame(
        "select * from cohort_retention where months_since > 0 order by cohort_month, months_since"
    )
    latest = cells["cohort_month"].unique()[-_COHORTS:]
    return cells[cells["cohort_month"].isin(latest)]


def _over_events(event_filter: EventFilter) -> str:
    """A query: the report `people`, but over the selected events alone."""
    return f"""
        select
            person,
            case when sum(awaited_registrations) = 0 then sum(registered) end
                as registered,
            case when sum(awaited_attendance) = 0 then sum(attended) end as attended,
            case when sum(awaited_registrations) = 0 and sum(awaited_attendance) = 0
                then coalesce(sum(case when expected = 1 then attended end), 0) end as shown,
            sum(expected) as expected,
            case when sum(awaited_engagement) = 0 then avg(score) end as mean_score
        from (
            select
                attendee_event.person,
                attendee_event.score,
                case when event_summary.registration_state <> 'known' then null
                    when attendee_event.is_staff then 0
                    else attendee_event.registered end as registered,
                case when event_summary.attendance_state = 'not yet' then 0
                    when event_summary.attendance_state = 'known'
                    then attendee_event.attended end as attended,
                case when event_summary.attendance_rate is not null
                    and attendee_event.registered = 1
                    and attendee_event.is_staff = false
                    and attendee_event.registered_after_end = 0 then 1 else 0 end as expected,
                case when event_summary.registration_state = 'awaited' then 1 else 0 end
                    as awaited_registrations,
                case when event_summary.attendance_state = 'awaited' then 1 else 0 end
                    as awaited_attendance,
                case when event_summary.engagement_state = 'awaited' then 1 else 0 end
                    as awaited_engagement
            from attendee_event
            inner join event_summary on attendee_event.airmeet_id = event_summary.airmeet_id
            where (attendee_event.is_stranger = false or attendee_event.is_stranger is null)
                and attendee_event.airmeet_id in (
                    select event_summary.airmeet_id from event_summary where {event_filter.sql}
                )
        ) as seen
        group by person
    """


def _cards(reports: Reports, event_filter: EventFilter) -> list[Card]:
    totals = reports.frame(f"""
        select
            count(*) as people,
            sum(case when registered >= 1 then 1 else 0 end) as registered,
            sum(case when attended >= 1 then 1 else 0 end) as attended,
            sum(case when attended >= 2 then 1 else 0 end) as repeats,
            sum(case when attended is null then 1 else 0 end) as unknown
        from ({_over_events(event_filter)}) as totals
    """)
    (figures,) = rows_of(totals)
    people, unknown = figures["people"], figures["unknown"] or 0
    attended = figures["attended"] or 0

    def counted(value: int | None) -> Markup:
        if not unknown:
            return markup.count(value or 0)
        return Markup("≥ {}").format(markup.count(value)) if value else markup.UNKNOWN

    note = f"not known of {unknown:,}" if unknown else ""
    share = figures["repeats"] / attended if attended and not unknown else None
    return [
        Card("people", "People", markup.count(people), "registered or came"),
        Card("people_registered", "Registered", markup.count(figures["registered"] or 0)),
        Card("people_attended", "Attended", counted(figures["attended"]), note),
        Card("people_repeats", "Came more than once", counted(figures["repeats"]), note),
        Card(
            "people_repeat_rate",
            "Repeat rate",
            markup.rate(share, bool(unknown)),
            "attendees who came more than once",
        ),
    ]


def _people(reports: Reports, event_filter: EventFilter, search: str, show: ShowTable) -> Markup:
    matching = "1 = 1"
    if search.strip():
        matching = search_sql(search, ("people.person", "people.name", "people.organisation"))
    rows = reports.frame(f"""
        select
            listed.person, people.name, people.organisation,
            listed.registered, listed.attended, listed.mean_score, listed.show_rate,
            listed.expected, listed.missed
        from (
            select
                totals.person, totals.registered, totals.attended, totals.mean_score,
                totals.expected, totals.expected - totals.shown as missed,
                cast(totals.shown as double) / nullif(totals.expected, 0) as show_rate
            from ({_over_events(event_filter)}) as totals
        ) as listed
        left join people on listed.person = people.person
        where {matching}
        order by
            listed.attended desc nulls last, listed.mean_score desc nulls last, listed.person
        limit {MOST}
    """)
    columns = [
        Column(
            "Name",
            lambda p: markup.name(p["name"] or p["person"]),
            "name",
            markup.name,
            is_number=False,
        ),
        plain_column("Address", "person", markup.address, is_number=False, is_extra=True),
        plain_column("Organisation", "organisation", markup.name, is_number=False, is_extra=True),
        plain_column("Registered", "registered", markup.count),
        plain_column("Attended", "attended", markup.count),
        plain_column("Missed", "missed", markup.count, is_live=True),
        Column(
            "Show rate",
            lambda p: markup.rate(p["show_rate"], p["expected"] != 0),
            "show_rate",
            markup.rate,
            is_extra=True,
        ),
        Column("Score", _mean_score, "mean_score", markup.score),
    ]
    more = f"The first {_LISTED}; search to see others." if len(rows) > _LISTED else ""
    return show(Table(rows, columns, "people", "Nobody matches.", more, _LISTED, has_search=False))


def _mean_score(person: ReportRow) -> Markup:
    """Unknown for people who attended or may have attended; a dash for those who did not."""
    if person["mean_score"] is None and person["attended"] != 0:
        return markup.UNKNOWN
    return markup.score(person["mean_score"])


def _accounts(reports: Reports, show: ShowTable) -> Markup:
    rows = reports.frame(f"""
        select * from accounts
        where is_free_mail = false
        order by engaged_people desc nulls last, people desc, domain
        limit {MOST}
    """)
    columns = [
        plain_column("Domain", "domain", markup.domain, is_number=False),
        plain_column("People", "people", markup.count),
        plain_column("Attended", "attendees", markup.count, is_extra=True),
        plain_column("Engaged", "engaged_people", markup.count),
        plain_column("Attended in 90 days", "attendees_last_90_days", markup.count, is_extra=True),
        plain_column("Events", "events", markup.count, is_extra=True),
        Column("Score", _top_score, "top_three_score", markup.score),
        plain_column(
            "Figures", "is_final", markup.finality, is_number=False, is_extra=True, is_short=True
        ),
    ]
    more = f"The first {_LISTED}." if len(rows) > _LISTED else ""
    empty = "No account is known."
    return show(Table(rows, columns, "accounts", empty, more, _LISTED))


def _top_score(account: ReportRow) -> Markup:
    if account["top_three_score"] is None and account["attendees"] != 0:
        return markup.UNKNOWN
    return markup.score(account["top_three_score"])
