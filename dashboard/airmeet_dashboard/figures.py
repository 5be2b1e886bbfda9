"""Figures over several events: sums, and rates of sums, as in the reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Sum:
    """A sum over events: `known` adds the known values, `unknown` counts the others."""

    known: int
    unknown: int = 0

    @property
    def value(self) -> int | None:
        """The sum; None where one event's value is unknown."""
        return None if self.unknown else self.known


@dataclass(frozen=True)
class Pooled:
    """The figures of several events together.

    Rates are over events that are over. They are None while the value of one event is awaited; an
    event whose value is lost is left out, and counted by `lost`. `begun` and `over` count events
    with attendance, lost ones left out. A large event weighs more than a small one.
    """

    events: int
    begun: int
    over: int
    lost: int
    provisional: int
    registered: Sum
    attended: Sum
    no_shows: Sum
    questions: Sum
    attendance_rate: float | None
    engagement_rate: float | None
    has_registered: bool
    has_attended: bool


_POOLED = [
    "registration_state",
    "attendance_state",
    "engagement_state",
    "is_to_come",
    "is_over",
    "is_final",
    "registered",
    "staff_registered",
    "registered_after_end",
    "attended",
    "attended_registered",
    "engaged",
    "no_shows",
    "questions_asked",
]
"""What they are made of: a frame is filtered column by column, and event_summary has many."""


def pooled(events: pd.DataFrame) -> Pooled:
    """The figures of rows of `Reports.events` together."""
    events = events[_POOLED]
    is_lost = (events["registration_state"] == "lost") | (events["attendance_state"] == "lost")
    begun = events[~events["is_to_come"] & (events["attendance_state"] != "lost")]
    over = begun[begun["is_over"]]
    rated = events[events["is_over"] & ~is_lost]
    engaged = over[over["engagement_state"] != "lost"]
    late_or_staff = rated["staff_registered"] + rated["registered_after_end"]
    expected = total(rated.assign(expected=rated["registered"] - late_or_staff), "expected")
    attended = total(engaged, "attended")
    return Pooled(
        events=len(events),
        begun=len(begun),
        over=len(over),
        lost=int(is_lost.sum()),
        provisional=provisional(events),
        registered=total(events, "registered"),
        attended=total(begun, "attended"),
        no_shows=total(rated, "no_shows"),
        questions=total(events, "questions_asked"),
        attendance_rate=_ratio(total(rated, "attended_registered"), expected),
        engagement_rate=_ratio(total(engaged, "engaged"), attended),
        has_registered=expected.value != 0,
        has_attended=attended.value != 0,
    )


def has_expected(event: Mapping[str, Any]) -> bool:
    """Whether anybody was, or may have been, expected at an event: without, it has no rate.

    Args:
        event: a row of `Reports.events`; None is unknown.
    """
    counts = [event[n] for n in ("registered", "staff_registered", "registered_after_end")]
    return None in counts or counts[0] != sum(counts[1:])


def by_month(events: pd.DataFrame) -> list[tuple[date, Pooled]]:
    """The figures by the month in which events start, each event in its own time zone.

    Events without a start are left out.
    """
    dated = events.dropna(subset="start_date")
    months = dated["start_date"].map(lambda day: day.replace(day=1))
    return [(month, pooled(group)) for month, group in dated.groupby(months)]


def total(events: pd.DataFrame, column: str) -> Sum:
    """The sum of a column, and how many values are unknown."""
    return Sum(int(events[column].sum()), int(events[column].isna().sum()))


def provisional(events: pd.DataFrame) -> int:
    """How many events have figures that may still change."""
    return len(events) - int(events["is_final"].sum())


def oldest_provisional(events: pd.DataFrame) -> datetime | None:
    """When the oldest figures that may still change were loaded (UTC)."""
    changing = events.loc[~events["is_final"].fillna(False), "data_as_of"].dropna()
    return changing.min() if len(changing) else None


def latest(events: pd.DataFrame, column: str) -> datetime | None:
    """The latest time of a column (UTC)."""
    times = events[column].dropna()
    return times.max() if len(times) else None


def _ratio(part: Sum, whole: Sum) -> float | None:
    if part.value is None or not whole.value:
        return None
    return part.value / whole.value
