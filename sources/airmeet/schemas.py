"""One described schema a table: what every column holds, its type, and the API's name for it.

Kinds of columns: `text`; `bigint`; `double`; `bool`; `timestamp` (with zone, microseconds);
`json` (a JSON document).
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from .person import PERSON

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "bigint", "double", "bool", "timestamp", "json"]


@cache
def arrow_types() -> "dict[Kind, pa.DataType]":
    """The type of each kind in Arrow tables."""
    import pyarrow as pa  # here: whoever only reads names and descriptions makes no tables

    return {
        "text": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "json": pa.string(),
    }


COMMUNITY = "community"
"""Stands for an airmeet's id where something is the community's."""

REMOVED = "_removed"
"""Marks the row that removes an airmeet's rows from a table when the feed has become empty.
dlt acts on it while it merges and never stores a marked row, so it is null wherever it is read."""


Holds = Literal[
    "address",
    "person",
    "name",
    "city",
    "country",
    "organisation",
    "role",
    "profile",
    "user id",
    "form answer",
    "poll answer",
    "question",
    "words",
    "link",
    "payload",
]
"""What of a person a column may hold; `privacy/policy.py` says how each is treated. `words` are the
organisers' own, in which somebody may be mentioned."""


@dataclass(frozen=True)
class Column:
    """A column: its name, kind and meaning; `api_name` where the API's key is another word;
    `holds` where it may hold something of a person, or a link; `optional` where the API is known
    to send rows without it; `derived` where it is ours, and no field of the API's."""

    name: str
    kind: Kind
    description: str
    api_name: str | None = None
    holds: Holds | None = None
    optional: bool = False
    derived: bool = False

    @property
    def identifies(self) -> bool:
        """Whether its values are ids, of people or things."""
        return self.kind == "text" and (self.holds == "user id" or self.name.endswith("_id"))

    @property
    def arrow_type(self) -> "pa.DataType":
        """The type of the column in Arrow tables."""
        return arrow_types()[self.kind]


@dataclass(frozen=True)
class Table:
    """A raw table.

    Attributes:
        name: of the table and its resource.
        description: what one row is.
        section: of the specification its rows come from.
        keys: the columns that name a row; the first one says whose it is.
        columns: all that the API is known to send, the keys first.
        left_out: the API's fields that are not stored, by their column name.
        merge_keys: rows that share these with a loaded row are replaced by what is loaded.
        gateway_only: the gateway alone fills it.
        revision: raised where the rows of a table get another meaning or more columns: what an
            earlier revision loaded is fetched again.
    """

    name: str
    description: str
    section: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    left_out: frozenset[str] = frozenset()
    merge_keys: tuple[str, ...] = ("airmeet_id",)
    gateway_only: bool = False
    revision: int = 1

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @cached_property
    def api_names(self) -> dict[str, str]:
        """The column for each of the API's keys that is another word."""
        return {c.api_name: c.name for c in self.columns if c.api_name is not None}

    @cached_property
    def user_id(self) -> str:
        """The column with the user id of a row's person."""
        return next((c.name for c in self.columns if c.holds == "user id"), "user_id")

    @property
    def owner(self) -> str:
        """The column that says whose rows are replaced together: an airmeet's, or all."""
        return self.keys[0]

    @property
    def removable(self) -> bool:
        """Whether rows can vanish upstream: of a feed they can, of what is our own or was
        delivered they cannot, and of airmeets `last_listed_at` says it."""
        return self.section not in ("", "webhooks") and self.name != "airmeets"

    @cached_property
    def arrow_schema(self) -> "pa.Schema":
        """The columns, and the mark of rows to remove where the table can have such."""
        import pyarrow as pa

        fields = [
            pa.field(c.name, c.arrow_type, nullable=c.name != self.owner) for c in self.columns
        ]
        return pa.schema([*fields, pa.field(REMOVED, pa.bool_())] if self.removable else fields)


