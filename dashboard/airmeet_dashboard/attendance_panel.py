"""The part of an event's page that draws who was there, and why there may be nothing to draw."""

from markupsafe import Markup

from . import markup
from .attendance import Attendance, Step
from .attendance_chart import attendance_chart
from .charts import Draw
from .reading import ReportRow

_DRAWN = 7
"""Stretches that are drawn."""
_LANES = 8
"""Sessions drawn that are on at the same time."""


def attendance_panel(held: Attendance, event: ReportRow, draw: Draw) -> Markup:
    """The curve with its sessions as bars beneath it, a chart for each stretch.

    Args:
        held: the event's curve.
        event: its row of `Reports.events`.
        draw: draws the charts.
    """
    if not held.stretches:
        return markup.panel("Who was there", markup.note(no_times(event)))
    shown = held.stretches[:_DRAWN]
    content: list[Markup] = []
    for stretch in shown:
        if len(held.stretches) > 1:
            day = stretch.steps[0].at
            content.append(Markup("<h4>{}</h4>").format(f"{day:%A}, {day.day} {day:%B}"))
        content.append(draw(attendance_chart(stretch, held.peak, _LANES)))
    notes = [markup.left_out(_DRAWN, len(held.stretches), "days are drawn")]
    if any(bar.lane >= _LANES for stretch in shown for bar in stretch.bars):
        notes.append(f"Of sessions at the same time {_LANES} are drawn; the list below has all.")
    content += [markup.note(text) for text in notes if text]
    return markup.panel(
        "Who was there",
        *content,
        hint=f"People five minutes by five minutes, the times those of {zone(event, held)}; "
        "beneath it the sessions.",
    )


def zone(event: ReportRow, held: Attendance) -> str:
    """The zone of the curve's times in words."""
    if event["is_time_zone_known"] is False:
        return "UTC, as the event's own time zone is not known"
    return held.time_zone.replace("_", " ")


def no_times(event: ReportRow) -> str:
    """Why there is nothing to say of the time that people spent at an event."""
    if event["is_to_come"]:
        return "Nothing yet: attendance has not begun."
    if event["attended"] is None:
        return "Not known: attendance is not loaded."
    if not event["attended"]:
        return "Nobody attended."
    if event["timed_attendees"]:
        return "Not drawn: it was held for more than seven days without a break."
    return "Not known: Airmeet sent no times of those who attended."


def local_moment(held: Attendance, step: Step) -> str:
    """A step's time as words: only the clock where the event took one day."""
    clock = f"{step.at:%H:%M}"
    days = {part.steps[0].at.date() for part in held.stretches}
    return clock if len(days) == 1 else f"{clock} on {step.at.day} {step.at:%b}"
