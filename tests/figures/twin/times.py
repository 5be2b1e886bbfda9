"""When something was held, who was there, and how long. Moments are whole seconds since 1970."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import fsum
from statistics import fmean, median
from typing import Any

from .facts import Community, Event, Row, seconds_of

Stretch = tuple[int, int]
"""From the first second to the one after the last."""
Visit = tuple[datetime | None, int | None]
"""When it began and how many seconds it took, where Airmeet says so."""

DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_VISIT = 31 * DAY
_LONGEST_REPLAY = 44_640
"""In minutes, which is 31 days as well."""


def second(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def moment(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In order, without overlaps and without empty ones."""
    found: list[Stretch] = []
    for begin, end in sorted(stretches):
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def cut(stretches: Iterable[Stretch], begin: int, end: int) -> list[Stretch]:
    """What of them lies between two moments; an empty one is at its only moment."""
    return [
        (max(b, begin), min(e, end))
        for b, e in stretches
        if max(b, begin) < min(e, end) or begin <= b == e < end
    ]


def length(stretches: Iterable[Stretch]) -> int:
    return sum(end - begin for begin, end in stretches)


@dataclass
class Stay:
    """One person's visits of one airmeet or session."""

    joined: datetime | None = None
    left: datetime | None = None
    parts: Sequence[Stretch] = ()
    """The visits within the held time; empty where not all is known."""

    @property
    def seconds(self) -> int | None:
        return None if self.left is None else length(merged(self.parts))


def stay_of(visits: Sequence[Visit], held: Sequence[Stretch] | None) -> Stay:
    """What the visits come to; held is None where it is not known."""
    visits = [visit for visit in visits if not _is_outside(visit, held)]
    begins = [begin for begin, _ in visits if begin is not None]
    if not visits or len(begins) < len(visits):
        return Stay()
    spans = [_span(begin, spent) for begin, spent in visits if begin and spent is not None]
    if len(spans) < len(visits):
        return Stay(min(begins))
    parts = spans if held is None else [p for b, e in held for p in cut(spans, b, e)]
    left = max(b + timedelta(seconds=spent) for b, spent in visits if b and spent is not None)
    return Stay(min(begins), left, parts)


def _span(begin: datetime, spent: int) -> Stretch:
    return second(begin), second(begin) + spent


def _is_outside(visit: Visit, held: Sequence[Stretch] | None) -> bool:
    begin, spent = visit
    if begin is None or held is None:
        return False
    # Who does not say when they left was there for a day at the most.
    span = _span(begin, DAY if spent is None else spent)
    return not any(cut([span], *stretch) for stretch in held)


def visits_in(rows: Iterable[Row]) -> list[Visit]:
    return [(row.get("time_stamp"), _spent(row)) for row in rows]


def _spent(row: Row) -> int | None:
    """In whole seconds; a length that cannot be true is not said."""
    spent: int | None = row.get("time_spent")
    return None if spent is None or not 0 <= spent <= 1000 * _LONGEST_VISIT else spent // 1000


def held_event(community: Community, event: Event) -> list[Stretch] | None:
    """When the airmeet was held; None where that is not known."""
    if event.start is None or event.ends_at is None or not event.is_end_known:
        return None
    begin, end = second(event.start), second(event.ends_at)
    if begin >= end:
        return None
    if end - begin <= DAY:
        return [(begin, end)]
    attended = {row["session_id"] for row in community.of("session_attendance", event)}
    days: dict[Any, list[Stretch]] = {}
    for session in community.of("sessions", event):
        finished = (session.get("status") or "").upper() == "FINISHED"
        if finished or session["session_id"] in attended:
            within = cut(held_session(session) or (), begin, end)
            if within:
                days.setdefault(event.day(session["start_time"]), []).extend(within)
    spans = [(min(b for b, _ in day), max(e for _, e in day)) for day in days.values()]
    return merged(spans) or [(begin, end)]


def held_session(session: Row) -> list[Stretch] | None:
    """When a session was to be held; None where that is not known."""
    start, minutes = session.get("start_time"), session.get("duration")
    if start is None or minutes is None or not 0 < minutes <= DAY / 60:
        return None
    begin = second(start)
    return [(begin, begin + seconds_of(minutes))]


def share(stay: Stay, held: Sequence[Stretch] | None) -> float | None:
    if held is None or stay.seconds is None:
        return None
    return stay.seconds / length(held)


def left_early(stay: Stay, held: Sequence[Stretch] | None) -> bool | None:
    if held is None or stay.left is None:
        return None
    to_come = length(cut(held, second(stay.left), held[-1][1]))
    return 5 * to_come > length(held)


def joined_late(stay: Stay, held: Sequence[Stretch] | None) -> bool | None:
    if held is None or stay.joined is None:
        return None
    over = length(cut(held, held[0][0], second(stay.joined)))
    return 5 * over > length(held)


def minutes_viewed(replays: Iterable[Row]) -> float | None:
    """Of all these replays; None where one does not say them."""
    total = 0.0
    for row in replays:
        minutes = row.get("duration_viewed")
        if minutes is None or not 0 <= minutes <= _LONGEST_REPLAY:
            return None
        total += minutes
    return total


def minutes(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / 60


def timed(event: Event, people: Iterable[Row]) -> Row:
    """The figures of those who attended and whose minutes are known."""
    timed = [row for row in people if row["attended"] and row["minutes_attended"] is not None]
    all_minutes = [row["minutes_attended"] for row in timed]
    shares = [row["share_attended"] for row in timed]
    stayed = None
    if event.is_over and shares and None not in shares:
        stayed = sum(share >= 0.8 for share in shares) / len(shares)
    return {
        "timed_attendees": len(timed) if event.is_attendance_known else None,
        "average_minutes": fmean(all_minutes) if timed else None,
        "median_minutes": median(all_minutes) if timed else None,
        "total_hours": fsum(all_minutes) / 60 if timed else None,
        "stayed_share": stayed,
    }
