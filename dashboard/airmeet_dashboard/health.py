"""The page on what is loaded, and whether it can be trusted."""

from collections import Counter
from collections.abc import Sequence

from airmeet.feeds import FEED_NAMES
from markupsafe import Markup

from . import markup
from .markup import Card, Column
from .reading import Reports, Row, Selection

_LISTED = 50
_STATES = ("loaded", "unavailable", "pending", "failed")


def health_page(reports: Reports, selection: Selection) -> Markup:
    """What is loaded, pending, failed and final; where rows differ from what was announced."""
    events = reports.rows(f"""
        select * from data_status
        where airmeet_id in (select airmeet_id from event_summary where {selection.sql})
        order by last_loaded_at desc nulls last, airmeet_id
    """)
    feeds = [feed for feed in FEED_NAMES if events and f"{feed}_status" in events[0]]
    unfinished = [
        {"name": event["name"], "feed": feed, "state": event[f"{feed}_status"]}
        for event in events
        for feed in feeds
        if event[f"{feed}_status"] in ("pending", "failed")
    ]
    mismatches = [
        {"name": event["name"], "feed": feed, "rows": rows, "announced": announced}
        for event in events
        for feed in feeds
        for rows, announced in [(event[f"{feed}_rows"], event[f"{feed}_expected_rows"])]
        if event[f"{feed}_status"] == "loaded" and announced is not None and rows != announced
    ]
    return markup.page(
        "health",
        markup.cards(_cards(events, len(mismatches))),
        markup.panel("Feeds", _feeds(events, feeds)),
        markup.side_by_side(
            markup.panel("Not loaded", _unfinished(unfinished), hint="The next load asks again."),
            markup.panel(
                "Rows that differ", _mismatches(mismatches), hint="From what Airmeet announced."
            ),
        ),
    )


def _cards(events: Sequence[Row], mismatches: int) -> list[Card]:
    final = sum(bool(event["is_final"]) for event in events)
    oldest = min(
        (e["data_as_of"] for e in events if e["data_as_of"] and not e["is_final"]), default=None
    )
    latest = max((e["last_loaded_at"] for e in events if e["last_loaded_at"]), default=None)

    def feeds(column: str) -> Markup:
        return markup.count(sum(event[column] or 0 for event in events))

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
            markup.moment(latest),
            f"not final: as of {markup.moment(oldest)}" if oldest else "",
        ),
    ]


def _feeds(events: Sequence[Row], feeds: Sequence[str]) -> Markup:
    rows = []
    for feed in feeds:
        states = Counter(event[f"{feed}_status"] for event in events)
        rows.append(
            {
                "feed": feed,
                "rows": sum(event[f"{feed}_rows"] or 0 for event in events),
                "never": states[None],
                **{state: states[state] for state in _STATES},
            }
        )
    columns = [
        Column("Feed", lambda f: markup.name(f["feed"].replace("_", " ")), is_number=False),
        Column("Loaded", lambda f: markup.count(f["loaded"])),
        Column("Nothing to give", lambda f: markup.count(f["unavailable"]), is_extra=True),
        Column("Pending", lambda f: _alarming(f["pending"])),
        Column("Failed", lambda f: _alarming(f["failed"])),
        Column("Never asked", lambda f: markup.count(f["never"]), is_extra=True),
        Column("Rows", lambda f: markup.count(f["rows"])),
    ]
    return markup.table(rows, columns, "feeds", "No event is selected.")


def _alarming(value: int) -> Markup:
    shown = markup.count(value)
    return Markup('<strong class="alarm">{}</strong>').format(shown) if value else shown


def _unfinished(rows: Sequence[Row]) -> Markup:
    columns = [
        Column("Event", lambda u: markup.name(u["name"], "no name"), is_number=False),
        Column("Feed", lambda u: markup.name(u["feed"].replace("_", " ")), is_number=False),
        Column("State", lambda u: markup.name(u["state"]), is_number=False),
    ]
    more = markup.left_out(_LISTED, len(rows), "feeds")
    return markup.table(rows[:_LISTED], columns, "unfinished", "All that was due is loaded.", more)


def _mismatches(rows: Sequence[Row]) -> Markup:
    columns = [
        Column("Event", lambda m: markup.name(m["name"], "no name"), is_number=False),
        Column("Feed", lambda m: markup.name(m["feed"].replace("_", " ")), is_number=False),
        Column("Rows", lambda m: markup.count(m["rows"])),
        Column("Announced", lambda m: markup.count(m["announced"])),
    ]
    more = markup.left_out(_LISTED, len(rows), "feeds")
    empty = "Every feed has the rows that were announced."
    return markup.table(rows[:_LISTED], columns, "mismatches", empty, more)