def _airmeet_id(api_name: str | None = None) -> Column:
    return Column("airmeet_id", "text", "The airmeet.", api_name)


def _person(whose: str) -> tuple[Column, Column]:
    return (
        Column("email", "text", f"{whose} address, as the API writes it.", holds="address"),
        Column(
            PERSON,
            "text",
            "Who that is: the address trimmed, in lower case; without one `user:<user id>`. "
            "The key to join people on.",
            holds="person",
            derived=True,
        ),
    )


def _name(whose: str) -> Column:
    return Column("name", "text", f"{whose} name.", holds="name")


def _listed(whose: str) -> tuple[Column, ...]:
    """Who a list names; often by an id alone, or an address alone."""
    email, person = _person(whose)
    return replace(email, optional=True), person, replace(_name(whose), optional=True)


def _profile(whose: str) -> tuple[Column, ...]:
    return (
        _name(whose),
        Column("city", "text", f"{whose} city.", holds="city"),
        Column("country", "text", f"{whose} country.", holds="country"),
        Column("organisation", "text", f"{whose} organisation.", holds="organisation"),
        Column("designation", "text", f"{whose} role in the organisation.", holds="role"),
        Column("registration_date", "timestamp", "When the person registered."),
    )


def _user_id(whose: str) -> Column:
    return Column(
        "user_id",
        "text",
        f"{whose} Airmeet user id, where the API says.",
        holds="user id",
        optional=True,
    )


def _attendance_type(whose: str) -> Column:
    return Column(
        "attendance_type",
        "text",
        f"How the {whose} attends a hybrid event: IN-PERSON or VIRTUAL; null where the API says "
        "nothing.",
        optional=True,
    )


_SCOPE = Column(
    "scope",
    "text",
    f"Always `{COMMUNITY}`: each load that reads the feed whole replaces all rows.",
    derived=True,
)


def _attendee(where: str) -> tuple[Column, ...]:
    return (
        Column("id", "bigint", "The API's number of this attendance row."),
        *_person("The attendee's"),
        _name("The attendee's"),
        Column("user_id", "text", "The attendee's Airmeet user id.", holds="user id"),
        Column(
            "time_stamp",
            "timestamp",
            f"When the attendee entered {where}, where the API says.",
            optional=True,
        ),
        Column(
            "time_spent",
            "bigint",
            f"Milliseconds spent in {where}, where the API says.",
            optional=True,
        ),
    )


