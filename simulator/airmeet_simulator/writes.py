"""The writes of sections 3 and 4 and of the gateway: one declaration each, and the check of a
payload's form.

What a payload says is checked in `effects`, where it meets the event.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

Kind = Literal["text", "email", "number", "flag", "texts", "emails", "answers", "object"]
WriteName = Literal[
    "add_user", "add_attendee", "revoke_attendee", "create_airmeet", "add_speaker",
    "create_session", "set_status", "block_attendee", "unblock_attendee", "delete_session",
    "create_booth", "duplicate_airmeet",
]  # fmt: skip
NAMES: tuple[WriteName, ...] = get_args(WriteName)
ADDRESS = r"^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$"
_ADDRESS = re.compile(ADDRESS)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a payload: its name, what it holds, and its limits."""

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    fields: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One write.

    Attributes:
        name: what it does.
        section: of the specification.
        method: of its request.
        path: below the v1 base; the gateway's has no `public/`.
        fields: of its payload.
        gateway_fields: of its payload in the gateway's layout, where they differ.
        statuses: that the specification names, beside 412 and 500.
        gateway_only: the specification's hosts do not serve it.
    """

    name: WriteName
    section: str
    method: Literal["POST", "PUT", "DELETE"]
    path: str
    fields: tuple[Field, ...] = ()
    gateway_fields: tuple[Field, ...] = ()
    statuses: tuple[int, ...] = (200, 400, 401, 404)
    gateway_only: bool = False

    def served_in(self, layout: str) -> bool:
        """Return whether a layout serves it."""
        return layout == "gateway" or not self.gateway_only

    def path_in(self, layout: str) -> str:
        """Return the path below a layout's base."""
        return self.path.removeprefix("public/") if layout == "gateway" else self.path

    def fields_in(self, layout: str) -> tuple[Field, ...]:
        """Return the fields of the payload in a layout."""
        return (layout == "gateway" and self.gateway_fields) or self.fields


_EMAIL = Field("email", "email", True)
_NAME = Field("name", required=True, least=1)
_PLACE = (Field("city"), Field("country"), Field("designation"))
_ANSWERS = (Field("organization"), Field("customFieldMapping", "answers"))
_SESSION = (
    Field("sessionTitle", required=True, least=1),
    Field("sessionStartTime", "number", True),
    Field("sessionDuration", "number", least=1),
    Field("sessionSummary"),
    Field("hostEmail", "email", True),
    Field("speakerEmails", "emails"),
    Field("cohostEmails", "emails"),
    Field("type", choices=("HOSTING",)),
)
_ATTENDEE = (Field("attendeeEmail", "email", True),)

