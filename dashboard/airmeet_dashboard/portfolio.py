"""The page on all selected events together."""

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from . import charts, markup
from .charts import Draw
from .differences import EVENTS, FIGURES, Figure, in_words
from .figures import Pooled, Sum, by_month, has_expected, pooled
from .markup import Card
from .periods import Periods
from .reading import ReportRow
from .tables import Column, ShowTable, Table, plain_column, static_table

_LISTED = 25


def portfolio_page(
    events: pd.DataFrame,
    draw: Draw,
    show: ShowTable = static_table,
    compared: Periods | None = None,
) -> Markup:
    """Registrations, attendance and engagement: in total, by month, by event.

    Args:
        events: rows of `Reports.events`.
        draw: draws the charts.
        show: shows tables.
        compared: the periods whose difference the tiles say.
    """
    figures, months = pooled(events), by_month(events)
    people, rates = charts.people_by_month(months), charts.rates_by_month(months)
    return markup.page(
        "portfolio",
        markup.cards(_cards(figures, events, _changes(compared))),
        markup.note(compared.words) if compared else Markup(),
        markup.side_by_side(
            markup.panel(
                "Registered and attended",
                markup.or_why(draw(people) if people else None, _no_people(events)),
                hint="By the month in which events start, each in its own time zone; pale where "
                "figures may change.",
            ),
            markup.panel(
                "Attendance and engagement",
                markup.or_why(draw(rates) if rates else None, _no_rates(figures)),
                hint="Large events weigh more than small ones; hollow where figures may change.",
            ),
        ),
        markup.panel("Events", event_table(events, show)),
    )


def _no_people(events: pd.DataFrame) -> str:
    if events["start_date"].isna().all():
        return "Nothing to draw: no event selected has a start."
    return "Nothing to draw: registrations of the events selected are not known."


def _no_rates(figures: Pooled) -> str:
    if not figures.over:
        return "Nothing to draw: no event selected is over."
    return "Nothing to draw: attendance of the events selected is not known."


def _changes(compared: Periods | None) -> dict[str, Markup]:
    """How the figures of two periods differ, in words; those that are not known are left out."""
    if compared is None or compared.now.empty or compared.before.empty:
        return {}
    now, before = pooled(compared.now), pooled(compared.before)
    values: dict[str, tuple[Figure, float | None, float | None]] = {
        "events": (EVENTS, now.events, before.events),
        "registered": (FIGURES["registered"], now.registered.value, before.registered.value),
        "attended": (FIGURES["attended"], now.attended.value, before.attended.value),
        "attendance_rate": (
            FIGURES["attendance_rate"],
            now.attendance_rate,
            before.attendance_rate,
        ),
        "engagement_rate": (
            FIGURES["engagement_rate"],
            now.engagement_rate,
            before.engagement_rate,
        ),
        "no_shows": (FIGURES["no_shows"], now.no_shows.value, before.no_shows.value),
    }
    return {
        name: in_words(*of)
        for name, of in values.items()
        if of[1] is not None and of[2] is not None
    }


def _cards(figures: Pooled, events: pd.DataFrame, changes: Mapping[str, Markup]) -> list[Card]:
    held = len(events) - int(events["is_to_come"].sum())
    lost = f"without {figures.lost:,} lost" if figures.lost else ""
    unheld = _without(figures.events - held, "not held")
    early = _without(figures.events - held + figures.begun - figures.over, "not over")
    return [
        Card(
            "events",
            "Events",
            markup.count(figures.events),
            _not_held(figures.events - held),
            changes.get("events", Markup()),
        ),
        Card(
            "registered",
            "Registrations",
            markup.at_least(figures.registered, figures.events),
            _unknown(figures.registered) or "staff too, and of events to come",
            changes.get("registered", Markup()),
        ),
        Card(
            "attended",
            "Attended",
            _over(figures.attended, figures.begun, figures.lost),
            _unknown(figures.attended) or _and("walk-ins too, no staff", lost or unheld),
            changes.get("attended", Markup()),
        ),
        Card(
            "attendance_rate",
            "Attendance rate",
            markup.rate(figures.attendance_rate, figures.has_registered),
            _and("registered people who came: no walk-ins", early),
            changes.get("attendance_rate", Markup()),
        ),
        Card(
            "engagement_rate",
            "Engagement rate",
            markup.rate(figures.engagement_rate, figures.has_attended),
            _and("attendees who took part", early),
            changes.get("engagement_rate", Markup()),
        ),
        Card(
            "no_shows",
            "No-shows",
            _over(figures.no_shows, figures.over, figures.lost),
            _unknown(figures.no_shows) or _and("no staff", lost or early),
            changes.get("no_shows", Markup()),
        ),
    ]


def _over(value: Sum, events: int, lost: int) -> Markup:
    """A sum over events that have it; without any, a dash, or unknown where some are lost."""
    if events:
        return markup.at_least(value, events)
    return markup.UNKNOWN if lost else markup.NONE


def _not_held(events: int) -> str:
    return f"{events:,} not held" if events else ""


def _without(events: int, what: str) -> str:
    return f"{events:,} {what} left out" if events else ""


def _and(*words: str) -> str:
    return "; ".join(word for word in words if word)


def _unknown(value: Sum) -> str:
    return f"without {value.unknown:,} not loaded" if value.unknown else ""


def event_table(events: pd.DataFrame, show: ShowTable) -> Markup:
    """The latest of the events, one line each."""

    def begun(event: ReportRow, value: Markup) -> Markup:
        return markup.NONE if event["is_to_come"] else value

    def over(event: ReportRow, value: Markup) -> Markup:
        return value if event["is_over"] else markup.NONE

    columns = [
        Column("Event", _named, "name", markup.name, is_number=False),
        plain_column("Starts", "start_date", markup.day, is_extra=True),
        plain_column(
            "Status", "status", markup.name, is_number=False, is_extra=True, is_short=True
        ),
        plain_column("Registered", "registered", markup.count),
        Column(
            "Attended", lambda e: begun(e, markup.count(e["attended"])), "attended", markup.count
        ),
        Column(
            "Attendance",
            lambda e: over(e, markup.rate(e["attendance_rate"], has_expected(e))),
            "attendance_rate",
            markup.rate,
        ),
        Column(
            "Engagement",
            lambda e: over(e, markup.rate(e["engagement_rate"], e["attended"] != 0)),
            "engagement_rate",
            markup.rate,
            is_extra=True,
        ),
        plain_column(
            "Figures", "is_final", markup.finality, is_number=False, is_extra=True, is_short=True
        ),
    ]
    if "community" in events:
        community = plain_column(
            "Community", "community", markup.name, is_number=False, is_extra=True
        )
        columns.insert(1, community)
    more = markup.left_out(_LISTED, len(events), "events, the latest first")
    empty = "No event is selected."
    return show(Table(events, columns, "events", empty, more, _LISTED, opens="airmeet_id"))


def _named(event: ReportRow) -> Markup:
    """An event's name; on a narrow screen with the columns that are left out there."""
    return Markup('{}<div class="narrow">{} {}</div>').format(
        markup.name(event["name"], "no name"),
        markup.day(event["start_date"]),
        Markup() if event["is_final"] else markup.finality(False),
    )