TABLES = {
    table.name: table
    for table in (
        Table(
            "airmeets",
            "One row an airmeet (event) that the keys have ever listed.",
            "2.1",
            ("airmeet_id",),
            (
                _airmeet_id("uid"),
                Column("name", "text", "The airmeet's name."),
                Column("status", "text", "CREATED, ONGOING, FINISHED, …"),
                Column("timezone", "text", "Canonical name of the airmeet's time zone."),
                Column("start_time", "timestamp", "When it is to start."),
                Column("end_time", "timestamp", "When it is to end."),
                Column(
                    "last_listed_at",
                    "timestamp",
                    "When a run last saw it in the list; one that was archived stays behind.",
                    derived=True,
                ),
            ),
        ),
        Table(
            "sessions",
            "One row a session of an airmeet.",
            "2.4",
            ("airmeet_id", "session_id"),
            (
                _airmeet_id(),
                Column("session_id", "text", "The session.", "sessionid"),
                Column("name", "text", "The session's name."),
                Column("start_time", "timestamp", "When it is to start."),
                Column("status", "text", "CREATED, ONGOING, FINISHED, …"),
                Column("duration", "double", "Minutes; may be null."),
                Column("summary", "text", "What it is about.", holds="words"),
                Column("type", "text", "HOSTING, …"),
            ),
        ),
        Table(
            "session_people",
            "One row a person in a role: who hosts and co-hosts sessions, who speaks in them.",
            "2.4",
            ("airmeet_id", "session_id", "role", "id"),
            (
                _airmeet_id(),
                Column(
                    "session_id",
                    "text",
                    "The session; null where the API names the person for the whole airmeet.",
                ),
                Column("role", "text", "host, cohost or speaker."),
                Column(
                    "id",
                    "text",
                    "The person's Airmeet user id; null where the API names only an address.",
                    holds="user id",
                    optional=True,
                ),
                *_listed("The person's"),
                Column(
                    "organisation",
                    "text",
                    "The person's organisation.",
                    holds="organisation",
                    optional=True,
                ),
                Column(
                    "designation",
                    "text",
                    "The person's role in the organisation.",
                    holds="role",
                    optional=True,
                ),
            ),
            revision=2,
        ),
        Table(
            "custom_fields",
            "One row a custom field of an airmeet's registration form.",
            "2.5",
            ("airmeet_id", "field_id"),
            (
                _airmeet_id(),
                Column("field_id", "text", "The field."),
                Column("label", "text", "What the form calls it."),
                Column("name", "text", "Its technical name."),
                Column("is_required", "bool", "Whether it must be answered."),
                Column("input_type", "text", "text, radio, checkbox, …"),
                Column("field_type", "text", "custom, …"),
                Column("mapped_from", "text", "The kind of field it was made from."),
            ),
        ),
        Table(
            "custom_field_options",
            "One row a choice that a custom field offers.",
            "2.5",
            ("airmeet_id", "field_id", "code"),
            (
                _airmeet_id(),
                Column("field_id", "text", "The custom field."),
                Column("code", "text", "The choice, as answers name it."),
                Column("display_value", "text", "What the form displays for it.", optional=True),
            ),
        ),
        Table(
            "registrations",
            "One row a person who registered for an airmeet.",
            "2.2",
            ("airmeet_id", "email"),
            (
                _airmeet_id(),
                *_person("The registrant's"),
                *_profile("The registrant's"),
                _user_id("The registrant's"),
                _attendance_type("registrant"),
            ),
        ),
        Table(
            "participants",
            "One row an invitee, guest or registered user of an airmeet.",
            "2.3",
            ("airmeet_id", "email"),
            (
                _airmeet_id(),
                *_person("The participant's"),
                *_profile("The participant's"),
                Column(
                    "profile_url",
                    "text",
                    "Link to the participant's picture or profile.",
                    holds="profile",
                ),
                Column("user_type", "text", "Registered User, …"),
                Column("invite_sent", "bool", "Whether an invitation was sent."),
                _user_id("The participant's"),
                _attendance_type("participant"),
            ),
            # `token` is a link that grants access; `user_profile` is participant_answers.
            left_out=frozenset({"token", "user_profile"}),
        ),
        Table(
            "participant_answers",
            "One row a value that a participant gave for a custom field.",
            "2.3",
            ("airmeet_id", "email", "field_id", "value"),
            (
                _airmeet_id(),
                *_person("The participant's"),
                Column("field_id", "text", "The custom field."),
                Column(
                    "value",
                    "text",
                    "The value; several rows where several were chosen.",
                    holds="form answer",
                ),
            ),
        ),
        Table(
            "event_attendance",
            "One row an attendee of an airmeet.",
            "2.6",
            ("airmeet_id", "id"),
            (_airmeet_id(), *_attendee("the airmeet")),
        ),
        Table(
            "session_attendance",
            "One row an attendee of a session.",
            "2.7",
            ("airmeet_id", "session_id", "id"),
            (
                _airmeet_id(),
                Column("session_id", "text", "The session."),
                *_attendee("the session"),
            ),
        ),
        Table(
            "booths",
            "One row a booth of an airmeet.",
            "2.8",
            ("airmeet_id", "booth_id"),
            (
                _airmeet_id(),
                Column("booth_id", "text", "The booth.", "uid"),
                Column("name", "text", "The booth's name."),
                Column("logo_url", "text", "Its logo.", holds="link"),
                Column("video", "text", "Its video.", holds="link"),
                Column("faqs", "json", "Its questions and answers.", holds="words"),
                Column("order", "bigint", "Its place among the booths."),
                Column("resources", "json", "What it hands out.", holds="words"),
                Column("layout_type", "text", "Its layout."),
                Column("layout_data", "text", "Details of its layout.", holds="words"),
                Column("booth_exhibitor", "bool", "Whether it has exhibitors."),
                Column("social_media_links", "json", "Its links.", holds="link"),
                Column("short_description", "text", "What it is, in short.", holds="words"),
                Column("long_description", "text", "What it is.", holds="words"),
                Column("banner_url", "text", "Its banner.", holds="link"),
                Column(
                    "register_interest_details",
                    "json",
                    "How interest is registered.",
                    holds="words",
                ),
                Column("offer_details", "json", "What it offers.", holds="words"),
                Column("doc_url", "text", "Its document.", holds="link"),
                Column("doc_name", "text", "The document's name."),
                Column("booth_space_id", "text", "Its place in the hall."),
            ),
        ),
        Table(
            "booth_exhibitors",
            "One row an exhibitor of a booth.",
            "2.8",
            ("airmeet_id", "booth_id", "email"),
            (
                _airmeet_id(),
                Column("booth_id", "text", "The booth."),
                *_listed("The exhibitor's"),
                Column(
                    "id",
                    "text",
                    "The exhibitor's Airmeet user id, where the API says.",
                    holds="user id",
                    optional=True,
                ),
            ),
        ),
        Table(
            "booth_tags",
            "One row a tag of a booth.",
            "2.8",
            ("airmeet_id", "booth_id", "tag"),
            (
                _airmeet_id(),
                Column("booth_id", "text", "The booth."),
                Column("tag", "text", "The tag.", "name"),
            ),
        ),
        Table(
            "booth_attendance",
            "One row a visitor of a booth.",
            "2.9",
            ("airmeet_id", "booth_id", "id"),
            (
                _airmeet_id(),
                Column("booth_id", "text", "The booth."),
                *_attendee("the booth"),
                Column(
                    "interested_in_being_contacted",
                    "bool",
                    "Whether the visitor asked for contact.",
                ),
                Column("visits", "bigint", "How often the visitor came."),
            ),
        ),
        Table(
            "poll_responses",
            "One row a poll put to a person who took part in polls, answered or not; an answer "
            "that is a list has a row for each choice.",
            "2.10",
            ("airmeet_id", "user_id", "position"),
            (
                _airmeet_id(),
                Column("user_id", "text", "The respondent's Airmeet user id.", holds="user id"),
                Column(
                    "position", "bigint", "Place in the respondent's list, from 0.", derived=True
                ),
                Column(
                    "response_position",
                    "bigint",
                    "Position of the first row of this response; those of one list share it.",
                    derived=True,
                ),
                *_person("The respondent's"),
                _name("The respondent's"),
                Column("question", "text", "The poll's question."),
                Column(
                    "answer",
                    "text",
                    "The answer; null where there is none.",
                    holds="poll answer",
                    optional=True,
                ),
                Column("session_id", "text", "The session, where the API says.", optional=True),
                Column(
                    "time_stamp",
                    "timestamp",
                    "When it was answered, where the API says.",
                    optional=True,
                ),
            ),
            revision=2,
        ),
        Table(
            "questions",
            "One row a question that somebody asked.",
            "2.11",
            ("airmeet_id", "user_id", "position"),
            (
                _airmeet_id(),
                Column("user_id", "text", "The asker's Airmeet user id.", holds="user id"),
                Column("position", "bigint", "Place in the asker's list, from 0.", derived=True),
                *_person("The asker's"),
                _name("The asker's"),
                Column("question", "text", "The question.", holds="question"),
                Column("session_id", "text", "The session it was asked in.", optional=True),
                Column("upvote_count", "bigint", "How many voted it up."),
                Column(
                    "time_stamp",
                    "timestamp",
                    "When it was asked, where the API says.",
                    optional=True,
                ),
            ),
        ),
        Table(
            "tracks",
            "One row a track: a series of sessions.",
            "gateway",
            ("airmeet_id", "track_id"),
            (
                _airmeet_id(),
                Column("track_id", "text", "The track.", "uid"),
                Column("name", "text", "The track's name."),
            ),
            gateway_only=True,
        ),
        Table(
            "track_sessions",
            "One row a session of a track.",
            "gateway",
            ("airmeet_id", "track_id", "session_id"),
            (
                _airmeet_id(),
                Column("track_id", "text", "The track."),
                Column("session_id", "text", "The session."),
            ),
            gateway_only=True,
        ),
        Table(
            "registration_utms",
            "One row a registration that came by a tagged link.",
            "gateway",
            ("airmeet_id", "id"),
            (
                _airmeet_id("airmeetId"),
                Column("id", "bigint", "The API's number of this row."),
                *_person("The registrant's"),
                Column("utm_source", "text", "Where the link stood.", optional=True),
                Column(
                    "utm_medium",
                    "text",
                    "By what way it was spread: email, social, …",
                    optional=True,
                ),
                Column("utm_campaign", "text", "The campaign it belonged to.", optional=True),
            ),
            gateway_only=True,
        ),
        Table(
            "session_recordings",
            "One row a recording of a session.",
            "gateway",
            ("airmeet_id", "session_id", "position"),
            (
                _airmeet_id(),
                Column("session_id", "text", "The session."),
                Column(
                    "position",
                    "bigint",
                    "Place in the airmeet's list of recordings, from 0.",
                    derived=True,
                ),
                Column("session_name", "text", "The session's name."),
            ),
            # A link with which anybody can see the recording.
            left_out=frozenset({"download_link"}),
            gateway_only=True,
        ),
        Table(
            "replay_attendance",
            "One row a person who watched the replay of a session.",
            "gateway",
            ("airmeet_id", "session_id", "id"),
            (
                _airmeet_id(),
                Column("session_id", "text", "The session."),
                *_attendee("the replay"),
                Column(
                    "duration_viewed",
                    "double",
                    "Minutes watched, where the API says.",
                    optional=True,
                ),
            ),
            gateway_only=True,
        ),
        Table(
            "airmeet_details",
            "One row an airmeet: what its own page says.",
            "gateway",
            ("airmeet_id",),
            (
                _airmeet_id(),
                Column("name", "text", "The airmeet's name."),
                Column("short_desc", "text", "What it is, in short.", holds="words"),
                Column("start_time", "timestamp", "When it is to start."),
                Column("end_time", "timestamp", "When it is to end."),
                Column("timezone", "text", "Canonical name of the airmeet's time zone."),
            ),
            gateway_only=True,
        ),
        Table(
            "event_series",
            "One row a series of airmeets.",
            "gateway",
            ("scope", "series_id"),
            (
                _SCOPE,
                Column("series_id", "text", "The series."),
                Column("name", "text", "The series' name.", holds="words", optional=True),
                Column("description", "text", "What it is.", holds="words", optional=True),
                Column("status", "text", "Its status, where the API says.", optional=True),
            ),
            merge_keys=("scope",),
            gateway_only=True,
        ),
        Table(
            "event_series_airmeets",
            "One row an airmeet of a series.",
            "gateway",
            ("scope", "series_id", "airmeet_id"),
            (
                _SCOPE,
                Column("series_id", "text", "The series."),
                _airmeet_id(),
                Column("name", "text", "The airmeet's name.", optional=True),
                Column("status", "text", "The airmeet's status.", optional=True),
                Column("timezone", "text", "Name of its time zone.", optional=True),
                Column("start_time", "timestamp", "When it is to start.", optional=True),
                Column("end_time", "timestamp", "When it is to end.", optional=True),
            ),
            merge_keys=("scope",),
            gateway_only=True,
        ),
        Table(
            "feed_syncs",
            "The ledger: one row a feed of an airmeet, how its last fetch ended.",
            "",
            ("airmeet_id", "feed"),
            (
                Column(
                    "airmeet_id",
                    "text",
                    f"The airmeet; `{COMMUNITY}` for feeds that are the community's.",
                ),
                Column("feed", "text", "The feed, which is the table's name."),
                Column(
                    "status", "text", "loaded, pending, unavailable (nothing to give) or failed."
                ),
                Column("rows", "bigint", "Rows of this airmeet in the feed's table."),
                Column(
                    "expected_rows",
                    "bigint",
                    "Rows there would be if all that the API announced had come; null where it "
                    "announces nothing.",
                ),
                Column("pages", "bigint", "Answers with rows that the last fetch read."),
                Column("requested_at", "timestamp", "When the last fetch began."),
                Column("ready_at", "timestamp", "When it was complete; null where it was not."),
                Column(
                    "loaded_at", "timestamp", "When the rows now in the table were handed over."
                ),
                Column("is_final", "bool", "Settled: it is not fetched again."),
                Column("error", "text", "What the API said, or what could not be read."),
                Column(
                    "api_total",
                    "bigint",
                    "What the API's own total said when the feed was fetched; rows before a "
                    "person's become one.",
                ),
                Column(
                    "checked_at",
                    "timestamp",
                    "When a final feed's total was last found unchanged, or a feed of the "
                    "community.",
                ),
                Column(
                    "airmeet_version",
                    "text",
                    "Digest of the airmeet's name, times and status when the feed was fetched; and "
                    "the table's revision behind a point, where there is more than one.",
                ),
            ),
            merge_keys=("airmeet_id", "feed"),
        ),
    )
}

