"""The chart of one stretch of attendance: the curve, and its sessions beneath it."""

from datetime import datetime
from typing import Any

import altair as alt

from .attendance import STEP, Bar, Step, Stretch
from .charts import AMBER, BLUE, COUNTS, INK, TEAL, Chart, styled

_CURVE, _GAP, _LANE = 190, 14, 24
"""Heights in pixels."""
_ON_TEAL = "#04211b"
"""Of names on bars: legible on a light and a dark page, as the bars are alike on both."""


def attendance_chart(stretch: Stretch, peak: Step | None, lanes: int) -> Chart:
    """People by the clock of the event, sessions as bars on the same axis.

    Args:
        stretch: what is drawn.
        peak: the step with the most people of the whole event: it gives all charts one scale.
        lanes: how many sessions at the same time are drawn at most.
    """
    bars = [bar for bar in stretch.bars if bar.lane < lanes]
    used = 1 + max((bar.lane for bar in bars), default=-1)
    below = _GAP + _LANE * used if used else 0
    # Clocks are written as UTC and read as UTC, so that no browser moves them to its own zone.
    time_axis = alt.Axis(
        format="%H:%M", title=None, labelOverlap=True, tickCount=8, domain=False, grid=False
    )
    at = alt.X("at:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis)
    top = max(1, peak.people if peak else 1)
    people = alt.Y(
        "people:Q",
        title=None,
        axis=COUNTS,
        scale=alt.Scale(domain=[0, top * 1.15], range=[_CURVE, 0], nice=False),
    )
    curve = alt.Chart(alt.InlineData(values=_curve(stretch)))
    area = curve.mark_area(
        line={"color": BLUE, "strokeWidth": 2},
        color=BLUE,
        fillOpacity=0.18,
        interpolate="step-after",
    ).encode(
        x=at,
        y=people,
        tooltip=[
            alt.Tooltip("clock:N", title="from"),
            alt.Tooltip("people:Q", format=",", title="people there"),
        ],
    )
    chart = alt.LayerChart(layer=[area])
    if peak and peak in stretch.steps:
        chart = alt.LayerChart(layer=[area, _peak(peak, at, people)])
    if bars:
        sessions = _sessions(bars, used, at, below)
        chart = alt.LayerChart(layer=[chart, sessions]).resolve_scale(y="independent")
    return styled(
        chart.properties(description=_words(stretch, peak)), _CURVE + below, autosize="fit-x"
    )


def _utc(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"


def _curve(stretch: Stretch) -> list[dict[str, Any]]:
    rows = [
        {"at": _utc(one.at), "people": one.people, "clock": f"{one.at:%H:%M}"}
        for one in stretch.steps
    ]
    last = stretch.steps[-1]
    return [*rows, {**rows[-1], "at": _utc(last.at + STEP)}]


def _peak(peak: Step, at: alt.X, people: alt.Y) -> alt.LayerChart:
    values = [{"at": _utc(peak.at + STEP / 2), "people": peak.people, "label": _peak_words(peak)}]
    base = alt.Chart(alt.InlineData(values=values)).encode(x=at, y=people)
    point = base.mark_point(filled=True, size=50, color=AMBER, opacity=1)
    label = base.mark_text(
        color=INK, fontSize=12, fontWeight=600, dy=-10, baseline="bottom"
    ).encode(text="label:N")
    return alt.LayerChart(layer=[point, label])


def _peak_words(peak: Step) -> str:
    return f"most: {peak.people:,} at {peak.at:%H:%M}"


def _sessions(bars: list[Bar], used: int, at: alt.X, below: int) -> alt.LayerChart:
    values = [
        {
            "at": _utc(bar.begins),
            "ends": _utc(bar.ends),
            "lane": bar.lane,
            "below": bar.lane + 0.86,
            "middle": bar.lane + 0.43,
            "name": bar.name,
            "clock": f"{bar.begins:%H:%M} to {bar.ends:%H:%M}",
            "people": bar.people,
        }
        for bar in bars
    ]
    scale = alt.Scale(domain=[0, used], range=[_CURVE + _GAP, _CURVE + below], nice=False)
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=at,
        tooltip=[
            alt.Tooltip("name:N", title="session"),
            alt.Tooltip("clock:N", title="on"),
            alt.Tooltip("people:Q", format=",", title="attended"),
        ],
    )
    boxes = base.mark_bar(color=TEAL, cornerRadius=3).encode(
        x2="ends:T", y=alt.Y("lane:Q", axis=None, scale=scale), y2="below:Q"
    )
    names = base.mark_text(
        align="left",
        baseline="middle",
        dx=5,
        fontSize=12,
        color=_ON_TEAL,
        limit={"expr": "max(1, scale('x', datum.ends) - scale('x', datum.at) - 8)"},
    ).encode(y=alt.Y("middle:Q", axis=None, scale=scale), text="name:N")
    return alt.LayerChart(layer=[boxes, names])


def _words(stretch: Stretch, peak: Step | None) -> str:
    """What the chart shows, for those who do not see it."""
    first, last = stretch.steps[0], stretch.steps[-1]
    words = f"People present from {first.at:%H:%M} to {last.at:%H:%M}"
    most = max(stretch.steps, key=lambda one: one.people)
    words += f", at most {most.people:,} at {most.at:%H:%M}"
    sessions = ", ".join(f"{bar.name} from {bar.begins:%H:%M}" for bar in stretch.bars[:20])
    return words + (f". Sessions: {sessions}." if sessions else ".")