WRITES = (
    Write(
        "add_user", "3.1", "POST", "airmeet/{airmeet}/user",
        (_EMAIL, _NAME, *_PLACE, Field("organisation")),
    ),
    Write(
        "add_attendee", "3.2, 3.3", "POST", "airmeet/{airmeet}/attendee",
        (_EMAIL, _NAME, *_PLACE, *_ANSWERS),
        (
            _EMAIL, Field("firstName", required=True, least=1), Field("lastName", required=True),
            *_PLACE, *_ANSWERS,
            Field("attendance_type", choices=("IN-PERSON", "VIRTUAL")),
            Field("registerAttendee", "flag"),
            Field("sendEmailInvite", "flag"),
        ),
    ),
    Write(
        "revoke_attendee", "3.4", "DELETE", "airmeet/{airmeet}/attendee/{email}",
        statuses=(204, 400, 401, 404),
    ),
    Write(
        "create_airmeet", "4.1", "POST", "public/airmeet",
        (
            Field("hostEmail", "email", True),
            Field("eventName", required=True, least=3, most=80),
            Field("shortDesc", required=True, least=1),
            Field("eventImage"),
            Field("longDesc"),
            Field(
                "access",
                choices=("INVITED_ONLY", "WITH_VERIFIED_EMAIL", "WITHOUT_VERIFIED_EMAIL"),
            ),
            Field("eventType", choices=("MEETUP",)),
            Field("timing", "object", True, fields=(
                Field("startTime", "number", True),
                Field("endTime", "number", True),
                Field("timezone", required=True, least=1),
            )),
            Field("config", "object", fields=(
                Field("networking", "flag"), Field("tableCount", "number"),
            )),
        ),
    ),
    Write(
        "add_speaker", "4.2", "POST", "public/airmeet/{airmeet}/speaker",
        (
            _NAME, _EMAIL, Field("organisation"), Field("designation"), Field("imageUrl"),
            Field("bio"), Field("city"), Field("country"),
        ),
    ),
    Write(
        "create_session", "4.3", "POST", "public/airmeet/{airmeet}/session",
        _SESSION,
        (*_SESSION, Field("tracks", "texts"), Field("tags", "texts"), Field("boothId")),
    ),
    Write(
        "set_status", "4.4", "POST", "public/airmeet/{airmeet}/status",
        (Field("status", required=True, choices=("ONGOING", "FINISHED")),),
        (
            Field("status", required=True, choices=("ONGOING", "PAUSED", "FINISHED", "ARCHIVE")),
        ),
    ),
    Write(
        "block_attendee", "", "PUT", "airmeet/{airmeet}/attendee/block", _ATTENDEE,
        gateway_only=True,
    ),
    Write(
        "unblock_attendee", "", "PUT", "airmeet/{airmeet}/attendee/unblock", _ATTENDEE,
        gateway_only=True,
    ),
    Write(
        "delete_session", "", "DELETE", "airmeet/{airmeet}/session/{session}", gateway_only=True,
    ),
    Write(
        "create_booth", "", "POST", "airmeet/{airmeet}/booths",
        (
            Field("name", required=True, least=1),
            Field("exhibitors", "emails"),
            Field("tags", "texts"),
            Field("metaData", "object", fields=(
                Field("chatEnabled", "flag"), Field("loungeEnabled", "flag"),
                Field("broadcastEnabled", "flag"), Field("tableCount", "number"),
            )),
        ),
        gateway_only=True,
    ),
    Write(
        "duplicate_airmeet", "", "POST", "airmeet/{airmeet}/duplication",
        (
            Field("eventName", required=True, least=3, most=80),
            Field("startTime", "number", True),
            Field("timezone", required=True, least=1),
            Field("duplicateSpeakers", "flag"),
        ),
        gateway_only=True,
    ),
)  # fmt: skip


def payload_of(write: Write, layout: str, body: bytes) -> dict[str, Any]:
    """Return a request's payload.

    Raises:
        ValueError: naming the field that is not as declared.
    """
    fields = write.fields_in(layout)
    if not fields:
        return {}
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ValueError("Request payload is no JSON") from None
    if not isinstance(payload, dict):
        raise ValueError("Request payload is no object")
    _check(payload, fields)
    return payload


def _check(payload: Mapping[str, Any], fields: tuple[Field, ...]) -> None:
    for field in fields:
        value = payload.get(field.name)
        if value is None:
            if field.required or field.name in payload:
                raise ValueError(f"{field.name} is required")
        elif not _fits(field, value):
            raise ValueError(f"{field.name} is invalid")


def _fits(field: Field, value: Any) -> bool:
    match field.kind:
        case "text":
            sized = isinstance(value, str) and len(value) >= field.least
            short = sized and (not field.most or len(value) <= field.most)
            return short and (not field.choices or value in field.choices)
        case "email":
            return isinstance(value, str) and bool(_ADDRESS.match(value.strip()))
        case "number":
            return type(value) is int and field.least <= value < 2**53
        case "flag":
            return isinstance(value, bool)
        case "texts":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "emails":
            one = Field(field.name, "email")
            return isinstance(value, list) and all(_fits(one, item) for item in value)
        case "answers":
            return isinstance(value, list) and all(_is_answer(item) for item in value)
        case "object":
            if isinstance(value, dict):
                _check(value, field.fields)
            return isinstance(value, dict)


def _is_answer(item: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("fieldId"), str):
        return False
    value = item.get("value")
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(choice, str) for choice in value)
    )
