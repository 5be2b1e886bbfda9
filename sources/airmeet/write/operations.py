"""The writes of sections 3 and 4: one declaration each.

A write is a table of the destination (`airmeet_destination`) and a kind of `airmeet push`. Its
columns are ours, in snake_case; the API's names and units stand beside them.
"""

from dataclasses import dataclass
from typing import Any, Literal

from ..errors import SelectionError
from ..person import person_key
from ..settings import Layout

FieldKind = Literal["text", "url", "email", "emails", "time", "count", "flag", "zone"]

Values = dict[str, Any]
"""A row's values by column, checked: times in milliseconds, lists as lists."""


@dataclass(frozen=True)
class Field:
    """A column of a write.

    Attributes:
        column: its name.
        api_name: the payload's name for it; a dot leads into an object.
        kind: what it holds. A time is an ISO text or milliseconds, and sent as milliseconds.
        required: whether it must be filled.
        choices: the only values allowed.
        least: its least length or value.
        most: its greatest length.
        whole_minutes: a time that must lie on the minute.
    """

    column: str
    api_name: str
    kind: FieldKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    whole_minutes: bool = False


@dataclass(frozen=True)
class Write:
    """A write.

    Attributes:
        table: its name.
        section: of the specification.
        does: what it does to a row, in a word.
        method: of its request.
        path: in the specification's layout; the gateway's has no `/public`.
        fields: its columns.
        key: the columns that name a row within its airmeet.
        unique: columns besides, that no two rows of an airmeet may share.
        repeatable: whether it may be sent again when it may have succeeded.
        has_answers: whether further columns are answers to custom fields (§3.3).
        per_airmeet: whether it is done to an airmeet, which each row then names.
        deprecated: what to use instead.
    """

    table: str
    section: str
    does: str
    method: Literal["POST", "DELETE"]
    path: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    unique: tuple[str, ...] = ()
    repeatable: bool = False
    has_answers: bool = False
    per_airmeet: bool = True
    deprecated: str = ""

    def path_in(self, layout: Layout) -> str:
        """The path template in a layout."""
        return self.path.replace("/public/", "/") if layout == "gateway" else self.path

    def request(self, layout: Layout) -> str:
        """The request as the ledger names it: nobody's address in it."""
        return f"{self.method} {self.path_in(layout)}"

    @property
    def warning(self) -> str:
        """That it is deprecated, and what to use instead."""
        instead = f"{self.deprecated} does the same"
        return f"{self.table} is deprecated by Airmeet (§{self.section}); {instead}"

    def key_of(self, values: Values) -> str:
        """What names the row within its airmeet; a person is `person.person_key`."""
        if self.key == ("email",):
            return person_key(values["email"]) or ""
        return " | ".join(str(values[column]).strip() for column in self.key)


_EMAIL = Field("email", "email", "email", required=True)
_NAME = Field("name", "name", required=True)
_PLACE = (
    Field("city", "city"),
    Field("country", "country"),
    Field("designation", "designation"),
)
_FIRST_AND_LAST = (Field("first_name", "firstName"), Field("last_name", "lastName"))

