"""The page on what is loaded, pending and failed."""

from collections.abc import Sequence

import pandas as pd
from airmeet.feeds import FEED_NAMES
from markupsafe import Markup

from . import markup
from .figures import latest, oldest_provisional
from .markup import Card
from .reading import EventFilter, Reports
from .tables import Column, ShowTable, Table, plain_column, static_table

_LISTED = 50
_STATUSES = ("loaded", "unavailable", "pending", "failed")


def health_page(
    reports: Reports, event_filter: EventFilter, show: ShowTable = static_table
) -> Markup:
    """What is loaded, pending, failed and final; where rows differ from what Airmeet announced."""
    events = reports.frame(f"""
        select * from data_status
        where airmeet_id in (select airmeet_id from event_summary where {event_filter.sql})
        order by last_loaded_at desc nulls last, airmeet_id
    """)
    feeds = [feed for feed in FEED_NAMES if f"{feed}_status" in events]
    statuses = _statuses(events, feeds)
    unfinished = statuses[statuses["status"].isin(("pending", "failed"))]
    announced = statuses[(statuses["status"] == "loaded") & statuses["announced"].notna()]
    mismatches = announced[(announced["rows"] != announced["announced"]).fillna(True)]
    return markup.page(
        "health",
        markup.cards(_cards(events, len(mismatches))),
        markup.panel("Feeds", _feeds(statuses, feeds, show)),
        markup.side_by_side(
            markup.panel(
                "Not loaded", _unfinished(unfinished, show), hint="The next load asks again."
            ),
            markup.panel(
                "Rows that differ",
                _mismatches(mismatches, show),
                hint="From what Airmeet announced.",
            ),
        ),
    )


def _statuses(events: pd.DataFrame, feeds: Sequence[str]) -> pd.DataFrame:
    """One row for each event and feed: name, feed, status, rows, announced."""
    by_feed = [
        pd.DataFrame(
            {
                "airmeet_id": events["airmeet_id"],
                "name": events["name"],
                "feed": feed,
                "status": events[f"{feed}_status"],
                "rows": events[f"{feed}_rows"],
                "announced": events[f"{feed}_expected_rows"],
            }
        )
        for feed in feeds
    ]
    return pd.concat(by_feed).sort_index(kind="stable")  # by event, each with its feeds in order


def _cards(events: pd.DataFrame, mismatches: int) -> list[Card]:
    final = int(events["is_final"].sum())
    oldest = oldest_provisional(events)

    def feeds(column: str) -> Markup:
        return markup.count(int(events[column].sum()))

    return [
        Card(
            "final",
            "Events final",
            Markup("{} of {}").format(markup.count(final), markup.count(len(events))),
            "settled: nothing changes any more",
        ),
        Card("pending", "Feeds pending", feeds("feeds_pending"), "still being prepared"),
        Card("failed", "Feeds failed", feeds("feeds_failed"), "could not be read"),
        Card("missing", "Feeds never asked for", feeds("feeds_missing")),
        Card("mismatches", "Mismatches", markup.count(mismatches), "other rows than announced"),
        Card(
            "latest",
            "Last loaded",
            markup.moment(latest(events, "last_loaded_at")),
            f"not final: as of {markup.moment(oldest)}" if oldest else "",
        ),
    ]


def _feeds(statuses: pd.DataFrame, feeds: Sequence[str], show: ShowTable) -> Markup:
    if statuses.empty:
        return markup.note("No event is selected.")
    counts = pd.crosstab(statuses["feed"], statuses["status"].fillna("never"))
    rows = counts.reindex(index=feeds, columns=(*_STATUSES, "never"), fill_value=0)
    rows["rows"] = statuses.groupby("feed")["rows"].sum()
    columns = [
        plain_column("Feed", "feed", _feed, is_number=False),
        plain_column("Loaded", "loaded", markup.count),
        plain_column("Nothing to give", "unavailable", markup.count, is_extra=True),
        plain_column("Pending", "pending", _alarming),
        plain_column("Failed", "failed", _alarming),
        plain_column("Never asked", "never", markup.count, is_extra=True),
        plain_column("Rows", "rows", markup.count),
    ]
    return show(Table(rows.reset_index(), columns, "feeds", empty=""))


def _feed(name: str) -> Markup:
    return markup.name(name.replace("_", " "))


def _alarming(value: int) -> Markup:
    shown = markup.count(value)
    return Markup('<strong class="alarm">{}</strong>').format(shown) if value else shown


_WHICH = (
    Column(
        "Event", lambda u: markup.name(u["name"], "no name"), "name", markup.name, is_number=False
    ),
    plain_column("Feed", "feed", _feed, is_number=False),
)


def _unfinished(rows: pd.DataFrame, show: ShowTable) -> Markup:
    columns = [
        *_WHICH,
        plain_column("State", "status", markup.name, is_number=False, is_short=True),
    ]
    more = markup.left_out(_LISTED, len(rows), "feeds")
    empty = "All that was due is loaded."
    return show(Table(rows, columns, "unfinished", empty, more, _LISTED, "airmeet_id"))


def _mismatches(rows: pd.DataFrame, show: ShowTable) -> Markup:
    columns = [
        *_WHICH,
        plain_column("Rows", "rows", markup.count),
        plain_column("Announced", "announced", markup.count),
    ]
    more = markup.left_out(_LISTED, len(rows), "feeds")
    empty = "Every feed has the rows that were announced."
    return show(Table(rows, columns, "mismatches", empty, more, _LISTED, "airmeet_id"))