FIELDS = Table(
    "feed_fields",
    "One row a field of a table: when Airmeet last sent it, by which schema drift is found.",
    "",
    ("feed", "field"),
    (
        Column("feed", "text", "The table."),
        Column("field", "text", "The column that the field goes to."),
        Column("last_sent_at", "timestamp", "Start of the last run in which a row carried it."),
    ),
    merge_keys=("feed", "field"),
)
"""Written by `airmeet load`; the source alone does without it."""

PUSHES = Table(
    "pushes",
    "The ledger of writing back: one row a row that was to be written, what became of it last.",
    "",
    ("kind", "airmeet_id", "row_key"),
    (
        Column("push_key", "text", "Digest of kind, airmeet and row key."),
        Column("kind", "text", "What was written: a kind of docs/push.md."),
        Column("airmeet_id", "text", "Whose; empty for an airmeet to be created."),
        Column(
            "row_key",
            "text",
            "What names the row: a person's address, a title and a start, a session's id.",
            holds="address",
        ),
        Column("request", "text", "The request, with names in place of ids and addresses."),
        Column(
            "outcome",
            "text",
            "done, refused, absent (nothing to take away), failed (not done), unknown (it may be "
            "done), sending (killed meanwhile); looked up by the next push.",
        ),
        Column("status", "bigint", "The API's status, where it answered."),
        Column("result_id", "text", "The id of the airmeet, session or booth that was created."),
        Column("error", "text", "What the API said, or what failed."),
        Column("sent_at", "timestamp", "When it was sent."),
        Column("ended_at", "timestamp", "When its fate was known."),
    ),
    merge_keys=("push_key",),
)
"""Written by pushes alone; a load does not know it."""

