"""Webhooks: registered with the keys themselves, and delivered to loopback addresses alone.

Nothing is promised of deliveries, as at Airmeet: options have them come twice, out of order, or not
at all, and nobody sends them again.
"""

import http.client
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from . import answers
from .answers import Answer
from .draws import uuid
from .options import SimulatorOptions
from .rows import Row

METHODS = {
    "webhook-register": "POST",
    "webhook-list": "GET",
    "webhook-deregister": "DELETE",
    "sample-payload": "GET",
}
"""The paths below `platform-integration/v1/`, and the method of each."""
PREFIX = "platform-integration/v1/"

_AIRMEET = ("created", "started", "finished", "reminder", "recording.available")
_ATTENDEE = (
    "entered_airmeet", "clicked_cta", "engagement_score", "joined_booth", "joined_table",
    "joined_stage", "joined_session", "opened_resource", "ondemand_session_attendance",
)  # fmt: skip
TRIGGERS = (
    *(f"trigger.airmeet.{name}" for name in _AIRMEET),
    "trigger.airmeet.attendee.added",
    "trigger.airmeet.registrant.added",
    "trigger.airmeet.attendee.joined",
    "trigger.session.attendee.joined",
    "trigger.airmeet.polls",
    "trigger.airmeet.questions",
    *(f"trigger.attendee.{name}" for name in _ATTENDEE),
    "trigger.leaderboard.scoreboard",
)
_OF_ONE = ("trigger.airmeet.registrant.added", "trigger.session.attendee.joined")
"""Those that want an airmeet."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CALLS = (
    ("Book a demo", "https://shop.example.com/demo"),
    ("Get the offer", "https://shop.example.com/offer?a=1"),
)
_SECONDS = 10
_AT_ONCE = 32

Json = dict[str, Any]
Truth = Callable[[str], list[Json]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """One that is registered."""

    id: str
    name: str
    trigger: str
    url: str
    airmeet_id: str = ""
    session_id: str = ""

    def as_row(self) -> Row:
        return {
            "id": self.id,
            "name": self.name,
            "triggerMetaInfoId": self.trigger,
            "url": self.url,
            "airmeetId": self.airmeet_id or None,
            "sessionId": self.session_id or None,
        }


@dataclass(frozen=True, slots=True)
class Sent:
    """What a call to `deliver` did: deliveries by trigger and payload, those that were lost on the
    way left out, and the statuses that were answered; 0 where nobody answered."""

    deliveries: list[tuple[str, Row]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


class Webhooks:
    """The webhooks of one community."""

    def __init__(self, seed: int) -> None:
        self.registered: list[Webhook] = []
        self._seed = seed
        self._numbers = count()

    def answer(
        self, name: str, query: str, body: bytes, airmeets: Iterable[str], options: SimulatorOptions
    ) -> Answer:
        """Answer one request; `airmeets` are the ids that there are. ValueError means 400."""
        parameters: dict[str, Any] = dict(parse_qsl(query))
        match name:
            case "webhook-register":
                return self._register(parameters, _payload(body), airmeets)
            case "webhook-deregister":
                return self._deregister(_payload(body) | parameters)
            case "webhook-list":
                listed = [hook.as_row() for hook in self.registered]
                shape: Any = listed if options.webhooks_listed == "top" else {"data": listed}
                if options.webhooks_listed == "named":
                    shape = {"success": True, "data": {"webhooks": listed}}
                return answers.success(orjson.dumps(shape))
            case _:
                trigger = _trigger(parameters)
                return answers.success(orjson.dumps({"data": sample(trigger)}))

    def _register(self, parameters: Json, payload: Json, airmeets: Iterable[str]) -> Answer:
        trigger = _trigger(payload)
        url = payload.get("url")
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("url is invalid")
        airmeet = parameters.get("airmeetId", "")
        if trigger in _OF_ONE and not airmeet:
            raise ValueError("airmeetId is required")
        if airmeet and airmeet not in airmeets:
            return answers.error(404, "Supplied airmeetId is invalid")
        hook = Webhook(
            uuid(self._seed, 41, next(self._numbers)),
            str(payload.get("name") or ""),
            trigger,
            url,
            airmeet,
            parameters.get("sessionId", ""),
        )
        self.registered.append(hook)
        return answers.success(orjson.dumps(hook.as_row()))

    def _deregister(self, named: Json) -> Answer:
        found = [
            hook
            for hook in self.registered
            if hook.id == named.get("id")
            or (
                "id" not in named
                and (hook.trigger, hook.url) == (named.get("triggerMetaInfoId"), named.get("url"))
            )
        ]
        if not found:
            return answers.error(404, "No such webhook is registered")
        self.registered = [hook for hook in self.registered if hook not in found]
        return answers.success(orjson.dumps({"success": True}))

    def deliver(self, payloads: Iterable[tuple[str, Row]], options: SimulatorOptions) -> Sent:
        """Send payloads by their triggers to whoever registered for them; returns what was sent."""
        draw = random.Random(self._seed)
        calls: list[tuple[Webhook, Row]] = []
        for trigger, payload in payloads:
            for hook in list(self.registered):
                is_of = hook.airmeet_id in ("", payload.get("airmeetId"))
                if hook.trigger == trigger and is_of and draw.random() >= options.webhooks_lost:
                    twice = draw.random() < options.webhooks_twice
                    calls += [(hook, payload)] * (2 if twice else 1)
        if options.webhooks_shuffled:
            draw.shuffle(calls)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            statuses = list(threads.map(lambda call: _post(*call), calls))
        return Sent([(hook.trigger, payload) for hook, payload in calls], statuses)


def payloads_of(truth: Truth) -> Iterator[tuple[str, Row]]:
    """What happened in a community, as webhooks tell it: each trigger with its payload.

    Args:
        truth: the rows of a raw table.
    """
    names = {row["airmeet_id"]: row["name"] for row in truth("airmeets")}

    def about(row: Row, **more: object) -> Row:
        person = {key: row.get(key) for key in ("email", "name") if row.get(key)}
        of = {"airmeetId": row["airmeet_id"], "airmeetName": names[row["airmeet_id"]]}
        return {**person, **of, **more}

    for row in truth("airmeets"):
        if row["status"] == "FINISHED":
            yield "trigger.airmeet.finished", about({"airmeet_id": row["airmeet_id"]})
    for number, row in enumerate(truth("registrations")):
        link = f"https://entry.example.com/e/{row['airmeet_id']}?code={number:016x}"
        registered = about(
            row,
            city=row.get("city"),
            country=row.get("country"),
            registrationTime=row.get("registration_date"),
            entryLink=link,
        )
        yield "trigger.airmeet.attendee.added", registered
        yield "trigger.airmeet.registrant.added", registered
    for number, row in enumerate(truth("event_attendance")):
        user, id = row.get("user_id"), row["id"]
        yield "trigger.attendee.entered_airmeet", about(row, user_id=user, id=id)
        if number % 3 == 0:
            text, link = _CALLS[number % len(_CALLS)]
            click = about(row, cta_text=text, cta_link=link, click=id, user_id=user)
            yield "trigger.attendee.clicked_cta", click
        if number % 4 == 0:
            view = {"resource": {"name": "Slides", "url": "https://files.example.com/slides.pdf"}}
            yield "trigger.attendee.opened_resource", about(row, view=id, **view)
        if number % 5 == 0:
            yield (
                "trigger.attendee.joined_table",
                about(row, visit=id, table_name=f"Table {id % 7}"),
            )
        score = {"engagement_score": (id * 37) % 100}
        yield "trigger.attendee.engagement_score", about(row, **score)


def sample(trigger: str) -> Row:
    """A sample of a trigger's deliveries."""
    found: Row = {"airmeetId": "sample-airmeet", "airmeetName": "Sample"}
    if trigger.partition(".airmeet.")[2] not in _AIRMEET:
        found |= {"email": "sample@example.com", "name": "Sample Person"}
    if trigger.endswith((".added",)):
        found |= {"entryLink": "https://entry.example.com/e/sample?code=0", "city": "Pune"}
    if trigger.endswith(".clicked_cta"):
        found |= {"cta_text": _CALLS[0][0], "cta_link": _CALLS[0][1]}
    return found


def _payload(body: bytes) -> Json:
    try:
        payload = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise ValueError("Request payload is no JSON") from None
    if not isinstance(payload, dict):
        raise ValueError("Request payload is no object")
    return payload


def _trigger(holder: Json) -> str:
    trigger = holder.get("triggerMetaInfoId")
    if trigger not in TRIGGERS:
        raise ValueError("triggerMetaInfoId is invalid")
    return str(trigger)


def _post(hook: Webhook, payload: Row) -> int:
    """Deliver once; returns the status, 0 where nobody answers."""
    parts = urlsplit(hook.url)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return 0
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_SECONDS)
    try:
        with suppress(OSError, http.client.HTTPException):
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            headers = {"Content-Type": "application/json"}
            connection.request("POST", path, orjson.dumps(payload), headers)
            return connection.getresponse().status
        return 0
    finally:
        connection.close()
