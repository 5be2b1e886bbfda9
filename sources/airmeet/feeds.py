"""One declaration a feed: where the API serves it, how it is paged, which feed lists its parents.

Adding a feed of a known kind is one entry here and its table's schema in `schemas.py`; a list
within its rows is one `ChildList` more.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal
from urllib.parse import quote

from .errors import SelectionError
from .nearest import nearest
from .settings import Layout, only_the_gateway

Service = Literal["api", "analytics", "bff"]


def path_part(id: str) -> str:
    """An id as one part of a path, whatever is in it: `..` does not leave the path."""
    return quote(id, safe="").replace(".", "%2E") if id in (".", "..") else quote(id, safe="")


class Paging(Enum):
    """How a feed is spread over answers."""

    WHOLE = "all in one answer"
    CURSOR = "`after` cursors"
    NUMBERED = "`pageNumber`, with a total"


class Shape(Enum):
    """What its rows are, and so how a row that comes twice is recognised."""

    KEYED = "things with an id"
    PEOPLE = "people, known by their address"
    RESPONDENTS = "people, each with a list of items"
    POSITIONAL = "things known by their place among those of a parent"


@dataclass(frozen=True)
class ChildList:
    """A list within a feed's rows, or beside them, whose entries are rows of another table.

    Attributes:
        key: the API's key of the list.
        table: where its entries go; the table's second key is the id of the row that holds the
            list.
        column: where an entry goes that is not an object. A table with a column `email` holds
            people: an entry that is an address goes there instead.
        role: what its people are, for tables with a column `role`.
        beside: it stands beside the feed's rows, so its entries belong to the airmeet itself.
    """

    key: str
    table: str
    column: str
    role: str = ""
    beside: bool = False


@dataclass(frozen=True)
class UnseenShape:
    """How entries are read of which nobody has quoted the shape: as objects or as bare ids.

    Attributes:
        keys: by column, the keys under which its value may stand, in snake_case; the first one that
            has a value counts, and all others stay columns of their own. The first column is the
            entry's id, which a bare entry is.
        within: keys of an object in which an entry without an id may have all of this.
    """

    keys: tuple[tuple[str, tuple[str, ...]], ...]
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    """A feed of one airmeet, or of the community.

    Attributes:
        name: the feed's name, which is its table's and its resource's.
        section: of the specification.
        service: which of the three hosts serves it.
        path: below the host; `{airmeet_id}` and the parent's key are filled in.
        rows: keys under which its rows may stand in the body, the first one found counts.
        paging: how it is spread over answers.
        shape: what its rows are.
        items_key: the key of the list that each respondent has.
        flatten_key: the key of an object whose fields are taken as the row's own.
        lists: lists of things with an id, which fill tables of their own.
        details: the table of the airmeet's own fields, where the answer has them beside the rows.
        export: prepared on demand: answers 202 until it is ready.
        parent: the feed whose rows name what this one is asked for, one request each.
        tables: the tables its rows go to, its own first; by the other attributes where not given.
        gateway_path: the path in the gateway's layout where it differs.
        null_is_empty: `null` in place of the rows means that there are none.
        of_community: it is the community's: never final, and replaced whole by each run, which asks
            once for it, or once for each of its parent's rows. Some plans lack it, so that whatever
            refuses it means that there is nothing to give.
        unseen: how its entries are read, where nobody has quoted their shape.
    """

    name: str
    section: str
    service: Service
    path: str
    rows: tuple[str, ...] = ("data",)
    paging: Paging = Paging.CURSOR
    shape: Shape = Shape.KEYED
    items_key: str = ""
    flatten_key: str = ""
    lists: tuple[ChildList, ...] = ()
    details: str = ""
    export: bool = False
    parent: str | None = None
    tables: tuple[str, ...] = ()
    gateway_path: str | None = None
    null_is_empty: bool = False
    of_community: bool = False
    unseen: UnseenShape | None = None

    def __post_init__(self) -> None:
        if not self.tables:
            filled = (self.name, self.details, *(child.table for child in self.lists))
            object.__setattr__(self, "tables", tuple(dict.fromkeys(filter(None, filled))))

    @property
    def hangs_on_status(self) -> bool:
        """Whether it says what happened at the airmeet: a refusal may mean that it was not held."""
        return self.service == "analytics"

    @property
    def is_kicked_off(self) -> bool:
        """Whether it is asked for before it is read: an export, or what a parent's rows name."""
        return self.export or self.parent is not None

    def path_in(self, layout: str, **ids: str) -> str:
        """The path in a layout, of the airmeet and of the parent with these ids."""
        template = (layout == "gateway" and self.gateway_path) or self.path
        return template.format_map({name: path_part(id) for name, id in ids.items()})