RECORDING_COPIES = Table(
    "recording_copies",
    "One row a recording that `airmeet recordings` copied, or failed to; never its link.",
    "",
    ("airmeet_id", "session_id", "number"),
    (
        Column("copy_key", "text", "Digest of airmeet, session and number."),
        _airmeet_id(),
        Column("session_id", "text", "The session."),
        Column("number", "bigint", "Which of the session's recordings, from 0."),
        Column(
            "status",
            "text",
            "copied, failed (the next run tries again) or gone (Airmeet no longer has it).",
        ),
        Column("location", "text", "Where the copy is; null where there is none."),
        Column("bytes", "bigint", "Its length."),
        Column("copied_at", "timestamp", "When it was whole, or first found whole."),
        Column("error", "text", "Why it failed."),
        Column("tried_at", "timestamp", "When it was last tried."),
    ),
    merge_keys=("copy_key",),
    gateway_only=True,
)
"""Written by `airmeet recordings` alone; a load does not know it."""


def _delivered(*columns: Column) -> tuple[Column, ...]:
    """The columns of a table that is filled out of deliveries of webhooks: what they are known by,
    whom they name, and these."""
    return (
        Column("delivery_id", "text", "The delivery: a digest of its trigger and its content."),
        Column("position", "bigint", "Place within the delivery, from 0.", derived=True),
        Column("airmeet_id", "text", "The airmeet, where the delivery says."),
        Column("session_id", "text", "The session, where the delivery says."),
        *_person("The attendee's"),
        _name("The attendee's"),
        _user_id("The attendee's"),
        *columns,
        Column("received_at", "timestamp", "When the receiver took the delivery.", derived=True),
    )


