"""Faults: each kind as a client meets it, the schedule, and its end."""

import http.client
import json
from collections import Counter
from typing import Any

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.faults import KINDS, PASSING, Chaos, FaultKind, Faults
from airmeet_simulator.simulator import Simulator

from tests.people import named_by
from tests.simulator.conftest import Open
from tests.simulator.visitor import Clock, Visitor


def broken(visit: Open, kind: FaultKind) -> tuple[Simulator, Visitor, str]:
    """Open a simulator whose first airmeet's registrations meet a fault."""
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    simulator.break_feed(airmeet, "registrations", kind)
    return simulator, visitor, f"/airmeet/{airmeet}/registrations"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.isdigit()], ids=lambda kind: str(kind)
)
def test_statuses_until_mended(visit: Open, kind: FaultKind) -> None:
    simulator, visitor, path = broken(visit, kind)
    for _ in range(2):
        status, body = visitor.get(path)
        assert status == int(kind)
        assert body["success"] is False
    assert ("retry-after" in visitor.headers) == (kind == "429")
    assert visitor.get(path.replace("registrations", "info"))[0] == 200
    simulator.mend_feed(path.split("/")[2], "registrations")
    assert visitor.get(path)[0] == 200


def test_reset(visit: Open) -> None:
    simulator, visitor, path = broken(visit, "reset")
    with pytest.raises(ConnectionResetError):
        visitor.ask(path)
    assert simulator.requests.entries[-1].status == 0


def test_cut(visit: Open) -> None:
    _, visitor, path = broken(visit, "cut")
    with pytest.raises(http.client.IncompleteRead) as caught:
        visitor.ask(path)
    assert caught.value.partial and caught.value.expected


def test_truncated(visit: Open) -> None:
    _, visitor, path = broken(visit, "truncated")
    status, body = visitor.ask(path)
    assert status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_html(visit: Open) -> None:
    _, visitor, path = broken(visit, "html")
    status, body = visitor.ask(path)
    assert (status, visitor.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!DOCTYPE html>")


def test_hang_ends_as_the_proxys_504(visit: Open) -> None:
    simulator, visitor, path = broken(visit, "hang")
    simulator.set_faults(Faults(probability=0, hang_seconds=0.01))
    assert visitor.get(path)[0] == 504


def test_hang_outlasts_an_impatient_client(visit: Open) -> None:
    _, visitor, path = broken(visit, "hang")
    connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=0.05)
    with pytest.raises(TimeoutError):
        connection.request(
            "GET", f"/api/v1{path}", headers={"X-Airmeet-Access-Token": visitor.token}
        )
        connection.getresponse()
    connection.close()
    assert visitor.get("/airmeets")[0] == 200


def test_expire_costs_a_new_token(visit: Open) -> None:
    simulator, visitor, path = broken(visit, "expire")
    assert visitor.get(path)[0] == 412
    simulator.mend_feed(path.split("/")[2], "registrations")
    assert visitor.get(path)[0] == 412
    visitor.enter()
    assert visitor.get(path)[0] == 200


@pytest.mark.parametrize(("kind", "status"), [("refusal", 400), ("error_body", 500)])
def test_bodies_that_contradict_http(visit: Open, kind: FaultKind, status: int) -> None:
    simulator, visitor, path = broken(visit, kind)
    answer = visitor.get(path)
    assert (answer[0], answer[1]["statusCode"], answer[1]["data"]) == (200, status, {})
    assert simulator.requests.entries[-1].status == status


def test_rows_repeat_across_pages(visit: Open) -> None:
    simulator, visitor, path = broken(visit, "repeat")
    everything = simulator.truth("registrations")
    whole = visitor.rows(path, size=500)["data"]
    first = visitor.rows(path, size=4)
    second = visitor.rows(path, size=4, after=first["cursors"]["after"])
    assert (first["data"], second["data"]) == (whole[:4], whole[3:8])
    assert simulator.truth("registrations") == everything
    airmeet = path.split("/")[2]
    simulator.break_feed(airmeet, "participants", "repeat")
    pages = [
        visitor.rows(f"/airmeet/{airmeet}/participants", resultSize=4, pageNumber=number)
        for number in (1, 2)
    ]
    assert pages[1]["paticipants"][0] == pages[0]["paticipants"][3]
    assert pages[1]["userCount"] == 5


def test_retry_after_as_a_date(visit: Open) -> None:
    simulator, visitor, path = broken(visit, "429")
    simulator.set_faults(Faults(probability=0, retry_after="date", retry_after_seconds=7))
    visitor.ask(path)
    assert visitor.headers["retry-after"] == "Thu, 09 Oct 2025 08:53:27 GMT"


def test_auth_can_be_broken(visit: Open) -> None:
    simulator, visitor = visit()
    simulator.break_feed("", "auth", "503")
    assert visitor.get("/airmeets")[0] == 200
    with pytest.raises(AssertionError):
        visitor.enter()


def test_the_same_seed_gives_the_same_faults() -> None:
    def drawn(seed: int) -> list[FaultKind | None]:
        chaos = Chaos(Faults(seed, probability=0.3, most=1000), Clock())
        return [chaos.decide(str(number), at_auth=False) for number in range(300)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert {kind for kind in drawn(1) if kind} == set(PASSING)


def test_faults_end() -> None:
    chaos = Chaos(Faults(probability=1, most=5, most_each=2), Clock())
    met = [chaos.decide("/a", at_auth=False) for _ in range(4)]
    assert met[0] and met[1] and met[2:] == [None, None]
    assert sum(1 for n in range(20) if chaos.decide(str(n), at_auth=False)) == 3
    assert chaos.met.total() == 5


@pytest.mark.parametrize("seed", range(4))
def test_a_stubborn_client_gets_everything(visit: Open, seed: int) -> None:
    faults = Faults(seed, probability=0.4, most=60)
    simulator, visitor = visit(Plan(3, 40, seed=seed), faults)
    airmeet = simulator.airmeets()[0].uid
    found: dict[str, dict[str, str]] = {}
    after: int | None = 0
    while after is not None:
        body = stubborn(visitor, f"/airmeet/{airmeet}/registrations", after)
        for row in body["data"]:
            found[named_by(row) or row["registrationDate"]] = row
        after = body["cursors"]["after"]
    expected = {
        named_by(row) or row["registration_date"]
        for row in simulator.truth("registrations")
        if row["airmeet_id"] == airmeet
    }
    assert set(found) == expected
    assert simulator.chaos.met.total() > 0


def stubborn(visitor: Visitor, path: str, after: int) -> Any:
    """Ask until it works."""
    met: Counter[str] = Counter()
    while met.total() < 20:
        try:
            status, body = visitor.get(path, size=2, after=after)
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as broke:
            met[type(broke).__name__] += 1
            continue
        if status == 200 and "statusCode" not in body:
            return body
        met[str(status)] += 1
        if status == 412:
            renew(visitor)
    raise AssertionError(met)


def renew(visitor: Visitor) -> None:
    for _ in range(5):
        try:
            visitor.enter()
        except (AssertionError, OSError, http.client.HTTPException, json.JSONDecodeError):
            continue
        return
