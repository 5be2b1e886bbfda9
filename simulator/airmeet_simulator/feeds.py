"""What is served: one declaration for each feed, and the feed of each path."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from . import rows
from .event import Event
from .options import SimulatorOptions
from .row_sets import RowSet
from .rows import Row
from .visits import Form, written
from .webhooks import METHODS, PREFIX
from .writes import WRITES, Write

# The layouts' base paths: the specification's three hosts in one, and the gateway.
BASES = {"v1": "/api/v1", "gateway": "/prod"}


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of an airmeet.

    Attributes:
        table: its name everywhere, that of its raw table.
        section: of the specification.
        path: under either base; `gateway` replaces it there where they differ.
        paging: by cursor, by page number, or all at once.
        key: where its rows are in the answer.
        row: makes a row (see `rows`).
        analytics: answers with statusCode and totals; unknown ids are 400, not 404 or 401.
        export: answers 202 until prepared.
        entries: the list within a row whose items are the rows of the raw table.
        gateway_only: the specification's hosts do not serve it.
    """

    table: str
    section: str
    path: str
    paging: Literal["cursor", "number", "whole"]
    key: str
    row: Callable[[Event, int, int, int], Row]
    gateway: str = ""
    analytics: bool = False
    export: bool = False
    entries: str = ""
    gateway_only: bool = False

    @property
    def attendance(self) -> bool:
        """Whether rows are people's attendance of something."""
        return self.table.endswith("attendance")


FEEDS = (
    Feed(
        table="registrations", section="2.2", path="airmeet/{airmeet}/registrations",
        paging="cursor", key="data", row=rows.registration,
    ),
    Feed(
        table="participants", section="2.3", path="airmeet/{airmeet}/participants",
        paging="number", key="paticipants", row=rows.participant,
    ),
    Feed(
        table="sessions", section="2.4", path="airmeet/{airmeet}/info",
        paging="whole", key="sessions", row=rows.session,
    ),
    Feed(
        table="custom_fields", section="2.5", path="airmeet/{airmeet}/custom-fields",
        paging="whole", key="customFields", row=rows.custom_field,
    ),
    Feed(
        table="event_attendance", section="2.6", path="airmeet/{airmeet}/attendees",
        paging="cursor", key="data", row=rows.attendance, analytics=True, export=True,
    ),
    Feed(
        table="session_attendance", section="2.7", path="session/{session}/attendees",
        paging="cursor", key="data", row=rows.session_attendance, analytics=True, export=True,
    ),
    Feed(
        table="booths", section="2.8", path="airmeet/{airmeet}/booth/public",
        gateway="airmeet/{airmeet}/booths",
        paging="whole", key="booths", row=rows.booth, analytics=True,
    ),
    Feed(
        table="booth_attendance", section="2.9",
        path="airmeet/{airmeet}/booth/{booth}/booth-attendance",
        paging="cursor", key="data", row=rows.booth_attendance, analytics=True, export=True,
    ),
    Feed(
        table="poll_responses", section="2.10", path="airmeet/{airmeet}/polls",
        paging="cursor", key="data", row=rows.poll_response, analytics=True, entries="polls",
    ),
    Feed(
        table="questions", section="2.11", path="airmeet/{airmeet}/questions",
        paging="whole", key="data", row=rows.question, analytics=True, entries="questions",
    ),
    Feed(
        table="tracks", section="", path="airmeet/{airmeet}/tracks",
        paging="whole", key="tracks", row=rows.track, gateway_only=True,
    ),
    Feed(
        table="session_recordings", section="", path="airmeet/{airmeet}/session-recordings",
        paging="whole", key="recordings", row=rows.recording, gateway_only=True,
    ),
    Feed(
        table="registration_utms", section="", path="airmeet/{airmeet}/utms",
        paging="cursor", key="data", row=rows.utms, analytics=True, export=True,
        gateway_only=True,
    ),
    Feed(
        table="replay_attendance", section="", path="airmeet/{airmeet}/event-replay-attendees",
        paging="cursor", key="data", row=rows.replay, analytics=True, export=True,
        gateway_only=True,
    ),
)  # fmt: skip
BY_TABLE = {feed.table: feed for feed in FEEDS}
SERIES_PATHS = {
    "event_series": "event-series",
    "event_series_airmeets": "event-series/{series}/events",
}
"""What the gateway serves of the community, beside the listing."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a path stands for: a layout; a feed, a write, a request about webhooks, "auth",
    "airmeets" or one of `SERIES_PATHS`; and its ids."""

    layout: str
    feed: Feed | None
    name: str
    airmeet: str = ""
    session: str = ""
    booth: str = ""
    write: Write | None = None
    email: str = ""
    series: str = ""

    @property
    def method(self) -> str:
        """The method of its requests."""
        if self.write is not None:
            return self.write.method
        if self.name in METHODS:
            return METHODS[self.name]
        return "POST" if self.name == "auth" else "GET"


