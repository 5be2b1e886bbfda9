"""The pages as one HTML file that can be mailed: nothing is fetched when it is opened."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import markup
from .charts import Chart
from .event import event_page
from .header import header, style_sheet
from .health import health_page
from .pace import pace_page
from .people import people_page
from .periods import periods
from .portfolio import portfolio_page
from .reading import EventFilter, NoReportsError, ReportRow, Reports, rows_of


@dataclass(frozen=True)
class Part:
    """A part of the report: `key` is its anchor; one that has a heading of its own gets none."""

    key: str
    title: str
    content: Markup
    has_heading: bool = False


def report(reports: Reports, event_filter: EventFilter, with_people: bool = False) -> str:
    """The report on some events: all together, the latest, those to come, accounts, data health.

    Args:
        reports: where to read.
        event_filter: the events.
        with_people: whether people are named; better not in a file that is mailed.

    Raises:
        NoReportsError: no event passes the filter.
    """
    with reports:
        return _report(reports, event_filter, with_people)


def _report(reports: Reports, event_filter: EventFilter, with_people: bool) -> str:
    events = reports.events()
    selected = event_filter.apply(events)
    if selected.empty:
        raise NoReportsError(
            "No event is loaded yet." if events.empty else "No event matches these filters."
        )
    charts: list[Chart] = []

    def draw(chart: Chart) -> Markup:
        charts.append(chart)
        return Markup('<div class="chart" id="chart-{}"></div>').format(len(charts) - 1)

    event = latest_over(selected)
    parts = [
        Part(
            "the-event",
            event["name"] or "no name",
            event_page(reports, event, draw, with_people),
            has_heading=True,
        ),
        Part(
            "people-and-accounts",
            "People and accounts" if with_people else "Accounts",
            people_page(reports, event_filter, draw, with_people=with_people),
        ),
        Part("data-health", "Data health", health_page(reports, event_filter)),
    ]
    if (selected["phase"] == "upcoming").fillna(False).any():
        pace = pace_page(reports, event_filter, draw=None)
        parts.insert(1, Part("events-to-come", "Events to come", pace))
    if event_filter.airmeet_id is None:
        compared = periods(events, event_filter)
        portfolio = portfolio_page(selected, draw, compared=compared)
        parts.insert(0, Part("all-events", "All events", portfolio))
    return _TEMPLATES.get_template("report.html").render(
        title=_title(event_filter, event),
        style=style_sheet(),
        head=header(selected, len(events), reports.location),
        parts=parts,
        made=markup.moment(datetime.now(UTC)),
        people="It names people: take care who you send it to."
        if with_people
        else "It names nobody.",
        library=_script(_library()),
        charts=_json([chart.to_dict() for chart in charts]),
    )


_TEMPLATES = Environment(
    loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined
)


def _title(event_filter: EventFilter, event: ReportRow) -> str:
    about = f"{event['name'] or 'no name'}, " if event_filter.airmeet_id else ""
    return f"Airmeet report, {about}{datetime.now(UTC):%Y-%m-%d}"


def latest_over(events: pd.DataFrame) -> ReportRow:
    """The latest event that is over; if none is, the latest that has begun; else the last planned.

    Args:
        events: one or more rows of `Reports.events`, which has the latest first.
    """
    over, begun = events[events["is_over"]], events[~events["is_to_come"]]
    first = next(found for found in (over, begun, events) if not found.empty)
    return rows_of(first[:1])[0]


def _library() -> str:
    """Vega and its dependencies as one script."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub knows no default


def _script(text: str) -> Markup:
    """A script that cannot close its own element."""
    return Markup(re.sub("</(?=script)", r"<\\/", text, flags=re.IGNORECASE))


def _json(value: object) -> Markup:
    """JSON that cannot be read as HTML."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))
