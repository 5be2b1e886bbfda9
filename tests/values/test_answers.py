"""Answers and ids as nobody expects them: what they hold is read, and ids stay in their path."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from airmeet.api.pagination import Page
from airmeet.errors import UnexpectedResponse
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