def _named(path: str) -> str:
    """Return the pattern of a path; an address may contain a slash."""
    path = path.replace("{email}", "(?P<email>.+)")
    return re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)


_ROUTES: dict[str, list[tuple[re.Pattern[str], Feed]]] = {
    layout: [
        (
            re.compile(_named((layout == "gateway" and feed.gateway) or feed.path)),
            feed,
        )
        for feed in FEEDS
        if layout == "gateway" or not feed.gateway_only
    ]
    for layout in BASES
}
_WRITES = {
    layout: [
        (re.compile(_named(write.path_in(layout))), write)
        for write in WRITES
        if write.served_in(layout)
    ]
    for layout in BASES
}


def find(path: str, method: str = "") -> Place | None:
    """Return what a path stands for; None if it is unknown.

    Where it stands for several things, as a read and a write, it is the one of this method.
    """
    found = list(_places(path))
    return next((place for place in found if place.method == method), found[0] if found else None)


def _places(path: str) -> Iterator[Place]:
    """Yield all that a path stands for."""
    for layout, base in BASES.items():
        if not path.startswith(f"{base}/"):
            continue
        rest = path[len(base) + 1 :]
        if rest in ("auth", "airmeets"):
            yield Place(layout, None, rest)
        for name, series_path in SERIES_PATHS.items() if layout == "gateway" else ():
            if match := re.fullmatch(_named(series_path), rest):
                yield Place(layout, None, name, series=match.groupdict().get("series", ""))
        if layout == "gateway" and (name := rest.removeprefix(PREFIX)) != rest and name in METHODS:
            yield Place(layout, None, name)
        for pattern, feed in _ROUTES[layout]:
            if match := pattern.fullmatch(rest):
                ids = match.groupdict("")
                parts = ids.get("airmeet", ""), ids.get("session", ""), ids.get("booth", "")
                yield Place(layout, feed, feed.table, *parts)
        for pattern, write in _WRITES[layout]:
            if match := pattern.fullmatch(rest):
                ids = match.groupdict("")
                yield Place(
                    layout,
                    None,
                    write.name,
                    ids.get("airmeet", ""),
                    ids.get("session", ""),
                    write=write,
                    email=ids.get("email", ""),
                )


def slice_of(
    event: Event,
    feed: Feed,
    part: int,
    row_set: RowSet,
    positions: range | list[int],
    options: SimulatorOptions,
    form: Form | None = None,
    layout: str = "v1",
) -> list[Row]:
    """Make the rows at these positions of a row set, as a layout serves them; time stamps in the
    event's form, or this."""
    made = []
    for position in positions:
        row_id = row_set.ids[position]
        item = row_set.items[position]
        row = feed.row(event, part, row_id, item)
        if layout == "gateway" and event.hybrid and feed.table in rows.OF_MEMBERS:
            row["attendance_type"] = event.attendance_type(item)
        made.append(_with_options(row, feed, row_id, options, form or event.time_form))
    return made


def listed(rows_of_listing: list[Row], options: SimulatorOptions) -> list[Row]:
    """Add the extra field to rows of the listing."""
    if options.new_field:
        for row in rows_of_listing:
            row[options.new_field] = f"new {row['uid']}"
    return rows_of_listing


def _with_options(row: Row, feed: Feed, row_id: int, options: SimulatorOptions, form: Form) -> Row:
    """Give a row the fields that options ask for, and take those that they do not."""
    if feed.table == "sessions" and not options.null_durations and row["duration"] is None:
        row["duration"] = 30
    if not options.new_field and not (feed.attendance or feed.entries):
        return row
    if feed.entries:
        entries = row[feed.entries]
        assert isinstance(entries, list)
        targets: list[Row] = entries
    else:
        targets = [row]
    for target in targets:
        if not options.extra_fields:
            for name in rows.EXTRA_FIELDS:
                target.pop(name, None)
        elif isinstance(moment := target.get("time_stamp"), int):
            target["time_stamp"] = written(moment, form)
        if options.new_field:
            target[options.new_field] = f"new {row_id}"
    return row