_PEOPLE = "session_people"

_SESSION_LISTS = (
    ChildList("host_id", _PEOPLE, "id", role="host"),
    ChildList("cohost_ids", _PEOPLE, "id", role="cohost"),
    ChildList("speaker_id", _PEOPLE, "id", role="speaker"),
    ChildList("speakerList", _PEOPLE, "id", role="speaker"),
)
_AIRMEET_LISTS = (
    ChildList("session_hosts", _PEOPLE, "id", role="host", beside=True),
    ChildList("session_cohosts", _PEOPLE, "id", role="cohost", beside=True),
    ChildList("session_speakers", _PEOPLE, "id", role="speaker", beside=True),
)
"""The gateway alone has these."""

AIRMEETS = Feed("airmeets", "2.1", "api", "/airmeets")
"""The list of airmeets, which every run reads; not a feed of one airmeet."""

FEEDS = {
    feed.name: feed
    for feed in (
        Feed(
            "sessions",
            "2.4",
            "api",
            "/airmeet/{airmeet_id}/info",
            rows=("sessions",),
            paging=Paging.WHOLE,
            lists=_SESSION_LISTS,
        ),
        Feed(
            "custom_fields",
            "2.5",
            "api",
            "/airmeet/{airmeet_id}/custom-fields",
            rows=("customFields",),
            paging=Paging.WHOLE,
            flatten_key="type",
            lists=(ChildList("options", "custom_field_options", "code"),),
        ),
        Feed(
            "registrations",
            "2.2",
            "api",
            "/airmeet/{airmeet_id}/registrations",
            shape=Shape.PEOPLE,
        ),
        Feed(
            "participants",
            "2.3",
            "api",
            "/airmeet/{airmeet_id}/participants",
            # The specification spells it without the first r; the field has seen both.
            rows=("paticipants", "participants"),
            paging=Paging.NUMBERED,
            shape=Shape.PEOPLE,
            tables=("participants", "participant_answers"),
        ),
        Feed(
            "event_attendance",
            "2.6",
            "analytics",
            "/airmeet/{airmeet_id}/attendees",
            export=True,
        ),
        Feed(
            "session_attendance",
            "2.7",
            "analytics",
            "/session/{session_id}/attendees",
            export=True,
            parent="sessions",
        ),
        Feed(
            "booths",
            "2.8",
            "bff",
            "/airmeet/{airmeet_id}/booth/public",
            rows=("booths",),
            paging=Paging.WHOLE,
            lists=(
                ChildList("exhibitors", "booth_exhibitors", "id"),
                ChildList("tags", "booth_tags", "tag"),
            ),
            gateway_path="/airmeet/{airmeet_id}/booths",
            null_is_empty=True,  # the plan has no booths
        ),
        Feed(
            "booth_attendance",
            "2.9",
            "analytics",
            "/airmeet/{airmeet_id}/booth/{booth_id}/booth-attendance",
            export=True,
            parent="booths",
        ),
        Feed(
            "poll_responses",
            "2.10",
            "analytics",
            "/airmeet/{airmeet_id}/polls",
            shape=Shape.RESPONDENTS,
            items_key="polls",
        ),
        Feed(
            "questions",
            "2.11",
            "analytics",
            "/airmeet/{airmeet_id}/questions",
            shape=Shape.RESPONDENTS,
            items_key="questions",
        ),
    )
}


