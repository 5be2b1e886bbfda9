"""One declaration a feed: where the API serves it, how it is paged, what it hangs under.

Adding a feed of a known kind is one entry here and its table's schema in `schemas.py`.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from .errors import SelectionError
from .settings import Layout

Service = Literal["api", "analytics", "bff"]


class Paging(Enum):
    """How a feed is spread over answers."""

    WHOLE = "all in one answer"
    CURSOR = "`after` cursors"
    NUMBERED = "`pageNumber`, with a total"


class Shape(Enum):
    """What its rows are, and so how a row that comes twice is known."""

    KEYED = "things with an id"
    PEOPLE = "people, known by their address"
    RESPONDENTS = "people, each with a list of entries"
    LISTS = "things with an id, each with a list of ids"
    POSITIONAL = "things known by their place among those of a parent"
    SESSION_INFO = "things with an id; what the answer holds beside them goes to tables of its own"


@dataclass(frozen=True)
class Feed:
    """A feed of one airmeet.

    Attributes:
        name: the feed's name, which is its table's and its resource's.
        section: of the specification.
        service: which of the three hosts serves it.
        path: below the host; `{airmeet_id}` and the parent's key are filled in.
        rows: keys under which its rows may stand in the body, the first one found counts.
        paging: how it is spread over answers.
        shape: what its rows are.
        entries: the key of the list that each respondent or thing carries.
        unfold: the key of an object whose fields are taken as the row's own.
        export: prepared on demand: answers 202 until it is ready.
        parent: the feed that lists what this one is asked for, once for each of its rows.
        tables: the tables its rows go to, its own first.
        gateway_path: the path in the gateway's layout where it differs.
        null_is_empty: `null` in place of the rows means that there are none.
    """

    name: str
    section: str
    service: Service
    path: str
    rows: tuple[str, ...] = ("data",)
    paging: Paging = Paging.CURSOR
    shape: Shape = Shape.KEYED
    entries: str = ""
    flatten_key: str = ""
    export: bool = False
    parent: str | None = None
    tables: tuple[str, ...] = ()
    gateway_path: str | None = None
    null_is_empty: bool = False

    def __post_init__(self) -> None:
        if not self.tables:
            object.__setattr__(self, "tables", (self.name,))

    @property
    def hangs_on_status(self) -> bool:
        """Whether it tells what happened at the airmeet, so that a refusal may mean: never held."""
        return self.service == "analytics"

    def path_in(self, layout: str) -> str:
        """The path template in a layout."""
        return (layout == "gateway" and self.gateway_path) or self.path


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
        ),
        Feed(
            "custom_fields",
            "2.5",
            "api",
            "/airmeet/{airmeet_id}/custom-fields",
            rows=("customFields",),
            paging=Paging.WHOLE,
            flatten_key="type",
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
            entries="polls",
        ),
        Feed(
            "questions",
            "2.11",
            "analytics",
            "/airmeet/{airmeet_id}/questions",
            shape=Shape.RESPONDENTS,
            entries="questions",
        ),
    )
}

_ADDED = (
    Feed(
        "tracks",
        "gateway",
        "api",
        "/airmeet/{airmeet_id}/tracks",
        rows=("tracks",),
        paging=Paging.WHOLE,
        shape=Shape.LISTS,
        entries="sessions",
        tables=("tracks", "track_sessions"),
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
)

GATEWAY_FEEDS = {
    **FEEDS,
    # There the answer also carries the airmeet's own fields and its people.
    "sessions": replace(
        FEEDS["sessions"],
        shape=Shape.SESSION_INFO,
        tables=("sessions", "airmeet_details", "session_people"),
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
        raise SelectionError(
            f"no feed is called {', '.join(unknown)}; there are {', '.join(FEED_NAMES)}"
        )
    feeds = feeds_in(layout)
    served = {"airmeets"}.union(*(feed.tables for feed in feeds.values()))
    if missing := sorted(set(tables) - served):
        raise SelectionError(
            f"{', '.join(missing)}: only Airmeet's gateway serves this; "
            "set SOURCES__AIRMEET__REGION to global, eu or us"
        )
    return [feed for feed in feeds.values() if set(feed.tables) & set(tables)]
