"""The head of an event's page: its name, when it is by its own clock, how sure it all is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from . import markup
from .reading import ReportRow

_NOT_HELD = {
    "upcoming": "This event was not held yet.",
    "cancelled": "This event was cancelled.",
    "withdrawn": "This event left Airmeet's list before it was held.",
    "over": "Airmeet has no attendance of this event.",
}
"""What is said of an event without attendance, by its phase."""


def event_heading(event: ReportRow) -> Markup:
    """Its name, when it is, its state, and whether its figures may still change.

    Args:
        event: its row of `Reports.events`.
    """
    facts = [
        markup.name(event.get("community"), "") if event.get("community") else None,
        Markup("{}").format(when(event)),
        Markup("{}").format(event["status"] or "no status"),
        Markup("{} {}").format("data as of", markup.moment(event["data_as_of"]))
        if event["data_as_of"]
        else Markup("not loaded"),
    ]
    heading = Markup('<h2 data-event="{}">{}</h2>{}').format(
        event["airmeet_id"],
        markup.name(event["name"], "no name"),
        markup.note(Markup(" · ").join(fact for fact in facts if fact)),
    )
    if event["is_to_come"]:
        heading += markup.banner(_NOT_HELD.get(event["phase"], _NOT_HELD["over"]))
    elif event["phase"] == "ongoing":
        heading += markup.banner("This event is on: what is not known yet is shown as –.")
    elif not event["is_final"]:
        heading += markup.banner("These figures are provisional: they may still change.")
    return heading


def when(event: ReportRow) -> str:
    """When an event is, by the clock of its own time zone, and which zone that is."""
    if event["start_time"] is None:
        return "no start"
    zone = _zone(event["time_zone"]) if event["is_time_zone_known"] else None
    start = event["start_time"].astimezone(zone or UTC)
    words = _moment(start)
    if event["end_time"] is not None:
        end = event["end_time"].astimezone(zone or UTC)
        words += f" to {f'{end:%H:%M}' if end.date() == start.date() else _moment(end)}"
    if zone is not None:
        return f"{words}, {zone.key.replace('_', ' ')}"
    return f"{words} UTC" + ("" if event["time_zone"] == "UTC" else ", its own zone is not known")


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def _zone(name: str | None) -> ZoneInfo | None:
    """A zone by its name; None where this machine does not know it."""
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError):  # a machine without zones has no files of them
        return None