WRITES = {
    write.table: write
    for write in (
        Write(
            "attendees",
            "3.2, 3.3",
            "authorise",
            "POST",
            "/airmeet/{airmeet_id}/attendee",
            (
                _EMAIL,
                _NAME,
                *_FIRST_AND_LAST,
                *_PLACE,
                Field("organisation", "organization"),  # here the API writes it with a z
            ),
            ("email",),
            # Replaying it changes nothing (§3.2).
            repeatable=True,
            has_answers=True,
        ),
        Write(
            "users",
            "3.1",
            "register",
            "POST",
            "/airmeet/{airmeet_id}/user",
            (_EMAIL, _NAME, *_PLACE, Field("organisation", "organisation")),
            ("email",),
            deprecated="attendees",
        ),
        Write(
            "revocations",
            "3.4",
            "revoke",
            "DELETE",
            "/airmeet/{airmeet_id}/attendee/{email}",
            (_EMAIL,),
            ("email",),
            repeatable=True,
        ),
        Write(
            "airmeets",
            "4.1",
            "create",
            "POST",
            "/public/airmeet",
            (
                Field("host_email", "hostEmail", "email", required=True),
                Field("event_name", "eventName", required=True, least=3, most=80),
                Field("short_desc", "shortDesc", required=True, least=1),
                Field("event_image", "eventImage", "url"),
                Field("long_desc", "longDesc"),
                Field(
                    "access",
                    "access",
                    choices=("INVITED_ONLY", "WITH_VERIFIED_EMAIL", "WITHOUT_VERIFIED_EMAIL"),
                ),
                Field("event_type", "eventType", choices=("MEETUP",)),
                Field("timezone", "timing.timezone", "zone", required=True),
                Field("start_time", "timing.startTime", "time", required=True),
                Field("end_time", "timing.endTime", "time", required=True),
                Field("networking", "config.networking", "flag"),
                Field("table_count", "config.tableCount", "count"),
            ),
            ("event_name", "start_time"),
            per_airmeet=False,
        ),
        Write(
            "speakers",
            "4.2",
            "add",
            "POST",
            "/public/airmeet/{airmeet_id}/speaker",
            (
                _NAME,
                _EMAIL,
                Field("organisation", "organisation"),
                Field("designation", "designation"),
                Field("image_url", "imageUrl", "url"),
                Field("bio", "bio"),
                Field("city", "city"),
                Field("country", "country"),
            ),
            ("email",),
            unique=("name",),
        ),
        Write(
            "sessions",
            "4.3",
            "create",
            "POST",
            "/public/airmeet/{airmeet_id}/session",
            (
                Field("session_title", "sessionTitle", required=True),
                Field(
                    "session_start_time",
                    "sessionStartTime",
                    "time",
                    required=True,
                    whole_minutes=True,
                ),
                Field("session_duration", "sessionDuration", "count", least=1),  # seconds
                Field("session_summary", "sessionSummary"),
                Field("host_email", "hostEmail", "email", required=True),
                Field("speaker_emails", "speakerEmails", "emails"),
                Field("cohost_emails", "cohostEmails", "emails"),
                Field("type", "type", choices=("HOSTING",)),
            ),
            ("session_title", "session_start_time"),
        ),
        Write(
            "status_changes",
            "4.4",
            "set",
            "POST",
            "/public/airmeet/{airmeet_id}/status",
            (Field("status", "status", required=True, choices=("ONGOING", "FINISHED")),),
            ("status",),
            repeatable=True,
        ),
    )
}

SESSION_SECONDS = 1800
"""A session's length where none is given (§4.3)."""


def write_of(table: str) -> Write:
    """The write of a table.

    Raises:
        SelectionError: there is none; the message lists the ones there are.
    """
    if table not in WRITES:
        raise SelectionError(f"nothing is called {table!r}; there are {', '.join(WRITES)}")
    return WRITES[table]


def payload_of(
    write: Write, layout: Layout, values: Values, answers: list[Values] | None = None
) -> Values | None:
    """The body of the request; None where it has none."""
    if write.method == "DELETE":
        return None
    values = dict(values)
    if write.has_answers:
        name = values.pop("name", None)
        first, last = values.pop("first_name", None), values.pop("last_name", None)
        if layout == "gateway":
            if first is None and last is None:
                first, _, last = (name or "").partition(" ")
            values |= {"first_name": first or "", "last_name": (last or "").strip()}
        else:
            values["name"] = name or " ".join(part for part in (first, last) if part)
    payload: Values = {}
    for field in write.fields:
        if values.get(field.column) is not None:
            *outer, inner = field.api_name.split(".")
            place = payload
            for name in outer:
                place = place.setdefault(name, {})
            place[inner] = values[field.column]
    if answers:
        payload["customFieldMapping"] = answers
    return payload
