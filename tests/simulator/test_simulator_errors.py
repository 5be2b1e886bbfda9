"""Every status of the specification, with its body."""

import json
from typing import Any

import pytest
from airmeet_simulator.draws import uuid

from tests.simulator.conftest import Open
from tests.simulator.visitor import KEYS

API = ("registrations", "participants", "info", "custom-fields")
ANALYTICS = ("attendees", "polls", "questions", "booth/public", "booth/x/booth-attendance")


def error(code: str, text: str) -> dict[str, Any]:
    return {"success": False, "code": code, "errors": [text]}


@pytest.mark.parametrize(
    "keys", [{}, {**KEYS, "X-Airmeet-Secret-Key": "wrong"}, {"X-Airmeet-Access-Key": "x"}]
)
def test_auth_with_missing_or_wrong_keys_is_400(visit: Open, keys: dict[str, str]) -> None:
    _, visitor = visit()
    status, body = visitor.ask("/auth", "POST", keys)
    assert (status, json.loads(body)["code"]) == (400, "BAD_REQUEST")


def test_revoked_keys_are_403_until_granted_again(visit: Open) -> None:
    simulator, visitor = visit()
    simulator.revoke()
    status, body = visitor.ask("/auth", "POST", KEYS)
    assert (status, json.loads(body)) == (403, error("FORBIDDEN", "Keys are revoked"))
    simulator.revoke(False)
    visitor.enter()


def test_missing_and_bad_tokens_are_400(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    bad = error("BAD_REQUEST", "Supplied token is bad")
    for token in ("", "nonsense"):
        visitor.token = token
        assert visitor.get("/airmeets") == (400, bad)
        for leaf in API + ANALYTICS:
            assert visitor.get(f"/airmeet/{airmeet}/{leaf}") == (400, bad)
        assert visitor.get("/session/any/attendees") == (400, bad)


def test_tokens_expire_by_time_by_use_and_on_demand(visit: Open) -> None:
    simulator, visitor = visit(token_seconds=60, token_requests=3)
    expired = (412, error("PRECONDITION_FAILED", "Supplied token has expired"))
    assert [visitor.get("/airmeets")[0] for _ in range(4)] == [200, 200, 200, 412]
    visitor.enter()
    simulator.clock.advance(60)  # type: ignore[attr-defined]
    assert visitor.get("/airmeets") == expired
    visitor.enter()
    assert visitor.get("/airmeets")[0] == 200
    simulator.expire_tokens()
    assert visitor.get("/airmeets") == expired


def test_unknown_ids(visit: Open) -> None:
    simulator, visitor = visit()
    for leaf in API:
        assert visitor.get(f"/airmeet/none/{leaf}") == (
            404, error("NOT_FOUND", "Supplied airmeet_id is invalid"),
        )  # fmt: skip
    for leaf in ANALYTICS:
        assert visitor.get(f"/airmeet/none/{leaf}")[0] == 400
    assert visitor.get("/session/none/attendees") == (
        400, error("BAD_REQUEST", "Supplied sessionId is invalid"),
    )  # fmt: skip
    airmeet = simulator.airmeets()[0].uid
    assert visitor.get(f"/airmeet/{airmeet}/booth/none/booth-attendance")[0] == 400


def test_another_communitys_airmeet_is_401_or_400_and_not_listed(visit: Open) -> None:
    simulator, visitor = visit()
    foreign = simulator.community.foreign
    text = "Token does not belong to this Airmeet's community"
    for leaf in API:
        assert visitor.get(f"/airmeet/{foreign.uid}/{leaf}") == (401, error("UNAUTHORIZED", text))
    for leaf in ANALYTICS:
        assert visitor.get(f"/airmeet/{foreign.uid}/{leaf}")[0] == 400
    session = uuid(3, 21, foreign.number, 0)
    assert simulator.community.find_session(session)
    assert visitor.get(f"/session/{session}/attendees") == (400, error("BAD_REQUEST", text))
    assert foreign.uid not in [row["uid"] for row in visitor.all("/airmeets")]


def test_parameters_out_of_range_are_400(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    for query in ({"size": "0"}, {"size": "many"}, {"after": "x"}, {"before": "-1"}):
        assert visitor.get("/airmeets", **query)[0] == 400
    for query in ({"pageNumber": "0"}, {"sortingKey": "city"}, {"sortingDirection": "UP"}):
        assert visitor.get(f"/airmeet/{airmeet}/participants", **query)[0] == 400


def test_other_paths_and_methods(visit: Open) -> None:
    _, visitor = visit()
    assert visitor.get("/tracks")[0] == 404
    assert visitor.ask("/airmeets", "POST")[0] == 405
    assert visitor.ask("/auth")[0] == 405
