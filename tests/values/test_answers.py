"""Answers and ids as nobody expects them: what they hold is read, and ids stay in their path."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from airmeet.api.pagination import Page
from airmeet.api.responses import body_of
from airmeet.errors import Pending, Unavailable, UnexpectedResponse
from airmeet.feeds import FEEDS
from airmeet_simulator.simulator import Simulator

from tests.values.fetching import fetch
from tests.workplace import simulated


@pytest.mark.parametrize(
    ("feed", "body"),
    [
        ("poll_responses", {"cursors": {"totalCount": 0}}),
        ("poll_responses", {"data": None, "cursors": {"total_count": "0"}}),
        ("registrations", {"data": {}, "cursors": {"totalCount": 0}}),
        ("participants", {"totalUserCount": 0, "userCount": 0}),
        ("sessions", {"totalCount": 0}),
    ],
)
def test_an_answer_without_rows_whose_totals_say_none_is_empty(
    feed: str, body: dict[str, Any]
) -> None:
    assert Page.of(FEEDS[feed], body).rows == []


@pytest.mark.parametrize("body", [{}, {"cursors": {"totalCount": 3}}, {"totalUserCount": None}])
def test_an_answer_without_rows_is_a_fault_otherwise(body: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedResponse):
        Page.of(FEEDS["poll_responses"], body)


@pytest.mark.parametrize("key", ["Paticipants", "participants", "PARTICIPANTS"])
def test_rows_are_found_under_any_writing_of_their_key(key: str) -> None:
    page = Page.of(FEEDS["participants"], {key: [{"email": "a@example.com"}], "TotalUserCount": 1})
    assert (len(page.rows), page.total) == (1, 1)


@pytest.mark.parametrize(
    "status",
    [
        {"statusCode": "202"},
        {"statusCode": 202.0},
        {"status_code": 202},
        {"StatusCode": 202},
        {"status": 202},
        {"code": "202"},
    ],
)
def test_an_export_under_way_is_no_empty_list(status: dict[str, Any]) -> None:
    with pytest.raises(Pending):
        body_of(200, {}, orjson.dumps({**status, "data": []}))


@pytest.mark.parametrize(
    "status",
    [
        {"statusCode": "400"},
        {"success": False},
        {"success": "false"},
        {"success": False, "statusCode": 200},
        {"Success": False, "code": "BAD_REQUEST"},
    ],
)
def test_a_refusal_is_no_empty_list(status: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        body_of(200, {}, orjson.dumps({**status, "data": []}))


@pytest.mark.parametrize("status", [409, 410, 422])
def test_other_refusals_are_refusals(status: int) -> None:
    with pytest.raises(Unavailable):
        body_of(status, {}, b'{"message": "Airmeet status is not valid"}')


@pytest.mark.parametrize("status", ["FINISHED", "200", 200, 1, True, None, "1_00", 10**400, -202])
def test_what_is_no_status_does_not_change_an_answer(status: Any) -> None:
    body = {"status": status, "data": []}
    assert body_of(200, {}, json.dumps(body).encode())["data"] == []


@pytest.mark.parametrize("status", [201, 203])
def test_an_answer_that_says_what_was_made_is_an_answer(status: int) -> None:
    assert body_of(status, {}, b'{"uuid": "x"}') == {"uuid": "x"}


@pytest.mark.parametrize("wrong", [{"errors": ["Timeout"]}, {"error": "Timeout"}])
def test_an_answer_with_an_error_and_no_rows_is_a_fault(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedResponse, match="Timeout"):
        Page.of(FEEDS["registrations"], {**wrong, "data": []})


@pytest.mark.parametrize(("cursor", "asked"), [(7.0, 7), (7, 7), ("7", "7")])
def test_a_number_in_any_writing_leads_to_the_next_page(cursor: Any, asked: Any) -> None:
    page = Page.of(FEEDS["registrations"], {"data": [], "cursors": {"after": cursor}})
    assert repr(page.cursor("after")) == repr(asked)


@pytest.mark.parametrize("cursor", [None, "", False, [], {}])
def test_nothing_in_place_of_a_cursor_ends_a_feed(cursor: Any) -> None:
    page = Page.of(FEEDS["registrations"], {"data": [], "cursors": {"after": cursor}})
    assert page.cursor("after") is None


@pytest.mark.parametrize("cursor", [True, 0.5, [3], {"id": 3}])
def test_a_cursor_that_cannot_be_sent_back_ends_nothing(cursor: Any) -> None:
    page = Page.of(FEEDS["registrations"], {"data": [], "cursors": {"after": cursor}})
    with pytest.raises(UnexpectedResponse, match="after"):
        page.cursor("after")


ODD_IDS = ["..", ".", "a/../../airmeets", "a?b=c#d", "%2e%2e", "naïve 名", "undefined", "", None]


def test_an_id_never_leaves_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulated(airmeets=1) as (simulator, address):
        requested: list[str] = []
        respond = simulator.respond

        def otherwise(method: str, path: str, *others: Any, **named: Any) -> Any:
            requested.append(path)
            answer = respond(method, path, *others, **named)
            if path.endswith("/airmeets"):
                body = orjson.loads(answer.body)
                body["data"] += [{**body["data"][0], "uid": id} for id in ODD_IDS]
                answer = replace(answer, body=orjson.dumps(body))
            return answer

        monkeypatch.setattr(simulator, "respond", otherwise)
        fetched = fetch(address, tmp_path)
        whole = {row["airmeet_id"] for row in fetched.rows("registrations")}
        assert whole == {airmeet.uid for airmeet in simulator.airmeets()}
        assert _outside(requested, simulator) == set()


def _outside(paths: list[str], simulator: Simulator) -> set[str]:
    """The paths that are none of an airmeet, a session, the list or auth."""
    known = ("/airmeet/", "/session/", "/airmeets", "/auth")
    return {path for path in paths if not path.partition("/api/v1")[2].startswith(known)}