def _of_deliveries(name: str, description: str, *columns: Column) -> Table:
    return Table(
        name,
        description,
        "webhooks",
        ("delivery_id", "position"),
        _delivered(*columns),
        merge_keys=("delivery_id",),
    )


WEBHOOK_TABLES = {
    table.name: table
    for table in (
        Table(
            "webhook_events",
            "One row a delivery of a webhook. What Airmeet delivers twice is one.",
            "webhooks",
            ("delivery_id",),
            (
                Column(
                    "delivery_id", "text", "The delivery: a digest of its trigger and its content."
                ),
                Column("trigger", "text", "What it is about: trigger.attendee.clicked_cta, …"),
                Column("airmeet_id", "text", "The airmeet, where the delivery says."),
                Column("session_id", "text", "The session, where the delivery says."),
                *_person("The attendee's"),
                _name("The attendee's"),
                _user_id("The attendee's"),
                Column(
                    "payload",
                    "json",
                    "What was delivered, without links and tokens that grant access.",
                    holds="payload",
                ),
                Column("error", "text", "Why the delivery could not be read; null where it was."),
                Column(
                    "received_at", "timestamp", "When the receiver took the delivery.", derived=True
                ),
            ),
            merge_keys=("delivery_id",),
        ),
        _of_deliveries(
            "cta_clicks",
            "One row a click on a call to action.",
            Column("cta_text", "text", "What the call to action says.", holds="words"),
            Column("cta_link", "text", "Where it leads.", holds="link"),
            Column("clicked_at", "timestamp", "When it was clicked, where the delivery says."),
        ),
        _of_deliveries(
            "resource_views",
            "One row a resource that an attendee opened.",
            Column("resource_id", "text", "The resource, where the delivery says."),
            Column("resource_name", "text", "What it is called.", holds="words"),
            Column("resource_link", "text", "Where it is.", holds="link"),
            Column("opened_at", "timestamp", "When it was opened, where the delivery says."),
        ),
        _of_deliveries(
            "table_visits",
            "One row a table of the lounge that an attendee joined.",
            Column("table_id", "text", "The table, where the delivery says."),
            Column("table_name", "text", "What it is called.", holds="words"),
            Column("joined_at", "timestamp", "When it was joined, where the delivery says."),
        ),
        _of_deliveries(
            "engagement_scores",
            "One row an engagement score that Airmeet gave an attendee.",
            Column("score", "double", "The score, in Airmeet's own measure."),
            Column("scored_at", "timestamp", "When it was given, where the delivery says."),
        ),
    )
}
"""Filled by `airmeet load` out of what Airmeet's webhooks delivered; no feed has their rows."""

RAW_TABLES = {**TABLES, **WEBHOOK_TABLES}
"""All that reports are made from."""
