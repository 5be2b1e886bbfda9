"""The pages as one HTML file that can be mailed: nothing is fetched when it is opened."""

import json
import re
from datetime import UTC, datetime

import pandas as pd
import vl_convert
from markupsafe import Markup

from . import markup
from .charts import Chart
from .event import event_page
from .header import header, style_sheet
from .health import health_page
from .pace import pace_page
from .people import people_page
from .portfolio import portfolio_page
from .reading import EventFilter, NoReportsError, ReportRow, Reports, rows_of

_DRAWING = """
const charts = JSON.parse(document.getElementById("charts").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
function draw() {
  const options = {actions: false, renderer: "svg", mode: "vega-lite"};
  if (dark.matches && !matchMedia("print").matches) options.theme = "dark";
  charts.forEach((chart, n) => vegaEmbed("#chart-" + n, chart, options).catch(console.error));
}
dark.addEventListener("change", draw);
draw();
"""

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'">
<title>Airmeet report, {day}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; background: #f6f8fb; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #12161d; }} }}
main {{ max-width: 1240px; margin: 0 auto; padding: 24px 16px; }}
{style}
</style>
</head>
<body>
<main>{content}</main>
<script>{library}</script>
<script type="application/json" id="charts">{charts}</script>
<script>{drawing}</script>
</body>
</html>
""")


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

    content = [
        header(selected, len(events), reports.location),
        portfolio_page(selected, draw) if event_filter.airmeet_id is None else Markup(),
        event_page(reports, latest_held(selected), draw, with_people),
        _pace(reports, event_filter, selected),
        people_page(reports, event_filter, draw, with_people=with_people),
        health_page(reports, event_filter),
        markup.page("footer", _footer(with_people)),
    ]
    return str(
        _PAGE.format(
            day=f"{datetime.now(UTC):%Y-%m-%d}",
            style=style_sheet(),
            content=Markup("").join(content),
            library=_script(_library()),
            charts=_json([chart.to_dict() for chart in charts]),
            drawing=Markup(_DRAWING),
        )
    )


def _pace(reports: Reports, event_filter: EventFilter, selected: pd.DataFrame) -> Markup:
    """What is expected of the events to come, if there are any, without charts."""
    if not (selected["phase"] == "upcoming").fillna(False).any():
        return Markup()
    return pace_page(reports, event_filter, draw=None)


def latest_held(events: pd.DataFrame) -> ReportRow:
    """The latest event that was held; if none was held yet, the last one planned.

    Args:
        events: one or more rows of `Reports.events`, which has the latest first.
    """
    held = events[~events["is_to_come"]]
    return rows_of(events if held.empty else held)[0]


def _footer(with_people: bool) -> Markup:
    people = "It names people: take care who you send it to." if with_people else "It names nobody."
    return Markup('<p class="footer">Made {}. {}</p>').format(
        markup.moment(datetime.now(UTC)), people
    )


def _library() -> str:
    """Vega and its dependencies as one script."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub knows no default


def _script(text: str) -> Markup:
    """A script that cannot close its own element."""
    return Markup(re.sub("</(?=script)", r"<\\/", text, flags=re.IGNORECASE))


def _json(value: object) -> Markup:
    """JSON that cannot be read as HTML."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))
