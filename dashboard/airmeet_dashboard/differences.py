"""Figures of events beside each other, and how they differ, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from . import markup
from .reading import ReportRow

Kind = Literal["count", "rate", "minutes"]


@dataclass(frozen=True)
class Figure:
    """A column of event_summary that events are compared by.

    Attributes:
        title: its name on the pages.
        kind: what its values are.
        needs_end: there is none until the event is over.
    """

    title: str
    kind: Kind = "count"
    needs_end: bool = False


EVENTS = Figure("Events")

FIGURES: Mapping[str, Figure] = {
    "registered": Figure("Registrations"),
    "attended": Figure("Attended"),
    "attendance_rate": Figure("Attendance rate", "rate", needs_end=True),
    "no_shows": Figure("No-shows", needs_end=True),
    "walk_ins": Figure("Walk-ins"),
    "average_minutes": Figure("Average stay", "minutes"),
    "median_minutes": Figure("Median stay", "minutes"),
    "stayed_share": Figure("Stayed 80% or more", "rate", needs_end=True),
    "peak_attendees": Figure("Most at a time"),
    "engagement_rate": Figure("Engagement rate", "rate", needs_end=True),
    "poll_respondents": Figure("Answered polls"),
    "questions_asked": Figure("Questions"),
    "booth_visits": Figure("Booth visits"),
    "attended_on_demand": Figure("Came on demand alone"),
}
"""What is compared, by its name in the reports."""


def shown(figure: Figure, value: Any) -> Markup:
    """A value of a figure; unknown where it is None."""
    if value is None:
        return markup.UNKNOWN
    if figure.kind == "rate":
        return markup.rate(value)
    if figure.kind == "minutes":
        return markup.minutes(value)
    # A median of counts may lie between two.
    return markup.count(int(value)) if float(value).is_integer() else Markup(f"{value:,.1f}")


def value_of(name: str, event: ReportRow) -> Markup:
    """A figure of an event; a dash while there is none yet.

    Args:
        name: one of `FIGURES`.
        event: a row of `Reports.events`.
    """
    figure = FIGURES[name]
    is_early = event["is_to_come"] and name != "registered"
    if event[name] is None and (is_early or (figure.needs_end and not event["is_over"])):
        return markup.NONE
    return shown(figure, event[name])


def in_words(figure: Figure, value: float | None, other: float | None) -> Markup:
    """How much larger a value is than another one, in words; a dash where one is not known."""
    if value is None or other is None:
        return markup.NONE
    change = value - other
    size, more, less = _size(figure, abs(change))
    if size in ("0", "0.0 points", "0 min"):
        return Markup('<span class="same">the same</span>')
    share = ""
    if figure.kind == "count" and other:
        share = f" ({100 * change / other:+.0f}%)".replace("-", "\N{MINUS SIGN}")
    mark, word = ("▲", more) if change > 0 else ("▼", less)
    return Markup('<span aria-hidden="true">{}</span> {} {}{}').format(mark, size, word, share)


def _size(figure: Figure, change: float) -> tuple[str, str, str]:
    if figure.kind == "rate":
        return f"{100 * change:.1f} points", "higher", "lower"
    if figure.kind == "minutes":
        return markup.duration_words(change), "longer", "shorter"
    size = f"{int(change):,}" if float(change).is_integer() else f"{change:,.1f}"
    return size, "more", "fewer"
