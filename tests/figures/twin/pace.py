"""registration_pace and event_comparison: an airmeet beside those before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor
from statistics import median

from .facts import KNOWN, Community, Event, Row, ratio
from .series import series_of

_FEWEST = 5
"""Past airmeets, below which nothing is expected."""
_DAYS = 367
_HAIR = 1e-9
_LAST_FEW = 10
_FIGURES = (
    "registered", "attended", "attendance_rate", "no_shows", "walk_ins", "engagement_rate",
    "questions_asked", "poll_respondents", "booth_visits", "average_minutes", "stayed_share",
    "attended_on_demand",
)  # fmt: skip
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
_A_MONTH = re.compile(rf"\d*({'|'.join((*_MONTHS, *(m[:3] for m in _MONTHS), 'sept'))})\d*")
_AN_ORDINAL = re.compile(rf"\d+(st|nd|rd|th)|{'|'.join(_ORDINALS)}")


@dataclass
class Past:
    """An airmeet that is over: the days on which people registered, by distance to its start."""

    distances: list[int]
    attendance_rate: float

    def by(self, distance: int) -> int:
        """How many had registered that many days before the start."""
        return sum(days >= distance for days in self.distances)


def registration_pace(
    community: Community, attendees: list[Row], summaries: list[Row]
) -> list[Row]:
    past = []
    for event, summary in zip(community.events, summaries, strict=True):
        states = (event.registration_state, event.attendance_state)
        if event.is_over and event.start_date and states == (KNOWN, KNOWN):
            moments = _registered(event, attendees)
            days = [(event.start_date - (event.day(m) or event.start_date)).days for m in moments]
            past.append(Past(days, summary["attendance_rate"]))
    found = []
    for event in community.events:
        if event.phase == "upcoming" and event.has("registrations") and event.are_staff_known:
            found += _pace(event, _registered(event, attendees), past)
    return found


def _registered(event: Event, attendees: list[Row]) -> list[datetime]:
    """When people registered first, up to the end; without staff and whose time is unknown."""
    return [
        moment
        for row in attendees
        if row["airmeet_id"] == event.id
        and row["registered"]
        and not row["is_staff"]
        and (moment := row["registered_at"]) is not None
        and moment <= (event.ends_at or moment)
    ]


def _pace(event: Event, moments: Sequence[datetime], past: Sequence[Past]) -> list[Row]:
    days = [day for moment in moments if (day := event.day(moment)) is not None]
    last = event.day(event.ledger["registrations"].get("requested_at"))
    if not days or last is None:
        return []
    first = max(min(days), last - timedelta(days=_DAYS - 1))
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [_day(event, day, sum(d <= day for d in days), past) for day in every]


def _day(event: Event, day: date, registered: int, past: Sequence[Past]) -> Row:
    distance = (event.start_date - day).days if event.start_date else None
    alike = []
    if distance is not None:
        alike = [p for p in past if registered <= 2 * p.by(distance) <= 4 * registered]
    row: Row = {
        "airmeet_id": event.id,
        "day": day,
        "registered": registered,
        "days_before_start": distance,
        "comparable_events": None if distance is None else len(alike),
        **event.tail,
    }
    names = ("low", "median", "high")
    shares: list[float | None] = [None] * 3
    people: list[int | None] = [None] * 3
    coming: list[int | None] = [None] * 3
    if distance is not None and len(alike) >= _FEWEST:
        values = [p.by(distance) / len(p.distances) for p in alike]
        rates = [p.attendance_rate for p in alike]
        quarters = [quartile(values, n) for n in (1, 2, 3)]
        shares = [*quarters]
        expected = [_whole(registered / share) for share in reversed(quarters)]
        people = [*expected]
        coming = [_whole(e * quartile(rates, n)) for e, n in zip(expected, (1, 2, 3), strict=True)]
    for name, share, number, attendance in zip(names, shares, people, coming, strict=True):
        suffix = "" if name == "median" else f"_{name}"
        row[f"share_{name}"] = share
        row[f"expected_registrations{suffix}"] = number
        row[f"expected_attendance{suffix}"] = attendance
    return row


def quartile(values: Sequence[float], number: int) -> float:
    """As Excel's QUARTILE.INC: linear between the two nearest in order."""
    ordered = sorted(values)
    place = number * (len(ordered) - 1)
    below, parts = divmod(place, 4)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * parts / 4


def _whole(number: float) -> int:
    return floor(number + 0.5 + _HAIR)


def event_comparison(community: Community, summaries: list[Row]) -> list[Row]:
    over = [
        (event, summary)
        for event, summary in zip(community.events, summaries, strict=True)
        if event.is_over
    ]
    started = sorted(
        ((e, s) for e, s in over if e.start is not None),
        key=lambda pair: (pair[0].start, pair[0].id),
    )
    found = []
    series_ids = series_of(community)
    for event, summary in over:
        earlier = [(e, s) for e, s in started if event.start and e.start and e.start < event.start]
        stem = name_stem(event.name)
        by_name = [(e, s) for e, s in earlier if stem and name_stem(e.name) == stem]
        by_series = [(e, s) for e, s in earlier if series_ids[e.id] & series_ids[event.id]]
        compared_by = "series" if by_series else "name" if by_name else None
        for figure in _FIGURES:
            row = _figure(event, summary, figure, (by_series or by_name)[-1:], earlier)
            found.append({**row, "compared_by": compared_by})
    return found


def _figure(
    event: Event,
    summary: Row,
    figure: str,
    before: list[tuple[Event, Row]],
    earlier: list[tuple[Event, Row]],
) -> Row:
    value = _double(summary[figure])
    previous = before[0] if before else None
    previous_value = _double(previous[1][figure]) if previous else None
    last = [s[figure] for _, s in earlier if s[figure] is not None][-_LAST_FEW:]
    usual = float(median(last)) if last else None
    change, from_usual = _minus(value, previous_value), _minus(value, usual)
    return {
        "airmeet_id": event.id,
        "figure": figure,
        "value": value,
        "previous_airmeet_id": previous and previous[0].id,
        "previous_event_name": previous and previous[0].name,
        "previous_value": previous_value,
        "change": change,
        "change_share": ratio(change, previous_value),
        "direction": _direction(change),
        "median_of_last": usual,
        "median_events": None if event.start is None else len(last),
        "change_from_median": from_usual,
        "direction_from_median": _direction(from_usual),
        **event.tail,
    }


def _double(value: float | None) -> float | None:
    return None if value is None else float(value)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _direction(change: float | None) -> str | None:
    if change is None:
        return None
    if abs(change) < _HAIR:
        return "same"
    return "up" if change > 0 else "down"


def name_stem(name: str | None) -> str | None:
    """What is left of a name where the airmeets of one series differ no more."""
    words = re.sub(r"[\W_]", " ", (name or "").lower()).split()
    kept = [
        word for word in words if not _A_MONTH.fullmatch(word) and not _AN_ORDINAL.fullmatch(word)
    ]
    plain = (re.sub(r"\d", "", word) for word in kept)
    return " ".join(word for word in plain if word) or None
