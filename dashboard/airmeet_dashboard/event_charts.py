"""The charts of one event."""

from datetime import date

import altair as alt
import pandas as pd

from .charts import AMBER, BLUE, COUNTS, INK, Chart, data_of, day_axis, styled
from .reading import ReportRow, rows_of

_STAGES = {
    "registered": "Registered",
    "attended": "Attended",
    "attended_session": "Went to a session",
    "interacted": "Poll or question",
    "visited_booth": "Visited a booth",
}


def funnel(stages: pd.DataFrame, is_over: bool = True) -> Chart:
    """How far people went; a stage that is not known has no bar and says so.

    Args:
        stages: rows of event_funnel, one event.
        is_over: whether the event is: until then Airmeet counts nobody at booths.
    """
    early = (stages["stage"] == "visited_booth") & (not is_over)
    stages = stages[~early | (stages["people"] > 0).fillna(False)]
    rows = pd.DataFrame(
        {
            "stage": stages["stage"].map(lambda stage: _STAGES.get(stage, stage)),
            "people": stages["people"],
            "share": stages["share_of_registered"],
            "label": [_stage_label(stage) for stage in rows_of(stages)],
        }
    )
    axis = alt.Axis(title=None, labelLimit=140, labelFontSize=13, grid=False)
    base = alt.Chart(data_of(rows)).encode(
        y=alt.Y("stage:N", sort=list(rows["stage"]), axis=axis),
    )
    top = int(rows["people"].fillna(0).max()) or 1
    scale = alt.Scale(domain=[0, top * 1.5])
    bars = base.mark_bar(cornerRadiusEnd=3, color=BLUE).encode(
        x=alt.X("people:Q", axis=None, scale=scale),
        tooltip=[
            alt.Tooltip("stage:N", title="stage"),
            alt.Tooltip("people:Q", format=",", title="people"),
            alt.Tooltip("share:Q", format=".1%", title="of registered"),
        ],
    )
    labels = base.mark_text(align="left", dx=6, fontSize=13, color=INK).encode(
        x=alt.X("at:Q", axis=None, scale=scale), text="label:N"
    )
    return styled(bars + labels.transform_calculate(at="datum.people || 0"))


def _stage_label(stage: ReportRow) -> str:
    if stage["people"] is None:
        return "unknown"
    share = stage["share_of_registered"]
    return f"{stage['people']:,}" + ("" if share is None else f"  ({share:.0%})")


def registration_curve(days: pd.DataFrame, start: date | None) -> Chart:
    """Registrations so far, day by day, with the day on which the event starts.

    Args:
        days: rows of registration_daily, one event.
        start: the day of the event's start, in its time zone.
    """
    names = {"day": "day", "cumulative_registrations": "so far", "registrations": "new"}
    rows = days[[*names]].rename(columns=names)
    area = (
        alt.Chart(data_of(rows))
        .mark_area(
            line={"color": BLUE, "strokeWidth": 2},
            color=BLUE,
            fillOpacity=0.18,
            interpolate="step",
            point=len(rows) == 1,
        )
        .encode(
            x=alt.X(
                "day:T",
                timeUnit="utcyearmonthdate",
                axis=day_axis(list(days["day"])),
            ),
            y=alt.Y("so far:Q", title=None, axis=COUNTS),
            tooltip=[
                alt.Tooltip("day:T", timeUnit="utcyearmonthdate", format="%-d %B %Y", title="day"),
                alt.Tooltip("so far:Q", format=",", title="registered so far"),
                alt.Tooltip("new:Q", format=",", title="on this day"),
            ],
        )
    )
    if start is None:
        return styled(area)
    rule = (
        alt.Chart(alt.InlineData(values=[{"day": start.isoformat(), "label": "start"}]))
        .mark_rule(color=AMBER, strokeDash=[4, 4], strokeWidth=2)
        .encode(x=alt.X("day:T", timeUnit="utcyearmonthdate"))
    )
    # At the bottom: by the day of the start the curve is above it.
    label = rule.mark_text(
        color=INK, align="right", dx=-6, dy=-4, fontSize=12, baseline="bottom"
    ).encode(text="label:N", y=alt.datum(0))
    return styled(area + rule + label)


def pace(days: pd.DataFrame) -> Chart:
    """Registrations so far day by day, and what was to be expected on each day in the end.

    Args:
        days: rows of registration_pace, one event.
    """
    names = {
        "day": "day",
        "days_before_start": "before",
        "registered": "so far",
        "expected_registrations": "expected",
        "expected_registrations_low": "low",
        "expected_registrations_high": "high",
    }
    base = alt.Chart(data_of(days[[*names]].rename(columns=names))).encode(
        x=alt.X(
            "day:T",
            timeUnit="utcyearmonthdate",
            axis=day_axis(list(days["day"])),
        ),
        tooltip=[
            alt.Tooltip("day:T", timeUnit="utcyearmonthdate", format="%-d %B %Y", title="day"),
            alt.Tooltip("before:Q", format=",", title="days before the start"),
            alt.Tooltip("so far:Q", format=",", title="registered so far"),
            alt.Tooltip("expected:Q", format=",", title="expected in the end"),
            alt.Tooltip("low:Q", format=",", title="at least, in three of four"),
            alt.Tooltip("high:Q", format=",", title="at most, in three of four"),
        ],
    )
    lines = alt.Color(
        "what:N",
        scale=alt.Scale(domain=["so far", "expected in the end"], range=[BLUE, AMBER]),
    )
    known = base.transform_filter("datum.expected !== null")
    band = known.mark_area(color=AMBER, opacity=0.18).encode(
        y=alt.Y("low:Q", title=None, axis=COUNTS), y2="high:Q"
    )
    middle = (
        known.transform_calculate(what="'expected in the end'")
        .mark_line(strokeDash=[5, 4], strokeWidth=2)
        .encode(y="expected:Q", color=lines)
    )
    so_far = (
        base.transform_calculate(what="'so far'")
        .mark_line(strokeWidth=2.5, point=True, interpolate="step")
        .encode(y="so far:Q", color=lines)
    )
    return styled(band + middle + so_far)
