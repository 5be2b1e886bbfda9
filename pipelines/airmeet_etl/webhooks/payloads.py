"""Deliveries to rows: bodies in any writing, nested or flat. No clock, no I/O.

Nobody documents what Airmeet's webhooks hold, so each column is looked for under several names, in
camelCase or snake_case: beside each other first, then within objects. A body may also be a list,
or have people in a list; then each of them is a row of the trigger's own table.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from airmeet.api.json_text import parse_json
from airmeet.extract.columns import json_text
from airmeet.person import is_missing_id, person_key
from airmeet.rows import column_name
from airmeet.schemas import WEBHOOK_TABLES
from airmeet.times import as_time

from .triggers import TRIGGERS, trigger_named

EVENTS = "webhook_events"
Row = dict[str, Any]

_NAMES: Mapping[str, tuple[str, ...]] = {
    "trigger": (
        "trigger_meta_info_id",
        "trigger_id",
        "trigger",
        "event_type",
        "event_name",
        "event",
    ),
    "airmeet_id": ("airmeet_id", "airmeet_uid", "airmeet_uuid"),
    "session_id": ("session_id", "sessionid", "session_uid", "session_uuid"),
    "email": ("email", "email_id", "user_email", "attendee_email", "email_address"),
    "name": ("name", "full_name", "user_name", "attendee_name"),
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "user_id": ("user_id", "attendee_id", "userid", "user_uid"),
    "cta_text": ("cta_text", "cta_name", "cta_title", "cta_label", "button_text"),
    "cta_link": ("cta_link", "cta_url", "button_link", "button_url"),
    "clicked_at": ("clicked_at", "click_time", "clicked_on"),
    "resource_id": ("resource_id", "resource_uid"),
    "resource_name": ("resource_name", "resource_title", "file_name"),
    "resource_link": ("resource_link", "resource_url", "file_url"),
    "opened_at": ("opened_at", "opened_on", "open_time"),
    "table_id": ("table_id", "table_uid"),
    "table_name": ("table_name", "table_title"),
    "joined_at": ("joined_at", "joined_on", "join_time", "joining_time"),
    "score": ("engagement_score", "score", "total_score"),
    "scored_at": ("scored_at", "updated_at"),
}
"""What a column may be called, in snake_case, the likeliest first."""

_OBJECTS: Mapping[str, tuple[str, ...]] = {
    "airmeet_id": ("airmeet",),
    "session_id": ("session",),
    "name": ("user", "attendee"),
    "user_id": ("user", "attendee"),
    "cta_text": ("cta",),
    "cta_link": ("cta",),
    "resource_id": ("resource",),
    "resource_name": ("resource",),
    "resource_link": ("resource",),
    "table_id": ("table",),
    "table_name": ("table",),
}
"""Objects that stand for what a column is of: `{"cta": {"text": …, "link": …}}`."""

_WITHIN: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "uid", "uuid"),
    "name": ("name", "title"),
    "text": ("text", "title", "name", "label"),
    "link": ("link", "url", "href"),
}
"""What is called how within these, by the last word of the column."""

_MOMENTS = ("timestamp", "time_stamp", "event_time", "created_at", "time")
"""Names of a moment that does not say of what."""


@dataclass(frozen=True)
class Delivery:
    """What the receiver took.

    Attributes:
        body: as it came.
        received_at: when, with zone.
        trigger: by the address that it came to; empty where that says none.
        airmeet_id: likewise.
        session_id: likewise.
    """

    body: bytes
    received_at: datetime
    trigger: str = ""
    airmeet_id: str = ""
    session_id: str = ""


@dataclass(frozen=True)
class Reading:
    """A delivery as rows.

    Attributes:
        id: of the delivery.
        rows: by table; one of `webhook_events`, and those of the trigger's own table.
        error: why it cannot be read; empty where it can.
    """

    id: str
    rows: dict[str, list[Row]]
    error: str = ""

    @property
    def event(self) -> Row:
        """The row of `webhook_events`."""
        return self.rows[EVENTS][0]


def read_delivery(delivery: Delivery) -> Reading:
    """A delivery as rows; one that is no JSON object or list is a row that says so."""
    document, error = _document(delivery.body)
    facts = _Facts(document)
    trigger = trigger_named(delivery.trigger) or trigger_named(facts.text("trigger") or "")
    shared: Row = {
        "airmeet_id": facts.text("airmeet_id") or delivery.airmeet_id or None,
        "session_id": facts.text("session_id") or delivery.session_id or None,
        "received_at": delivery.received_at.isoformat(),
    }
    written = trigger or delivery.trigger or facts.text("trigger")
    id = _digest(written or "", document, delivery.body)
    event = {
        "delivery_id": id,
        "trigger": written,
        **shared,
        **_who(facts),
        "payload": None if error else document,
        "error": error or None,
    }
    rows = {EVENTS: [event]}
    if not error and trigger and (table := TRIGGERS[trigger].table):
        rows[table] = [
            _row(table, id, place, entry, shared) for place, entry in enumerate(_entries(document))
        ]
    return Reading(id, rows, error)


def _document(body: bytes) -> tuple[Any, str]:
    if not body.strip():
        return {}, ""  # a call that only tries the address
    try:
        document = parse_json(body)
        json_text(document)
    except ValueError as fault:
        return None, f"the body is no JSON: {fault}"
    if not isinstance(document, dict | list):
        return None, "the body is neither an object nor a list"
    return document, ""


def _digest(trigger: str, document: Any, body: bytes) -> str:
    """What a delivery is known by: however its keys are ordered, and whenever it came."""
    try:
        content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS) if document else body
    except TypeError:  # nested too deeply for it, or with a number too large
        content = body
    return blake2b(trigger.encode() + b"\0" + content, digest_size=16).hexdigest()


class _Facts:
    """Finds values in a document: in its outermost objects first. Lists are left to `_entries`."""

    def __init__(self, document: Any) -> None:
        self._values: dict[str, Any] = {}
        waiting = deque([document])
        while waiting:
            value = waiting.popleft()
            if not isinstance(value, dict):
                continue
            for key, inner in value.items():
                name = column_name(key)
                if inner is not None and inner != "":
                    self._values.setdefault(name, inner)
                waiting.append(inner)

    def value(self, column: str) -> Any:
        """What stands for a column; None where nothing does."""
        last, objects = column.rpartition("_")[2], _OBJECTS.get(column, ())
        for holder in map(self._values.get, objects):
            for key, inner in holder.items() if isinstance(holder, dict) else ():
                if column_name(key) in _WITHIN[last] and not isinstance(inner, dict | list | None):
                    return inner
        # `{"resource": "Slides"}` names it, and a link is no name.
        bare = objects if last in ("id", "text") or column == "resource_name" else ()
        for name in (*_NAMES[column], *bare):
            if not isinstance(found := self._values.get(name), dict | list | None):
                return found
        return None

    def text(self, column: str) -> str | None:
        """The same as a text; None where it identifies nothing."""
        found = self.value(column)
        return None if is_missing_id(found) or isinstance(found, bool) else str(found).strip()

    def moment(self, column: str) -> Any:
        """A time, as the delivery writes it."""
        found = self.value(column)
        moments = (self._values.get(name) for name in _MOMENTS)
        return found if found is not None else next((m for m in moments if _is_time(m)), None)


def _is_time(value: Any) -> bool:
    try:
        as_time(value)
    except ValueError:
        return False
    return True


def _entries(document: Any) -> Sequence[_Facts]:
    """The facts of each thing that a delivery is about: of the entries of a list of people with
    what stands around it, else of all of it."""
    if isinstance(document, list):
        return [_Facts(entry) for entry in document if isinstance(entry, dict)]
    whole = _Facts(document)
    if whole.value("email") is None and whole.value("user_id") is None:
        for around, people in _lists_in(document):
            found = [_Facts({**around, **entry}) for entry in people]
            if any(f.value("email") is not None or f.value("user_id") is not None for f in found):
                return found
    return [whole]


def _lists_in(document: Mapping[str, Any]) -> Iterator[tuple[Row, list[Row]]]:
    """The lists of objects in a document, and what stands beside each."""
    waiting = deque([document])
    while waiting:
        value = waiting.popleft()
        for inner in value.values():
            if isinstance(inner, dict):
                waiting.append(inner)
            elif isinstance(inner, list) and inner and all(isinstance(e, dict) for e in inner):
                yield {k: v for k, v in value.items() if v is not inner}, inner


def _who(facts: _Facts) -> Row:
    email, user_id = facts.text("email"), facts.text("user_id")
    parts = (facts.text("first_name"), facts.text("last_name"))
    joined = " ".join(part for part in parts if part) or None
    return {
        "email": email,
        "person": person_key(email, user_id),
        "name": joined or (facts.text("name") if email or user_id else None),
        "user_id": user_id,
    }


def _row(table: str, id: str, place: int, facts: _Facts, shared: Row) -> Row:
    row = {
        "delivery_id": id,
        "position": place,
        **shared,
        "airmeet_id": facts.text("airmeet_id") or shared["airmeet_id"],
        "session_id": facts.text("session_id") or shared["session_id"],
        **_who(facts),
    }
    for column in WEBHOOK_TABLES[table].columns:
        if column.name not in row:
            is_time = column.kind == "timestamp"
            row[column.name] = facts.moment(column.name) if is_time else facts.value(column.name)
    return row
