"""The pages as one HTML file that can be mailed: nothing is fetched when it is opened."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import vl_convert
from markupsafe import Markup

from . import markup
from .charts import Chart
from .event import event_page
from .header import head, looks
from .health import health_page
from .people import people_page
from .portfolio import portfolio_page
from .reading import NoReportsError, Reports, Row, Selection

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
{looks}
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


def report(reports: Reports, selection: Selection, with_people: bool = False) -> str:
    """The report on a selection of events: all together, the latest one, accounts, data health.

    Args:
        reports: where to read.
        selection: the events.
        with_people: whether people are named; a file that is mailed had better not.

    Raises:
        NoReportsError: no event is selected.
    """
    with reports:
        return _report(reports, selection, with_people)


def _report(reports: Reports, selection: Selection, with_people: bool) -> str:
    events = reports.events()
    selected = [event for event in events if selection.holds(event)]
    if not selected:
        raise NoReportsError(
            "No event matches these filters." if events else "No event is loaded yet."
        )
    charts: list[Chart] = []

    def draw(chart: Chart) -> Markup:
        charts.append(chart)
        return Markup('<div class="chart" id="chart-{}"></div>').format(len(charts) - 1)

    content = [
        head(selected, len(events), reports.location),
        portfolio_page(selected, draw) if selection.airmeet_id is None else Markup(),
        event_page(reports, latest(selected), draw, with_people),
        people_page(reports, selection, draw, with_people=with_people),
        health_page(reports, selection),
        markup.page("footer", _footer(with_people)),
    ]
    return str(
        _PAGE.format(
            day=f"{datetime.now(UTC):%Y-%m-%d}",
            looks=looks(),
            content=Markup("").join(content),
            library=_script(_library()),
            charts=_json([chart.to_dict() for chart in charts]),
            drawing=Markup(_DRAWING),
        )
    )


def latest(selected: Sequence[Row]) -> Row:
    """The latest event that was held, else the latest there is."""
    return next((event for event in selected if not event["is_to_come"]), selected[0])


def _footer(with_people: bool) -> Markup:
    people = (
        "It names people: take care whom you send it to." if with_people else "It names nobody."
    )
    return Markup('<p class="footer">Made {}. {}</p>').format(
        markup.moment(datetime.now(UTC)), people
    )


def _library() -> str:
    """Vega with all that belongs to it, as one script."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub knows no default


def _script(text: str) -> Markup:
    """A script that does not end the element that it stands in."""
    return Markup(re.sub("</(?=script)", r"<\\/", text, flags=re.IGNORECASE))


def _json(value: object) -> Markup:
    """JSON that cannot be read as HTML."""
    return Markup(json.dumps(value).replace("<", "\\u003c"))
