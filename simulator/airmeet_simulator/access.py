"""What an airmeet serves in its present status: refusals, and the visible rows."""

from .airmeets import STARTED
from .event import Event
from .feeds import Feed
from .options import SimulatorOptions
from .row_sets import RowSet

_NOTHING = RowSet.of((), ())
_OF_PRESENCE = (
    "event_attendance", "booth_attendance", "poll_responses", "questions", "replay_attendance",
)  # fmt: skip
_AFTERWARDS = ("booth_attendance", "replay_attendance")


def refused(event: Event, feed: Feed, part: int, options: SimulatorOptions) -> str:
    """Return why a feed is refused; "" if it is not."""
    if options.attendance == "any" or not feed.attendance:
        return ""
    if feed.table == "session_attendance":
        finished = event.sessions[part].status == "FINISHED"
        return "" if finished else "Session status is not valid"
    status = event.airmeet.status
    given = status == "FINISHED" if feed.table in _AFTERWARDS else status in STARTED
    return "" if given else "Airmeet status is not valid"


def visible(event: Event, feed: Feed, part: int) -> RowSet:
    """Return a feed's rows; before the start nobody attended, answered or asked."""
    if feed.table in _OF_PRESENCE and event.airmeet.status not in STARTED:
        return _NOTHING
    if feed.table == "session_attendance" and event.sessions[part].status == "CREATED":
        return _NOTHING
    return event.row_set(feed.table, part)


def parts_of(event: Event, feed: Feed, options: SimulatorOptions) -> list[int]:
    """Return the sessions or booths, by position, that a client finds this feed under."""
    if feed.table == "session_attendance":
        return list(event.row_set("sessions").items)
    if feed.table == "booth_attendance":
        return [] if options.booths_null else list(event.row_set("booths").items)
    return [0]
