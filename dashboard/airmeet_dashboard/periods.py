"""What changed: the period that is selected, and the one before it, which is as long."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from .figures import latest
from .reading import EventFilter

_USUAL = 90
"""Days that are compared where no dates are selected."""


@dataclass(frozen=True)
class Periods:
    """Two periods of events, one after the other.

    Attributes:
        now: the events of the later one.
        before: those of the earlier one.
        words: which two they are.
    """

    now: pd.DataFrame
    before: pd.DataFrame
    words: str


def periods(events: pd.DataFrame, event_filter: EventFilter) -> Periods | None:
    """The period that is selected and the one before it; None where one event is.

    Without dates these are the latest days up to the last load, for all there is has nothing
    before it.

    Args:
        events: all of `Reports.events`.
        event_filter: which are shown.
    """
    since, until = event_filter.since, event_filter.until
    starts = event_filter.apply(events)["start_date"].dropna()
    as_of = latest(events, "data_as_of")
    if event_filter.airmeet_id is not None or starts.empty or as_of is None:
        return None
    if since is None and until is None:
        until = as_of.date()
        since = until - timedelta(days=_USUAL - 1)
    since, until = since or starts.min(), until or starts.max()
    days = (until - since).days + 1
    if days < 1:
        return None
    earlier = since - timedelta(days=days)

    def between(first: date, last: date) -> pd.DataFrame:
        return replace(event_filter, since=first, until=last).apply(events)

    before = between(earlier, since - timedelta(days=1))
    length = "day" if days == 1 else f"{days:,} days"
    words = f"Changes: the {length} to {until.day} {until:%b %Y} against the {length} before"
    return Periods(
        between(since, until), before, words + (", which had no event." * before.empty or ".")
    )
