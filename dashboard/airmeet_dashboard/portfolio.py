"""The page on all selected events together."""

import pandas as pd
from markupsafe import Markup

from . import charts, markup
from .charts import Draw
from .figures import Pooled, Sum, by_month, has_expected, pooled
from .markup import Card, Column
from .reading import ReportRow

_LISTED = 25


def portfolio_page(events: pd.DataFrame, draw: Draw) -> Markup:
    """Registrations, attendance and engagement: in total, by month, by event."""
    figures, months = pooled(events), by_month(events)
    return markup.page(
        "portfolio",
        markup.cards(_cards(figures, events)),
        markup.side_by_side(
            markup.panel(
                "Registered and attended",
                draw(charts.people_by_month(months)),
                hint="By the month in which events start, each in its own time zone; pale where "
                "figures may change.",
            ),
            markup.panel(
                "Attendance and engagement",
                draw(charts.rates_by_month(months)),
                hint="Large events weigh more than small ones; hollow where figures may change.",
            ),
        ),
        markup.panel("Events", event_table(events)),
    )


def _cards(figures: Pooled, events: pd.DataFrame) -> list[Card]:
    held = len(events) - int(events["is_to_come"].sum())
    lost = f"without {figures.lost:,} lost" if figures.lost else ""
    return [
        Card("events", "Events", markup.count(figures.events), _not_held(figures.events - held)),
        Card(
            "registered",
            "Registrations",
            markup.at_least(figures.registered, figures.events),
            _unknown(figures.registered),
        ),
        Card(
            "attended",
            "Attended",
            _over(figures.attended, figures.begun, figures.lost),
            _unknown(figures.attended) or lost,
        ),
        Card(
            "attendance_rate",
            "Attendance rate",
            markup.rate(figures.attendance_rate, figures.has_registered),
            "registered people who came",
        ),
        Card(
            "engagement_rate",
            "Engagement rate",
            markup.rate(figures.engagement_rate, figures.has_attended),
            "attendees who took part",
        ),
        Card(
            "no_shows",
            "No-shows",
            _over(figures.no_shows, figures.over, figures.lost),
            _unknown(figures.no_shows) or lost,
        ),
    ]


def _over(value: Sum, events: int, lost: int) -> Markup:
    """A sum over events that have it; without any, a dash, or unknown where some are lost."""
    if events:
        return markup.at_least(value, events)
    return markup.UNKNOWN if lost else markup.NONE


def _not_held(events: int) -> str:
    return f"{events:,} not held" if events else ""


def _unknown(value: Sum) -> str:
    return f"without {value.unknown:,} not loaded" if value.unknown else ""


def event_table(events: pd.DataFrame) -> Markup:
    """The latest of the events, one line each."""

    def begun(event: ReportRow, value: Markup) -> Markup:
        return markup.NONE if event["is_to_come"] else value

    def over(event: ReportRow, value: Markup) -> Markup:
        return value if event["is_over"] else markup.NONE

    columns = [
        Column("Event", _named, is_number=False),
        Column("Starts", lambda e: markup.day(e["start_date"]), is_extra=True),
        Column("Status", lambda e: markup.name(e["status"]), is_number=False, is_extra=True),
        Column("Registered", lambda e: markup.count(e["registered"])),
        Column("Attended", lambda e: begun(e, markup.count(e["attended"]))),
        Column(
            "Attendance",
            lambda e: over(e, markup.rate(e["attendance_rate"], has_expected(e))),
        ),
        Column(
            "Engagement",
            lambda e: over(e, markup.rate(e["engagement_rate"], e["attended"] != 0)),
            is_extra=True,
        ),
        Column("Figures", lambda e: markup.finality(e["is_final"]), is_number=False, is_extra=True),
    ]
    more = markup.left_out(_LISTED, len(events), "events, the latest first")
    return markup.table(events[:_LISTED], columns, "events", "No event is selected.", more)


def _named(event: ReportRow) -> Markup:
    """An event's name; on a narrow screen with the columns that are left out there."""
    return Markup('{}<div class="narrow">{} {}</div>').format(
        markup.name(event["name"], "no name"),
        markup.day(event["start_date"]),
        Markup() if event["is_final"] else markup.finality(False),
    )
