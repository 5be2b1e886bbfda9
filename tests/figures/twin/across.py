"""Over all airmeets: people and accounts. What is awaited makes a figure null; what is lost is left
out of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from statistics import fmean

from .facts import (
    AWAITED,
    KNOWN,
    LOST,
    NOT_YET,
    Community,
    Event,
    Row,
    domain_of,
    largest,
    ratio,
    smallest,
)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_RECENT = timedelta(days=90)
_BEST = 3

Pair = tuple[Event, Row]


def members(community: Community, attendees: list[Row]) -> list[Pair]:
    """Who registered or attended, live or on demand, with the airmeet."""
    events = {event.id: event for event in community.events}
    return [(events[row["airmeet_id"]], row) for row in attendees if not row["is_stranger"]]


def pooled(
    pairs: Iterable[Pair], state_of: Callable[[Event], str], figure: Callable[[list[Pair]], float]
) -> float | None:
    """The figure over the airmeets that are known; null while one is awaited, and where all are
    lost."""
    pairs = list(pairs)
    states = {state_of(event) for event, _ in pairs}
    if AWAITED in states or states == {LOST}:
        return None
    return figure([(event, row) for event, row in pairs if state_of(event) != LOST])


def _registration(event: Event) -> str:
    return event.registration_state


def _attendance(event: Event) -> str:
    return event.attendance_state


def _engagement(event: Event) -> str:
    return event.engagement_state


def _both(event: Event) -> str:
    states = (event.registration_state, event.attendance_state)
    return next(state for state in (AWAITED, LOST, NOT_YET, KNOWN) if state in states)


def people(community: Community, attendees: list[Row]) -> list[Row]:
    by_person: dict[str, list[Pair]] = defaultdict(list)
    for event, row in members(community, attendees):
        by_person[row["person"]].append((event, row))
    return [_person(person, pairs) for person, pairs in by_person.items()]


def _person(person: str, pairs: list[Pair]) -> Row:
    pairs = sorted(pairs, key=lambda pair: (pair[1]["start_time"] or _LONG_AGO, pair[0].id))
    rows = [row for _, row in pairs]
    attended = pooled(pairs, _attendance, lambda known: _sum(known, "attended"))
    scores = [row["score"] for row in rows if row["score"] is not None]
    known = [event for event, _ in pairs if _is_known(event)]
    lost = [e for e, _ in pairs if LOST in (e.registration_state, e.attendance_state)]
    is_awaited = any(event.engagement_state == AWAITED for event, _ in pairs)
    mean = pooled(pairs, _engagement, lambda _: fmean(scores) if scores else -1.0)
    return {
        "person": person,
        "name": _last(rows, "name"),
        "organisation": _last(rows, "organisation"),
        "events_registered": pooled(
            pairs,
            _registration,
            lambda known: sum(bool(row["registered"]) and not row["is_staff"] for _, row in known),
        ),
        "events_attended": attended,
        "show_rate": _show_rate(pairs),
        "first_event_at": smallest(row["start_time"] for row in rows),
        "last_event_at": largest(row["start_time"] for row in rows),
        "is_repeat": None if attended is None else attended >= 2,
        "mean_score": None if mean == -1 else mean,
        "best_score": None if mean is None else largest(scores),
        "is_final": all(event.is_final for event, _ in pairs),
        "events_as_staff": _events_as_staff(pairs),
        "events_scored": None if is_awaited else len(scores),
        "events_known": len(known),
        "events_lost": len(lost),
    }


def _events_as_staff(pairs: list[Pair]) -> int | None:
    """Who is listed as staff is staff, whatever else is lost."""
    known: list[bool] = [row["is_staff"] for _, row in pairs if row["is_staff"] is not None]
    if not known or any(event.registration_state == AWAITED for event, _ in pairs):
        return None
    return sum(known)


def _sum(pairs: list[Pair], column: str) -> int:
    return sum(row[column] or 0 for _, row in pairs)


def _last(rows: list[Row], column: str) -> str | None:
    """Of the last airmeet that has one; of several at one time the last by the alphabet."""
    given = [
        (row["start_time"] or _LONG_AGO, row[column]) for row in rows if row[column] is not None
    ]
    return max(given)[1] if given else None


def _is_known(event: Event) -> bool:
    return event.registration_state == KNOWN and event.attendance_state in (KNOWN, NOT_YET)


def _show_rate(pairs: list[Pair]) -> float | None:
    if any(_both(event) == AWAITED for event, _ in pairs):
        return None
    counted = [
        row
        for event, row in pairs
        if event.is_over
        and _both(event) == KNOWN
        and row["registered"]
        and not row["is_staff"]
        and not row["registered_after_end"]
    ]
    return ratio(sum(row["attended"] for row in counted), len(counted))


def accounts(community: Community, attendees: list[Row]) -> list[Row]:
    by_domain: dict[str, list[Pair]] = defaultdict(list)
    for event, row in members(community, attendees):
        if (domain := domain_of(row["person"])) is not None:
            by_domain[domain].append((event, row))
    return [_account(community, domain, pairs) for domain, pairs in by_domain.items()]


def _account(community: Community, domain: str, pairs: list[Pair]) -> Row:
    fetched = community.last_fetch
    recent = [
        (event, row)
        for event, row in pairs
        if fetched and event.start and fetched - _RECENT < event.start <= fetched
    ]
    events = {event.id: event for event, _ in pairs}.values()
    scores = sorted(row["score"] for _, row in pairs if row["score"] is not None)[-_BEST:]
    top = pooled(pairs, _engagement, lambda _: fmean(scores) if scores else -1.0)
    return {
        "domain": domain,
        "is_free_mail": domain in community.seeds.free_mail,
        "people": _distinct(pairs),
        "events": len(events),
        "attendees": pooled(pairs, _attendance, lambda known: _distinct(known, "attended")),
        "engaged_people": pooled(pairs, _engagement, lambda known: _distinct(known, "engaged")),
        "top_three_score": None if top == -1 else top,
        "people_last_90_days": _distinct(recent),
        "attendees_last_90_days": pooled(
            recent, _attendance, lambda known: _distinct(known, "attended")
        ),
        "is_final": all(event.is_final for event in events),
        "events_known": sum(event.attendance_state in (KNOWN, NOT_YET) for event in events),
        "events_lost": sum(event.attendance_state == LOST for event in events),
    }


def _distinct(pairs: list[Pair], column: str | None = None) -> int:
    return len({row["person"] for _, row in pairs if column is None or row[column]})
