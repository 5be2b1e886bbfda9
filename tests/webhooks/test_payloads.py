"""Deliveries in any writing become the same rows, and what is stored of them obeys the privacy."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from airmeet.privacy.policy import PrivacyPolicy
from airmeet_etl.load.inbox import _stored
from airmeet_etl.webhooks.payloads import Delivery, read_delivery

CLICK = "trigger.attendee.clicked_cta"
AT = datetime(2026, 3, 1, tzinfo=UTC)


def rows_of(payload: Any, trigger: str = CLICK) -> list[dict[str, Any]]:
    return read_delivery(Delivery(orjson.dumps(payload), AT, trigger)).rows["cta_clicks"]


@pytest.mark.parametrize(
    "payload",
    [
        {"email": "Ann@example.com", "airmeetId": "a", "cta_text": "Demo", "cta_link": "https://x"},
        {"Email": "Ann@example.com", "airmeet_id": "a", "ctaText": "Demo", "ctaLink": "https://x"},
        {
            "data": {
                "attendee": {"email": "Ann@example.com"},
                "airmeet": {"id": "a", "name": "Spring"},
                "cta": {"text": "Demo", "url": "https://x"},
            }
        },
        [{"email": "Ann@example.com", "airmeetId": "a", "ctaText": "Demo", "ctaUrl": "https://x"}],
        {
            "airmeetId": "a",
            "attendees": [{"email": "Ann@example.com", "ctaText": "Demo", "ctaUrl": "https://x"}],
        },
    ],
)
def test_any_writing(payload: Any) -> None:
    [row] = rows_of(payload)
    found = {row[name] for name in ("airmeet_id", "person", "cta_text", "cta_link")}
    assert found == {"a", "ann@example.com", "Demo", "https://x"}


def test_the_order_of_keys_makes_no_other_delivery() -> None:
    one = read_delivery(Delivery(b'{"a": 1, "b": 2}', AT, CLICK))
    other = read_delivery(Delivery(b'{"b":2,"a":1}', AT, CLICK))
    third = read_delivery(Delivery(b'{"b":2,"a":1}', AT, "trigger.airmeet.polls"))
    assert one.id == other.id != third.id


@pytest.mark.parametrize(
    "payload",
    [
        {"trigger": "attendee.clicked_cta", "ctaText": "Buy"},
        {"event": CLICK, "data": {"ctaText": "Buy"}},
        {"eventType": CLICK, "event": {"ctaText": "Buy"}},
    ],
)
def test_a_body_may_say_what_it_is_about(payload: dict[str, Any]) -> None:
    [click] = rows_of(payload, "")
    assert click["cta_text"] == "Buy"


@pytest.mark.parametrize("mode", ["plain", "pseudonymised", "minimal"])
def test_what_is_stored_of_people(mode: Any) -> None:
    payload = {
        "email": "ann@example.com",
        "name": "Ann Lee",
        "airmeetId": "a",
        "cta_text": "Demo",
        "entryLink": "https://entry.example.com/e/a?code=1",
        "leaders": [{"name": "Bob Ray", "email": "bob@example.com"}],
    }
    reading = read_delivery(Delivery(orjson.dumps(payload), AT, CLICK))
    policy = PrivacyPolicy(mode, "a key for the tests alone")
    texts = repr([_stored(name, [reading], policy) for name in ("webhook_events", "cta_clicks")])
    assert "entry" not in texts
    assert "Demo" in texts
    is_plain = mode == "plain"
    for trace in ("ann@example.com", "Ann Lee", "Bob Ray", "bob@example.com"):
        assert (trace in texts) == is_plain
