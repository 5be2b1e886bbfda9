"""The charts, in Altair. Their colours suit a light and a dark background."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal

import altair as alt
import pandas as pd
from markupsafe import Markup

from .figures import Pooled
from .reading import rows_of

Chart = alt.Chart | alt.LayerChart
Draw = Callable[[Chart], Markup]
"""Turns a chart into the HTML that shows it on a page."""

BLUE, TEAL, AMBER, GREY = "#4c7df0", "#14a38b", "#e8930c", "#8a94a6"
_HEIGHT = 240
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
            labelPadding=6,
        )
        .configure_axisX(grid=False, labelSeparation=8)
        .configure_legend(orient="top", title=None, labelFontSize=12, symbolType="circle")
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


def _monthly(
    months: Sequence[tuple[date, Pooled]],
    series: Mapping[str, Callable[[Pooled], float | None]],
    name: str,
) -> alt.InlineData:
    """Data of a chart by month: a value `name` for each month and series, and its state."""
    return alt.InlineData(
        values=[
            {
                "month": month.isoformat(),
                "what": what,
                name: value(figures),
                "state": "provisional" if figures.provisional else "final",
            }
            for month, figures in months
            for what, value in series.items()
        ]
    )


def _months() -> alt.X:
    axis = alt.Axis(format="%b %y", title=None, labelOverlap=True, tickCount="month")
    return alt.X("month:T", timeUnit="utcyearmonth", axis=axis)


def people_by_month(months: Sequence[tuple[date, Pooled]]) -> Chart:
    """Registered and attended by month; pale where a month is provisional."""
    people: dict[str, Callable[[Pooled], float | None]] = {
        "Registered": lambda figures: figures.registered.value,
        "Attended": lambda figures: figures.attended.value,
    }
    chart = (
        alt.Chart(_monthly(months, people, "people"))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "month:O",
                timeUnit="utcyearmonth",
                axis=alt.Axis(format="%b %y", title=None, labelAngle=0, labelOverlap=True),
            ),
            xOffset=alt.XOffset("what:N", sort=[*people]),
            y=alt.Y("people:Q", title=None, axis=COUNTS),
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
    return styled(chart)


def rates_by_month(months: Sequence[tuple[date, Pooled]]) -> Chart:
    """Attendance and engagement rate by month; hollow where a month is provisional."""
    rates: dict[str, Callable[[Pooled], float | None]] = {
        "Attendance rate": lambda figures: figures.attendance_rate,
        "Engagement rate": lambda figures: figures.engagement_rate,
    }
    base = alt.Chart(_monthly(months, rates, "rate")).encode(
        x=_months(),
        y=alt.Y(
            "rate:Q",
            title=None,
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%", tickCount=5),
        ),
        color=alt.Color("what:N", scale=alt.Scale(domain=[*rates], range=[TEAL, AMBER])),
    )
    tooltip = [
        alt.Tooltip("month:T", timeUnit="utcyearmonth", format="%B %Y", title="month"),
        alt.Tooltip("what:N", title="what"),
        alt.Tooltip("rate:Q", format=".1%", title="rate"),
        alt.Tooltip("state:N", title="figures are"),
    ]
    final, provisional = (
        base.mark_point(size=45, strokeWidth=2, filled=filled, opacity=1)
        .encode(tooltip=tooltip)
        .transform_filter(f"datum.state === '{state}'")
        for filled, state in ((True, "final"), (False, "provisional"))
    )
    return styled(base.mark_line(strokeWidth=2) + final + provisional)


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
