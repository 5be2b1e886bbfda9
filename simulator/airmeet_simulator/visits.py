"""When people were there: their visits of an airmeet, a session, a booth or a replay.

A visit follows from the event's salt, the member and the times of the event, so it is the same
whenever it is asked for. Moments are whole seconds, in milliseconds since the epoch: every form in
which the API writes times can say them.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from .airmeets import DAY, MINUTE

if TYPE_CHECKING:
    from .event import Event

Form = Literal["colons", "iso", "seconds", "milliseconds", "javascript"]
FORMS: tuple[Form, ...] = ("colons", "iso", "seconds", "milliseconds", "javascript")
"""How the API writes `time_stamp`; the first one is documented."""


class Visit(NamedTuple):
    """A visit: its start, and how many milliseconds it took."""

    start: int
    spent: int


def written(moment: int, form: Form) -> str | int:
    """Write a moment as the API does in its field `time_stamp`."""
    if form == "milliseconds":
        return moment
    if form == "seconds":
        return moment // 1000
    time = datetime.fromtimestamp(moment // 1000, UTC)
    if form == "colons":
        return time.strftime("%Y:%m:%dT%H:%M:%S.00Z")
    if form == "javascript":
        return time.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def of_event(event: "Event", member: int, again: bool) -> Visit:
    """Return somebody's visit of the airmeet, or where they came back their second one.

    Most people come around the start and stay to the end, some until after it.
    """
    bits = event.bits(member, 14, int(again))
    low, high = _days(event)[(bits >> 60) + again & 1 if event.airmeet.days > 1 else 0]
    length = max(high - low, 10 * MINUTE)
    match bits % 20:
        case 0:
            start = low - (bits >> 5) % (10 * MINUTE)
        case turn if turn < 17 and not again:
            start = low + (bits >> 5) % min(8 * MINUTE, length)
        case _:
            start = low + (bits >> 5) % (length * 6 // 10)
    start = min(max(start, event.moments[member]), low + length - 5 * MINUTE)
    leaving = (bits >> 40) % 1000 * (1.3 - 0.6 * event.people.eagerness(event.persons[member]))
    if leaving < 600:
        end = low + length + (bits >> 10) % (2 * MINUTE)
    elif leaving < 650:
        end = low + length + (bits >> 10) % (25 * MINUTE)
    else:
        end = start + 2 * MINUTE + (bits >> 10) % max(low + length - start, MINUTE)
    return _visit(start, end, event.now)


def of_session(event: "Event", part: int, member: int) -> Visit | None:
    """Return somebody's visit of a session; None if it is not within those of the airmeet."""
    session = event.sessions[part]
    bits = event.bits(member, 15, part % 16)
    length = int((session.minutes or 30) * MINUTE)
    for again in (False, True)[: 2 if member in event.returned else 1]:
        whole = of_event(event, member, again)
        low = max(session.start, whole.start)
        high = min(session.start + length, whole.start + whole.spent)
        if high - low < MINUTE:
            continue
        start = low + (bits >> 8) % max((high - low) // 8, 1)
        end = high if bits % 10 < 7 else start + (bits >> 16) % max(high - start, 1)
        return _visit(start, end, event.now)
    return None


def of_booth(event: "Event", part: int, member: int) -> Visit:
    """Return somebody's time at a booth, within their visit of the airmeet."""
    bits = event.bits(member, 0, part % 16)
    whole = of_event(event, member, False)
    start = whole.start + bits % max(whole.spent, 1)
    end = min(start + MINUTE // 2 + (bits >> 16) % (12 * MINUTE), whole.start + whole.spent)
    return _visit(start, end, event.now)


def of_replay(event: "Event", member: int, part: int, bits: int) -> Visit:
    """Return when somebody watched a session's replay, in the month after the airmeet."""
    end = event.airmeet.end
    start = end + bits % max(min(event.now - end, 30 * DAY), MINUTE)
    length = int((event.sessions[part].minutes or 30) * MINUTE)
    return Visit(_whole(max(start, event.moments[member])), length // 10 + (bits >> 16) % length)


def said_at(event: "Event", part: int | None, bits: int) -> int:
    """Return a moment within a session, or within the airmeet, at which somebody spoke up."""
    start, length = event.airmeet.start, event.airmeet.end - event.airmeet.start
    if part is not None:
        start = event.sessions[part].start
        length = int((event.sessions[part].minutes or 30) * MINUTE)
    return _whole(start + bits % max(length, MINUTE))


def _days(event: "Event") -> list[tuple[int, int]]:
    """Return from when to when the airmeet takes place on each of its days."""
    airmeet = event.airmeet
    if airmeet.days == 1:
        return [(airmeet.start, airmeet.end)]
    first = [s for s in event.sessions if s.start < airmeet.start + DAY // 2]
    last = max(first, key=lambda session: session.start, default=None)
    end = last.start + int((last.minutes or 30) * MINUTE) if last else airmeet.start + DAY // 4
    return [(airmeet.start, end), (airmeet.start + DAY, airmeet.end)]


def _visit(start: int, end: int, now: int) -> Visit:
    """Return a visit of a minute at least; nobody was there later than `now`."""
    start = _whole(min(start, now - MINUTE))
    return Visit(start, max(min(end, now) - start, MINUTE))


def _whole(moment: int) -> int:
    return moment - moment % 1000
