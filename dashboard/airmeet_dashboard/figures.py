"""Figures over several events, from pooled numerators and denominators, as the reports have it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .reading import Row


@dataclass(frozen=True)
class Sum:
    """A sum over events: `known` of those that are known, and how many are not."""

    known: int
    unknown: int = 0

    @property
    def value(self) -> int | None:
        """The sum; nothing where it is not known of one event."""
        return None if self.unknown else self.known


@dataclass(frozen=True)
class Pooled:
    """The figures of several events together.

    Rates leave out events that are to come, and are unknown while a part of them is; a large event
    weighs more than a small one.
    """

    events: int
    provisional: int
    registered: Sum
    attended: Sum
    no_shows: Sum
    questions: Sum
    attendance_rate: float | None
    engagement_rate: float | None
    has_registered: bool
    has_attended: bool


def pooled(events: Sequence[Row]) -> Pooled:
    """The figures of rows of `Reports.events` together."""
    held = [event for event in events if not event["is_to_come"]]
    registered, attended = total(held, "registered"), total(held, "attended")
    return Pooled(
        events=len(events),
        provisional=sum(not event["is_final"] for event in events),
        registered=total(events, "registered"),
        attended=total(events, "attended"),
        no_shows=total(held, "no_shows"),
        questions=total(events, "questions_asked"),
        attendance_rate=_ratio(total(held, "attended_registered"), registered),
        engagement_rate=_ratio(total(held, "engaged"), attended),
        has_registered=registered.value != 0,
        has_attended=attended.value != 0,
    )


def by_month(events: Iterable[Row]) -> list[tuple[date, Pooled]]:
    """The figures by the month in which events start, in their own time zones as the reports have
    it; without those that have no start."""
    months: defaultdict[date, list[Row]] = defaultdict(list)
    for event in events:
        if start := event["start_date"]:
            months[start.replace(day=1)].append(event)
    return [(month, pooled(months[month])) for month in sorted(months)]


def total(events: Iterable[Row], column: str) -> Sum:
    """The sum of a column."""
    values = [event[column] for event in events]
    return Sum(sum(v for v in values if v is not None), sum(v is None for v in values))


def _ratio(part: Sum, whole: Sum) -> float | None:
    if part.value is None or not whole.value:
        return None
    return part.value / whole.value
