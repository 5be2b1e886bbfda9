"""Month by month: conversion_trend and cohort_retention."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from .facts import AWAITED, KNOWN, LOST, NOT_YET, Community, Event, Row, ratio

_HUNDRED_YEARS = 1200
"""In months."""


def conversion_trend(community: Community, summaries: list[Row]) -> list[Row]:
    months: dict[date, list[tuple[Event, Row]]] = defaultdict(list)
    for event, summary in zip(community.events, summaries, strict=True):
        if event.month and event.phase not in ("cancelled", "withdrawn"):
            months[event.month].append((event, summary))
    return [_month(month, pairs) for month, pairs in months.items()]


def _month(month: date, pairs: list[tuple[Event, Row]]) -> Row:
    over = [(event, row) for event, row in pairs if event.is_over]
    known = [
        row
        for event, row in over
        if event.registration_state == KNOWN and event.attendance_state == KNOWN
    ]
    engagement_known = [row for event, row in over if event.engagement_state == KNOWN]
    is_awaited = any(
        AWAITED in (event.registration_state, event.attendance_state)
        for event, _ in pairs
        if event.attendance_state != NOT_YET
    )
    is_engagement_awaited = any(event.engagement_state == AWAITED for event, _ in pairs)
    came, expected = _sum(known, "attended_registered"), _sum(known, "registered")
    if expected is not None:
        expected -= sum(row["staff_registered"] + row["registered_after_end"] for row in known)
    rate = ratio(_sum(engagement_known, "engaged"), _sum(engagement_known, "attended"))
    return {
        "month": month,
        "events": len(pairs),
        "registered": _pooled(pairs, "registered", _registered_state),
        "attended": _pooled(pairs, "attended", lambda event: event.attendance_state),
        "attendance_rate": None if is_awaited else ratio(came, expected),
        "engagement_rate": None if is_engagement_awaited else rate,
        "is_final": all(event.is_final for event, _ in pairs),
        "events_known": len(known),
        "events_engagement_known": len(engagement_known),
        "events_lost": sum(
            LOST in (event.registration_state, event.attendance_state, event.engagement_state)
            for event, _ in pairs
        ),
    }


def _registered_state(event: Event) -> str:
    """Registrations that are loaded are counted, whoever is staff among them."""
    return KNOWN if event.has("registrations") else event.registration_state


def _pooled(
    pairs: list[tuple[Event, Row]], column: str, state_of: Callable[[Event], str]
) -> int | None:
    states = [state_of(event) for event, _ in pairs]
    if AWAITED in states:
        return None
    known = [row for (_, row), state in zip(pairs, states, strict=True) if state == KNOWN]
    return _sum(known, column)


def _sum(rows: list[Row], column: str) -> int | None:
    """Null where there is nothing to add up."""
    return sum(row[column] for row in rows) if rows else None


def cohort_retention(community: Community, attendees: list[Row]) -> list[Row]:
    events = {event.id: event for event in community.events}
    months: dict[str, set[date]] = defaultdict(set)
    for row in attendees:
        month = events[row["airmeet_id"]].month
        if row["attended"] and month:
            months[row["person"]].add(month)
    cohorts: dict[date, list[set[date]]] = defaultdict(list)
    for attended in months.values():
        cohorts[min(attended)].append(attended)
    if not cohorts:
        return []
    last = max(month for attended in months.values() for month in attended)
    awaited = {e.month for e in community.events if e.attendance_state == AWAITED and e.month}
    found = []
    for cohort, members in cohorts.items():
        is_known = all(cohort < month for month in awaited)
        later = {_between(cohort, month) for attended in members for month in attended}
        span = _between(cohort, last)
        for since in range(span + 1):
            if since > _HUNDRED_YEARS and since not in later:
                continue
            month = _after(cohort, since)
            people = len(members) if is_known else None
            back = sum(month in attended for attended in members)
            returning = back if is_known and month not in awaited else None
            in_it = [event for event in community.events if event.month == month]
            both = in_it + [event for event in community.events if event.month == cohort]
            found.append(
                {
                    "cohort_month": cohort,
                    "months_since": since,
                    "people": people,
                    "returning_people": returning,
                    "retention_rate": ratio(returning, people),
                    "is_final": all(event.is_final for event in both),
                    "events_known": sum(event.attendance_state == KNOWN for event in in_it),
                    "events_lost": sum(event.attendance_state == LOST for event in in_it),
                }
            )
    return found


def _between(first: date, later: date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def _after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