def _ids_of(*things: str) -> tuple[str, ...]:
    """The keys under which an id of such a thing may stand, those that say most first."""
    said = [f"{thing}_{end}" for thing in things for end in ("id", "uid", "uuid")]
    return (*said, "uid", "uuid", "id", *things)


_ADDED = (
    Feed(
        "tracks",
        "gateway",
        "api",
        "/airmeet/{airmeet_id}/tracks",
        rows=("tracks",),
        paging=Paging.WHOLE,
        lists=(ChildList("sessions", "track_sessions", "session_id"),),
        null_is_empty=True,  # the plan has no tracks
    ),
    Feed(
        "session_recordings",
        "gateway",
        "api",
        "/airmeet/{airmeet_id}/session-recordings",
        rows=("recordings",),
        paging=Paging.WHOLE,
        shape=Shape.POSITIONAL,
    ),
    Feed(
        "registration_utms",
        "gateway",
        "analytics",
        "/airmeet/{airmeet_id}/utms",
        flatten_key="utms",
        export=True,
    ),
    Feed(
        "replay_attendance",
        "gateway",
        "analytics",
        "/airmeet/{airmeet_id}/event-replay-attendees",
        export=True,
    ),
    Feed(
        "event_series",
        "gateway",
        "api",
        "/event-series",
        rows=("data", "event_series", "series", "series_list"),
        of_community=True,
        unseen=UnseenShape(
            (
                ("series_id", _ids_of("series", "event_series")),
                ("name", ("name", "series_name", "event_series_name", "title")),
            ),
            within=("series", "event_series"),
        ),
    ),
    Feed(
        "event_series_airmeets",
        "gateway",
        "api",
        "/event-series/{series_id}/events",
        rows=("data", "events", "airmeets", "event_list"),
        parent="event_series",
        of_community=True,
        unseen=UnseenShape(
            (
                ("airmeet_id", _ids_of("airmeet", "event")),
                ("name", ("name", "airmeet_name", "event_name", "title")),
            ),
            within=("airmeet", "event"),
        ),
    ),
)

GATEWAY_FEEDS = {
    **FEEDS,
    # There the answer also carries the airmeet's own fields and its people.
    "sessions": replace(
        FEEDS["sessions"],
        lists=_SESSION_LISTS + _AIRMEET_LISTS,
        details="airmeet_details",
        tables=(),
    ),
    **{feed.name: feed for feed in _ADDED},
}
"""The feeds as the gateway serves them: the specification's, and more."""

TABLE_FEEDS = {table: feed for feed in FEEDS.values() for table in feed.tables}
"""The feed of the specification that fills each table."""

FEED_NAMES = (
    "airmeets",
    *dict.fromkeys(table for feed in GATEWAY_FEEDS.values() for table in feed.tables),
)
"""What `--only` takes; some of it the gateway alone serves."""


def feeds_in(layout: Layout) -> dict[str, Feed]:
    """The feeds of a layout by name."""
    return GATEWAY_FEEDS if layout == "gateway" else FEEDS


def feeds_of(
    tables: "tuple[str, ...] | list[str] | set[str]", layout: Layout = "gateway"
) -> list[Feed]:
    """The feeds that fill the tables, in the order of the declarations.

    Args:
        tables: by name.
        layout: the one that is asked.

    Raises:
        SelectionError: a name is no feed, or the layout does not serve it.
    """
    unknown = sorted(set(tables) - set(FEED_NAMES))
    if unknown:
        meant = [nearest(name, FEED_NAMES) for name in unknown]
        hint = f"did you mean {', '.join(filter(None, meant))}? " if any(meant) else ""
        raise SelectionError(
            f"no feed is called {', '.join(unknown)}; {hint}there are {', '.join(FEED_NAMES)}"
        )
    feeds = feeds_in(layout)
    served = {"airmeets"}.union(*(feed.tables for feed in feeds.values()))
    if missing := sorted(set(tables) - served):
        raise SelectionError(f"{', '.join(missing)}: {only_the_gateway('serves this')}")
    return [feed for feed in feeds.values() if set(feed.tables) & set(tables)]
