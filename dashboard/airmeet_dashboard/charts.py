"""The charts, in Altair. Their colours suit a light and a dark background."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import altair as alt
import pandas as pd
from markupsafe import Markup

from .figures import Pooled
from .reading import rows_of

Chart = alt.Chart | alt.LayerChart
Draw = Callable[[Chart], Markup]
"""Turns a chart into the HTML that shows it on a page."""

BLUE, TEAL, AMBER, GREY = "#4c7df0", "#14a38b", "#c77c0a", "#8a94a6"
_HEIGHT = 240
_TICKS = 8
INK = "currentColor"
"""Of words within a chart: that of the page around it, which is legible on either background."""
COUNTS = alt.Axis(tickCount=5, tickMinStep=1, format=",d")
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def styled(chart: Chart, height: int = _HEIGHT, autosize: Literal["fit", "fit-x"] = "fit") -> Chart:
    """A chart as wide as its container, in the style that all charts share.

    Args:
        chart: without a size.
        height: with the axes; with `fit-x` of what is drawn within them.
        autosize: what is fitted into the container.
    """
    styled: Chart = (
        chart.properties(
            width="container",
            height=height,
            background="transparent",
            usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
        )
        .configure(font=_FONT, autosize=alt.AutoSizeParams(type=autosize, contains="padding"))
        .configure_view(stroke=None)
        .configure_axis(
            grid=True,
            gridColor=GREY,
            gridOpacity=0.2,
            domain=False,
            ticks=False,
            labelFontSize=12,
            labelColor=INK,
            titleColor=INK,
            labelPadding=6,
        )
        .configure_axisX(grid=False, labelSeparation=8)
        .configure_legend(
            orient="top", title=None, labelFontSize=12, labelColor=INK, symbolType="circle"
        )
    )
    return styled


def data_of(rows: pd.DataFrame) -> alt.InlineData:
    """Rows as data inside the chart, days as text.

    Altair would put a frame beside the chart, and read a day without a time in the reader's zone.
    """
    values = [
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
        }
        for row in rows_of(rows)
    ]
    return alt.InlineData(values=values)


def day_axis(days: Sequence[date]) -> alt.Axis:
    """An axis with a tick for each day, or for each so many days where they are many.

    Args:
        days: that are drawn; at least one.
    """
    first, last = min(days), max(days)
    step = 1 + (last - first).days // _TICKS
    shown = range(0, (last - first).days + 1, step)
    values = [_milliseconds(first + timedelta(days=number)) for number in shown]
    return alt.Axis(format="%-d %b", title=None, labelOverlap=True, values=values)


def _milliseconds(day: date) -> int:
    """The beginning of a day as Vega counts time: charts read it as UTC, whoever looks."""
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)


def _end_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _monthly(
    months: Sequence[tuple[date, Pooled]],
    series: Mapping[str, Callable[[Pooled], float | None]],
    name: str,
) -> alt.InlineData:
    """Data of a chart by month: a value `name` for each month and series, and its state.

    Each series has a part of the month's length of its own, from `begins` to `ends`.
    """
    values = []
    for month, figures in months:
        begins = _milliseconds(month)
        length = _milliseconds(_end_of(month)) - begins
        for place, (what, value) in enumerate(series.items()):
            part = 0.8 * length / len(series)
            values.append(
                {
                    "month": month.isoformat(),
                    "begins": int(begins + 0.1 * length + place * part),
                    "middle": int(begins + length / 2),
                    "ends": int(begins + 0.1 * length + (place + 1) * part),
                    "what": what,
                    name: value(figures),
                    "state": "provisional" if figures.provisional else "final",
                }
            )
    return alt.InlineData(values=values)


def _months(months: Sequence[tuple[date, Pooled]]) -> tuple[alt.Axis, alt.Scale]:
    """Axis and scale of time from the first month to the last, months without events too."""
    first, last = months[0][0], months[-1][0]
    middles, month = [], first
    while month <= last:
        middles.append(_milliseconds(month) + (_end_of(month) - month).days * 43_200_000)
        month = _end_of(month)
    step = 1 + (len(middles) - 1) // _TICKS
    axis = alt.Axis(format="%b %y", title=None, labelOverlap=True, values=middles[::step])
    domain = [_milliseconds(first), _milliseconds(_end_of(last))]
    return axis, alt.Scale(type="utc", domain=domain, nice=False)


def people_by_month(months: Sequence[tuple[date, Pooled]]) -> Chart | None:
    """Registered and attended by month; pale where a month is provisional.

    None where there is nothing to draw.
    """
    people: dict[str, Callable[[Pooled], float | None]] = {
        "Registered": lambda figures: figures.registered.value,
        "Attended": lambda figures: figures.attended.value if figures.begun else None,
    }
    if not _is_any_known(months, people):
        return None
    axis, _ = _months(months)
    chart = (
        alt.Chart(_monthly(months, people, "people"))
        .mark_rect()
        .encode(
            x=alt.X("begins:T", axis=axis, scale=alt.Scale(type="utc", nice=False)),
            x2="ends:T",
            y=alt.Y("people:Q", title=None, axis=COUNTS, scale=alt.Scale(zero=True)),
            y2=alt.datum(0),
            color=alt.Color("what:N", scale=alt.Scale(domain=[*people], range=[BLUE, TEAL])),
            opacity=alt.condition("datum.state === 'provisional'", alt.value(0.5), alt.value(1.0)),
            tooltip=[
                alt.Tooltip("month:T", timeUnit="utcyearmonth", format="%B %Y", title="month"),
                alt.Tooltip("what:N", title="people who"),
                alt.Tooltip("people:Q", format=",", title="number"),
                alt.Tooltip("state:N", title="figures are"),
            ],
        )
    )
    return styled(chart.properties(description="People who registered and attended, by month"))


def rates_by_month(months: Sequence[tuple[date, Pooled]]) -> Chart | None:
    """Attendance and engagement rate by month; hollow where a month is provisional.

    None where there is nothing to draw.
    """
    rates: dict[str, Callable[[Pooled], float | None]] = {
        "Attendance rate": lambda figures: figures.attendance_rate,
        "Engagement rate": lambda figures: figures.engagement_rate,
    }
    if not _is_any_known(months, rates):
        return None
    axis, scale = _months(months)
    base = (
        alt.Chart(_monthly(months, rates, "rate"))
        .encode(
            x=alt.X("middle:T", axis=axis, scale=scale),
            y=alt.Y(
                "rate:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
            color=alt.Color("what:N", scale=alt.Scale(domain=[*rates], range=[TEAL, AMBER])),
        )
        .transform_filter("datum.rate !== null")
    )
    tooltip = [
        alt.Tooltip("month:T", timeUnit="utcyearmonth", format="%B %Y", title="month"),
        alt.Tooltip("what:N", title="what"),
        alt.Tooltip("rate:Q", format=".1%", title="rate"),
        alt.Tooltip("state:N", title="figures are"),
    ]
    final, provisional = (
        base.mark_point(size=45, strokeWidth=2, filled=filled, opacity=1)
        .encode(x="middle:T", tooltip=tooltip)
        .transform_filter(f"datum.state === '{state}'")
        for filled, state in ((True, "final"), (False, "provisional"))
    )
    chart = base.mark_line(strokeWidth=2) + final + provisional
    return styled(chart.properties(description="Attendance and engagement rate by month"))


def _is_any_known(
    months: Sequence[tuple[date, Pooled]],
    series: Mapping[str, Callable[[Pooled], float | None]],
) -> bool:
    return any(value(figures) is not None for _, figures in months for value in series.values())


def retention(cells: pd.DataFrame) -> Chart:
    """Who comes back: cohorts by months since their first event.

    Args:
        cells: rows of cohort_retention.
    """
    names = {
        "cohort_month": "cohort",
        "months_since": "months",
        "people": "people",
        "returning_people": "returning",
        "retention_rate": "rate",
    }
    rows = cells[[*names]].rename(columns=names)
    chart = (
        alt.Chart(data_of(rows))
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X(
                "months:O",
                title="months after the first event",
                axis=alt.Axis(labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y(
                "cohort:O",
                timeUnit="utcyearmonth",
                axis=alt.Axis(format="%b %y", title=None, grid=False),
            ),
            color=alt.Color(
                "rate:Q",
                # Transparent, so that it suits a light and a dark background.
                scale=alt.Scale(
                    range=["rgba(20, 163, 139, 0.08)", "rgba(20, 163, 139, 1)"], domainMin=0
                ),
                legend=alt.Legend(format=".0%", gradientLength=120, symbolType="square"),
            ),
            tooltip=[
                alt.Tooltip("cohort:T", timeUnit="utcyearmonth", format="%B %Y", title="came in"),
                alt.Tooltip("months:O", title="months later"),
                alt.Tooltip("returning:Q", format=",", title="came back"),
                alt.Tooltip("people:Q", format=",", title="of"),
                alt.Tooltip("rate:Q", format=".1%", title="rate"),
            ],
        )
    )
    return styled(chart, max(120, 22 * rows["cohort"].nunique() + 60))
