"""How many were there, moment by moment, and which sessions were on: in the event's time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pandas as pd

from .reading import ReportRow, rows_of

STEP = timedelta(minutes=5)
"""The length of a step of attendance_curve."""
_PAUSE = timedelta(hours=2)
"""With nobody there and no session for so long the axis is broken: nights are left out."""
_LONGEST = timedelta(hours=24)
"""A session with a longer length has none that is true."""


@dataclass(frozen=True)
class Step:
    """Five minutes: when they begin in the event's time zone, and how many were there."""

    at: datetime
    people: int


@dataclass(frozen=True)
class Bar:
    """A session while it was on, in the event's time zone; those that overlap differ in `lane`."""

    name: str
    begins: datetime
    ends: datetime
    people: int | None
    lane: int


@dataclass(frozen=True)
class Stretch:
    """A time in which the event was held without a long pause: a day of it, as a rule."""

    steps: Sequence[Step]
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Attendance:
    """The curve of one event.

    Attributes:
        stretches: the times in which it was held; none where nobody's minutes are known.
        time_zone: in which its times are.
        peak: the first step with the most people.
    """

    stretches: Sequence[Stretch]
    time_zone: str
    peak: Step | None


def attendance_of(curve: pd.DataFrame, sessions: pd.DataFrame) -> Attendance:
    """The curve of an event with its sessions.

    Args:
        curve: its rows of attendance_curve of the whole airmeet.
        sessions: its rows of session_engagement.
    """
    rows = sorted(rows_of(curve), key=lambda row: row["step_at"])
    if not rows:
        return Attendance([], "UTC", None)
    steps = [Step(_local(row), row["people_present"]) for row in rows]
    offsets = [
        (row["step_at"], step.at - row["step_at"].astimezone(UTC).replace(tzinfo=None))
        for row, step in zip(rows, steps, strict=True)
    ]
    bars = _in_lanes([bar for row in rows_of(sessions) if (bar := _bar(row, offsets))])
    return Attendance(
        [stretch for stretch in _stretches(steps, bars) if stretch.steps],
        rows[0]["time_zone"],
        max(steps, key=lambda step: (step.people, -step.at.timestamp())),
    )


def _local(row: ReportRow) -> datetime:
    return datetime.combine(row["local_day"], time()) + timedelta(minutes=row["minute_of_day"])


def _bar(session: ReportRow, offsets: Sequence[tuple[datetime, timedelta]]) -> Bar | None:
    """A session that was held, or may yet be, and whose times are known."""
    start, minutes = session["start_time"], session["minutes"]
    if start is None or not minutes or timedelta(minutes=minutes) > _LONGEST:
        return None
    if session["session_status"] == "CREATED" and session["status"] == "FINISHED":
        return None  # never held
    # What the clock there says follows from the nearest step: zones need not be known here.
    _, offset = min(offsets, key=lambda known: abs(known[0] - start))
    begins = start.astimezone(UTC).replace(tzinfo=None) + offset
    ends = begins + timedelta(minutes=minutes)
    return Bar(session["name"] or "no name", begins, ends, session["attendees"], 0)


def _in_lanes(bars: Sequence[Bar]) -> list[Bar]:
    """The bars by their beginnings, each in the first lane that is free then."""
    free: list[datetime] = []
    placed = []
    for bar in sorted(bars, key=lambda bar: (bar.begins, bar.ends, bar.name)):
        lane = next((n for n, since in enumerate(free) if since <= bar.begins), len(free))
        free[lane : lane + 1] = [bar.ends]
        placed.append(Bar(bar.name, bar.begins, bar.ends, bar.people, lane))
    return placed


def _stretches(steps: Sequence[Step], bars: Sequence[Bar]) -> list[Stretch]:
    """Steps and bars parted where for a long time nobody was there and nothing was on."""
    lively: list[tuple[datetime, datetime]] = sorted(
        [(step.at, step.at + STEP) for step in steps if step.people]
        + [(bar.begins, bar.ends) for bar in bars]
    )
    found: list[tuple[datetime, datetime]] = []
    for begins, ends in lively:
        if found and begins - found[-1][1] <= _PAUSE:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return [
        Stretch(
            [step for step in steps if begins - STEP < step.at < ends],
            [bar for bar in bars if begins <= bar.begins < ends],
        )
        for begins, ends in found
    ]
