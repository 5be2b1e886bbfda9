"""The page on events to come: how many registered so far, and how many are to be expected."""

import pandas as pd
from markupsafe import Markup

from . import event_charts, markup
from .charts import Draw
from .markup import Card
from .reading import EventFilter, ReportRow, Reports, rows_of
from .tables import Column, ShowTable, Table, plain_column, static_table

_DRAWN = 8
_LEAST_EVENTS = 5
"""Comparable events without which nothing is expected."""


def pace_page(
    reports: Reports,
    event_filter: EventFilter,
    draw: Draw | None,
    show: ShowTable = static_table,
) -> Markup:
    """Each event to come: registrations so far, and what comparable events lead one to expect.

    Args:
        reports: where to read.
        event_filter: the events.
        draw: draws the charts; without it there are none.
        show: shows tables.
    """
    days = reports.frame(f"""
        select * from registration_pace
        where airmeet_id in (
            select airmeet_id from event_summary
            where phase = 'upcoming' and {event_filter.sql}
        )
        order by start_date nulls last, airmeet_id, day
    """)
    if days.empty:
        return markup.page("pace", markup.note(_nothing(reports, event_filter)))
    events = [rows_of(group)[-1] for _, group in days.groupby("airmeet_id", sort=False)]
    charts = [Markup()]
    if draw is not None:
        panels = [
            _event(event, days[days["airmeet_id"] == event["airmeet_id"]], draw)
            for event in events[:_DRAWN]
        ]
        more = markup.left_out(_DRAWN, len(events), "events are drawn, the first to come")
        charts = [markup.side_by_side(*panels), markup.note(more)]
    return markup.page(
        "pace",
        markup.cards(_cards(events)),
        markup.panel("Events to come", _table(events, show)),
        *charts,
    )


def _nothing(reports: Reports, event_filter: EventFilter) -> str:
    (row,) = rows_of(
        reports.frame(f"""
            select count(*) as events, sum(registered) as registered
            from event_summary where phase = 'upcoming' and {event_filter.sql}
        """)
    )
    if not row["events"]:
        return "No event to come is among those selected."
    if row["registered"] is None:
        return "Not known: registrations of the events to come are not loaded."
    return "Nobody has registered yet for the events to come."


def _cards(events: list[ReportRow]) -> list[Card]:
    expected = [event for event in events if event["expected_registrations"] is not None]
    attendance = [event for event in events if event["expected_attendance"] is not None]

    def total(of: list[ReportRow], column: str) -> Markup:
        return markup.count(sum(event[column] for event in of)) if of else markup.NONE

    def of_all(of: list[ReportRow]) -> str:
        return "" if len(of) == len(events) else f"of {len(of):,} of {len(events):,} events"

    return [
        Card("pace_events", "Events to come", markup.count(len(events))),
        Card("pace_registered", "Registered so far", total(events, "registered"), "no staff"),
        Card(
            "pace_expected",
            "Expected registrations",
            total(expected, "expected_registrations"),
            of_all(expected),
        ),
        Card(
            "pace_attendance",
            "Expected to come",
            total(attendance, "expected_attendance"),
            of_all(attendance),
        ),
        Card(
            "pace_next",
            "The next one",
            Markup(_days(events[0]["days_before_start"])),
            events[0]["event_name"] or "no name",
        ),
    ]


def _days(days: int | None) -> str:
    if days is None:
        return "no start"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days:,} days")


def _table(events: list[ReportRow], show: ShowTable) -> Markup:
    columns = [
        Column("Event", _named, "event_name", markup.name, is_number=False),
        plain_column("Starts", "start_date", markup.day, is_extra=True),
        plain_column("Registered", "registered", markup.count),
        Column(
            "Expected",
            lambda e: _range(e, "expected_registrations"),
            "expected_registrations",
            markup.count,
        ),
        *_between("expected_registrations"),
        Column(
            "Expected to come",
            lambda e: _range(e, "expected_attendance"),
            "expected_attendance",
            markup.count,
        ),
        *_between("expected_attendance"),
        Column("Comparable events", _comparable, is_number=False, is_extra=True),
    ]
    rows = pd.DataFrame(events).astype(object)
    return show(Table(rows, columns, "pace", "", opens="airmeet_id"))


def _between(column: str) -> list[Column]:
    """Between what the half in the middle is, in columns of their own."""
    least, most = (
        ("Come at least", "At most")
        if column == "expected_attendance"
        else ("Register at least", "Or at most")
    )
    return [
        plain_column(least, f"{column}_low", markup.count, is_live=True),
        plain_column(most, f"{column}_high", markup.count, is_live=True),
    ]


def _named(event: ReportRow) -> Markup:
    return Markup('{}<div class="narrow">{}</div>').format(
        markup.name(event["event_name"], "no name"), _days(event["days_before_start"])
    )


def _range(event: ReportRow, column: str) -> Markup:
    """What is expected and between what, or a dash: the reason is in another column."""
    if event[column] is None:
        return markup.NONE
    low, high = event[f"{column}_low"], event[f"{column}_high"]
    return Markup('{}<div class="below">{} to {}</div>').format(
        markup.count(event[column]), markup.count(low), markup.count(high)
    )


def _comparable(event: ReportRow) -> Markup:
    known = event["comparable_events"]
    if known is not None and known >= _LEAST_EVENTS:
        return markup.count(known)
    return Markup(few_comparable(known))


def few_comparable(known: int | None) -> str:
    """Why nothing is expected of an event."""
    found = "none is known" if not known else f"{known:,}"
    return f"fewer than five comparable events ({found})"


def _event(event: ReportRow, days: pd.DataFrame, draw: Draw) -> Markup:
    if event["expected_registrations"] is None:
        hint = f"No forecast: {few_comparable(event['comparable_events'])}."
    else:
        hint = (
            f"{event['registered']:,} so far, {event['expected_registrations']:,} expected: from "
            f"{event['expected_registrations_low']:,} to {event['expected_registrations_high']:,} "
            f"as the middle half of {event['comparable_events']:,} comparable events went."
        )
    return markup.panel(event["event_name"] or "no name", draw(event_charts.pace(days)), hint=hint)
