"""The writes of sections 3 and 4, one declaration each, and what is sent for a row.

A write is a table of the destination (`airmeet_destination`) and a kind of `airmeet push`. Its
columns are ours, in snake_case; the API's names and units stand beside them. docs/push.md is made
of the declarations.
"""

from collections.abc import Sequence
from dataclasses import replace

from ..errors import SelectionError
from ..settings import Layout, only_the_gateway
from .declaration import INVITES, Field, Values, Write
from .gateway_operations import ADDED

_EMAIL = Field("email", "email", "email", required=True)
_NAME = Field("name", "name", required=True)
_WHOLE_NAME = replace(_NAME, says="or `first_name` and `last_name`, or one of them")
_HOST = Field(
    "host_email",
    "hostEmail",
    "email",
    required=True,
    says="of a community manager or a team member",
)
_PLACE = (
    Field("city", "city"),
    Field("country", "country"),
    Field("designation", "designation", says="what they do"),
)
_FIRST_AND_LAST = (
    Field("first_name", "firstName"),
    Field("last_name", "lastName"),
)

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
                _WHOLE_NAME,
                *_FIRST_AND_LAST,
                *_PLACE,
                Field("organisation", "organization"),  # here the API writes it with a z
                Field(
                    "attendance_type",
                    "attendance_type",
                    choices=("IN-PERSON", "VIRTUAL"),
                    gateway_only=True,
                    says="how they attend a hybrid event",
                ),
                Field(
                    "register_attendee",
                    "registerAttendee",
                    "flag",
                    gateway_only=True,
                    says="registers them, too; whoever is let in already, but is not registered, "
                    "is written",
                ),
                # Airmeet's own default is true.
                Field(
                    INVITES,
                    "sendEmailInvite",
                    "flag",
                    default=False,
                    gateway_only=True,
                    says="Airmeet mails them an invitation; `--send-invites` is for rows that "
                    "leave this empty, else no mail goes out",
                ),
            ),
            ("email",),
            "Lets people in. Whoever is registered or let in already is left as they are. Every "
            "further column is the answer to a custom registration field, named by its id, its "
            "name or its label; several answers to one field stand between semicolons.",
            "email,first_name,last_name,city,organisation\n"
            "ada@example.com,Ada,Lovelace,London,Analytical Engines\n"
            "grace@example.com,Grace,Hopper,,\n",
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
            "Registers people.",
            "email,name,city\nada@example.com,Ada Lovelace,London\n",
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
            "Takes people's access: they are on no list of the airmeet any more. Writing them as "
            "attendees gives it back.",
            "email\nada@example.com\n",
            repeatable=True,
            takes_away=True,
        ),
        Write(
            "airmeets",
            "4.1",
            "create",
            "POST",
            "/public/airmeet",
            (
                _HOST,
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
            "Creates airmeets. The id of each is `result_id` in the table `pushes`; "
            "`airmeet create-event` creates one with its speakers and sessions.",
            "host_email,event_name,short_desc,timezone,start_time,end_time\n"
            "host@example.com,Monthly review,What we did,Europe/Berlin,2030-03-01T10:00,"
            "2030-03-01T12:00\n",
            creates=True,
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
                Field("designation", "designation", says="what they do"),
                Field("image_url", "imageUrl", "url"),
                Field("bio", "bio"),
                Field("city", "city"),
                Field("country", "country"),
            ),
            ("email",),
            "Adds speakers. No two of an airmeet have the same name or address.",
            "name,email,organisation,bio\n"
            'Ada Lovelace,ada@example.com,Analytical Engines,"Mathematician, writer"\n',
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
                Field(
                    "session_duration",
                    "sessionDuration",
                    "count",
                    least=1,
                    says="in seconds; 1800 where it is left out",
                ),
                Field("session_summary", "sessionSummary"),
                _HOST,
                Field("speaker_emails", "speakerEmails", "emails", says="of speakers added before"),
                Field("cohost_emails", "cohostEmails", "emails"),
                Field("type", "type", choices=("HOSTING",)),
                Field(
                    "tracks",
                    "tracks",
                    "texts",
                    gateway_only=True,
                    says="ids, as in the table `tracks`",
                ),
                Field("tags", "tags", "texts", gateway_only=True),
                Field(
                    "booth_id",
                    "boothId",
                    gateway_only=True,
                    says="where it is held, as in the table `booths`",
                ),
            ),
            ("session_title", "session_start_time"),
            "Creates sessions. No two of an airmeet overlap.",
            "session_title,session_start_time,session_duration,host_email,speaker_emails\n"
            "Welcome,2030-03-01T10:00+01:00,1800,host@example.com,\n"
            "Engines,2030-03-01T10:30+01:00,2700,host@example.com,ada@example.com\n",
            creates=True,
        ),
        Write(
            "status_changes",
            "4.4",
            "set",
            "POST",
            "/public/airmeet/{airmeet_id}/status",
            (
                Field(
                    "status",
                    "status",
                    required=True,
                    choices=("ONGOING", "FINISHED"),
                    gateway_choices=("PAUSED", "ARCHIVE"),
                ),
            ),
            ("status",),
            "Starts and ends airmeets; pauses and archives them, too. An airmeet that is paused "
            "goes on with `ONGOING`. Rows of one airmeet are done in their order; where a later "
            "one is done already, so are those before it.",
            "status\nONGOING\nFINISHED\n",
            repeatable=True,
        ),
    )
}
"""The specification's writes, by table."""

GATEWAY_WRITES = WRITES | ADDED
"""The writes as the gateway takes them: the specification's, and more."""

SESSION_SECONDS = 1800
"""A session's length where none is given (§4.3)."""


def write_of(table: str, layout: Layout = "gateway") -> Write:
    """The write of a table, with the columns that a layout takes.

    Raises:
        SelectionError: there is none, and the message lists the ones there are; or the layout does
            not serve it.
    """
    if table not in GATEWAY_WRITES:
        raise SelectionError(f"nothing is called {table!r}; there are {', '.join(GATEWAY_WRITES)}")
    write = GATEWAY_WRITES[table]
    if write.gateway_only and layout != "gateway":
        raise SelectionError(f"{table}: {on_the_gateway()}")
    return write.in_layout(layout)


def on_the_gateway() -> str:
    """That something needs the gateway, and which setting gives it."""
    return only_the_gateway("takes this")


def for_the_gateway(write: Write, columns: Sequence[str]) -> list[str]:
    """Those of the columns that the gateway takes, and the write's layout does not."""
    taken = {field.column for field in write.fields}
    more = {field.column for field in GATEWAY_WRITES[write.table].fields} - taken
    return [column for column in columns if column in more]


def payload_of(
    write: Write, layout: Layout, values: Values, answers: list[Values] | None = None
) -> Values | None:
    """The body of the request; None where it has none."""
    if write.method == "DELETE":
        return None
    defaults: Values = {f.column: f.default for f in write.fields if f.default is not None}
    values = defaults | values
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
