"""Each option: the default, as in the specification, and the other values."""

import asyncio
import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.simulator import Simulator

from tests.simulator.conftest import Open
from tests.simulator.visitor import KEYS, Visitor

PREPARING = "Preparing your results. Try after 5 minutes to get the updated results"


def refused(text: str) -> tuple[int, dict[str, Any]]:
    return 400, {"success": False, "code": "BAD_REQUEST", "errors": [text]}


def live(simulator: Simulator) -> Any:
    return next(a for a in simulator.airmeets() if a.status == "ONGOING")


def upcoming(simulator: Simulator) -> Any:
    return next(a for a in simulator.airmeets() if a.status == "CREATED" and a.size)


def test_token_at_top(visit: Open) -> None:
    simulator, visitor = visit(token_at_top=True)
    answer = json.loads(visitor.ask("/auth", "POST", KEYS)[1])
    assert answer == {
        "success": True,
        "token": answer["token"],
        "communityId": simulator.community.uid,
    }


def test_participants_key(visit: Open) -> None:
    simulator, visitor = visit(participants_key="participants")
    body = visitor.rows(f"/airmeet/{simulator.airmeets()[0].uid}/participants")
    assert set(body) == {"participants", "userCount", "totalUserCount"}


def test_pending_in_the_body(visit: Open) -> None:
    simulator, visitor = visit(pending="body")
    airmeet = simulator.airmeets()[0].uid
    expected = {"statusCode": 202, "statusMessage": PREPARING}
    assert visitor.get(f"/airmeet/{airmeet}/attendees") == (200, expected)
    assert simulator.requests.counts == {("event_attendance", airmeet, 202): 1}


def test_refusals_as_status_and_in_the_body(visit: Open) -> None:
    simulator, visitor = visit()
    path = f"/airmeet/{upcoming(simulator).uid}/attendees"
    assert visitor.get(path) == refused("Airmeet status is not valid")
    simulator.set_options(refusal="body")
    expected = {"statusCode": 400, "data": {}, "statusMessage": "Airmeet status is not valid"}
    assert visitor.get(path) == (200, expected)


def test_attendance_of_finished_things_only(visit: Open) -> None:
    simulator, visitor = visit(Plan(12, 40, seed=5))
    airmeet = live(simulator)
    event = simulator.community.event_of(airmeet)
    states = [session.status for session in event.sessions]
    assert states == ["FINISHED", "ONGOING", "CREATED", "CREATED"]
    for session, status in zip(event.sessions, states, strict=True):
        expected = 202 if status == "FINISHED" else 400
        answer = visitor.get(f"/session/{session.uid}/attendees")
        assert answer[0] == expected
        if expected == 400:
            assert answer == refused("Session status is not valid")
    assert visitor.rows(f"/airmeet/{airmeet.uid}/attendees")["data"]


def test_booth_attendance_of_finished_airmeets_only(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = next(
        a for a in simulator.airmeets()
        if a.status == "FINISHED" and simulator.community.event_of(a).booths
    )  # fmt: skip
    booth = simulator.community.event_of(airmeet).booths[0].uid
    path = f"/airmeet/{airmeet.uid}/booth/{booth}/booth-attendance"
    simulator.edit_airmeet(airmeet.uid, status="ONGOING")
    assert visitor.get(path) == refused("Airmeet status is not valid")
    simulator.finish_airmeet(airmeet.uid)
    assert visitor.get(path)[0] == 202


def test_attendance_of_any(visit: Open) -> None:
    simulator, visitor = visit(attendance="any")
    airmeet = upcoming(simulator)
    assert visitor.rows(f"/airmeet/{airmeet.uid}/attendees")["data"] == []
    event = simulator.community.event_of(live(simulator))
    found = [visitor.rows(f"/session/{s.uid}/attendees")["data"] for s in event.sessions]
    assert [bool(rows) for rows in found] == [True, True, False, False]


def ends(visitor: Visitor, path: str, ids: list[int]) -> tuple[Any, Any]:
    """Return the last page, and what comes of asking with the last row's id."""
    last = visitor.rows(path, after=ids[-3])
    beyond = visitor.rows(path, after=ids[-1])
    assert len(last["data"]) == 2
    return last.get("cursors"), (len(beyond["data"]), beyond.get("cursors"))


def test_last_page(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0]
    path = f"/airmeet/{airmeet.uid}/registrations"
    ids = list(simulator.community.event_of(airmeet).row_set("registrations").ids)
    assert len(ids) < 50
    before = ids[-2]
    nothing = {"before": None, "after": None, "pageCount": 0}

    last, beyond = ends(visitor, path, ids)
    assert last == {"before": before, "after": None, "pageCount": 2}
    assert beyond == (0, nothing)

    simulator.set_options(last_page="last_id")
    last, beyond = ends(visitor, path, ids)
    assert last == {"before": before, "after": ids[-1], "pageCount": 2}
    assert beyond == (0, {**nothing, "after": ids[-1]})

    simulator.set_options(last_page="loop")
    last, beyond = ends(visitor, path, ids)
    assert last == {"before": before, "after": ids[-1], "pageCount": 2}
    assert beyond == (len(ids), {"before": None, "after": ids[-1], "pageCount": len(ids)})

    simulator.set_options(last_page="missing")
    last, beyond = ends(visitor, path, ids)
    assert last == {"before": before, "after": None, "pageCount": 2}
    assert "cursors" not in visitor.rows(path)
    assert visitor.rows(path, size=5)["cursors"]["after"] == ids[4]


def test_airmeets_after_is_ignored_but_before_leads_back(visit: Open) -> None:
    simulator, visitor = visit(airmeets_after="ignored")
    first = visitor.rows("/airmeets", size=4)
    assert first["cursors"]["after"] is not None
    assert visitor.rows("/airmeets", size=4, after=first["cursors"]["after"]) == first
    found: list[str] = []
    before = 2**53
    while before is not None:
        body = visitor.rows("/airmeets", size=5, before=before)
        found = [row["uid"] for row in body["data"]] + found
        before = body["cursors"]["before"]
    assert found == [airmeet.uid for airmeet in simulator.airmeets()]


@pytest.mark.parametrize("last_page", ["null", "last_id", "loop", "missing"])
def test_airmeets_newest_first(visit: Open, last_page: str) -> None:
    simulator, visitor = visit(airmeets_after="newest_first", last_page=last_page)
    expected = [airmeet.uid for airmeet in simulator.airmeets()][::-1]
    found: list[str] = []
    query: dict[str, int] = {}
    while len(found) < len(expected):
        body = visitor.rows("/airmeets", size=5, **query)
        found += [row["uid"] for row in body["data"]]
        query = {"before": body["cursors"]["before"]}
    assert found == expected
    assert visitor.rows("/airmeets", after=simulator.airmeets()[-1].created)["data"] == []
    if last_page in ("last_id", "loop"):
        again = visitor.rows("/airmeets", size=5, **query)["data"]
        assert [row["uid"] for row in again] == (expected[:5] if last_page == "loop" else [])
    else:
        assert query == {"before": None}
    assert ("cursors" in visitor.rows("/airmeets")) == (last_page != "missing")


def test_booths_null(visit: Open) -> None:
    simulator, visitor = visit(booths_null=True)
    assert visitor.rows(f"/airmeet/{simulator.airmeets()[0].uid}/booth/public") == {"booths": None}
    assert simulator.counts()["booths"] == simulator.counts()["booth_attendance"] == 0


def test_null_durations(visit: Open) -> None:
    simulator, visitor = visit()
    path = f"/airmeet/{live(simulator).uid}/info"
    assert [row["duration"] for row in visitor.rows(path)["sessions"]] == [30, 60, 30, None]
    simulator.set_options(null_durations=False)
    assert [row["duration"] for row in visitor.rows(path)["sessions"]] == [30, 60, 30, 30]


def test_extra_fields_and_a_new_one(visit: Open) -> None:
    simulator, visitor = visit(extra_fields=True, new_field="mood")
    airmeet = simulator.airmeets()[0].uid
    row = visitor.rows(f"/airmeet/{airmeet}/attendees")["data"][0]
    assert set(row) == {"email", "id", "name", "user_id", "time_stamp", "time_spent", "mood"}
    assert row["time_spent"].isdecimal()
    polls = visitor.rows(f"/airmeet/{airmeet}/polls")["data"]
    assert all({"time_stamp", "mood"} <= set(entry) for row in polls for entry in row["polls"])
    questions = visitor.rows(f"/airmeet/{airmeet}/questions")["data"]
    assert {"time_stamp", "mood"} <= set(questions[0]["questions"][0])
    for path, key in (
        ("airmeets", "data"),
        (f"airmeet/{airmeet}/registrations", "data"),
        (f"airmeet/{airmeet}/participants", "paticipants"),
        (f"airmeet/{airmeet}/info", "sessions"),
        (f"airmeet/{airmeet}/custom-fields", "customFields"),
        (f"airmeet/{airmeet}/booth/public", "booths"),
    ):
        row = visitor.rows(f"/{path}")[key][0]
        assert "mood" in row and "time_stamp" not in row
    for table in ("airmeets", "event_attendance", "poll_responses"):
        assert all("mood" in row for row in simulator.truth(table))


def test_archived_airmeets_are_left_out(visit: Open) -> None:
    simulator, visitor = visit()
    listed = visitor.all("/airmeets")
    assert len(listed) == 12 == simulator.counts()["airmeets"]
    simulator.set_options(archived_listed=True)
    archived = [row for row in visitor.all("/airmeets") if row not in listed]
    assert len(archived) == 2
    assert simulator.counts()["airmeets"] == 14
    assert visitor.get(f"/airmeet/{archived[0]['uid']}/info")[0] == 200


def test_rate_limit(visit: Open) -> None:
    simulator, visitor = visit(rate_limit=2)
    assert [visitor.get("/airmeets")[0] for _ in range(3)] == [200, 200, 429]
    assert visitor.headers["retry-after"] == "1"
    simulator.set_options(retry_after="date")
    assert visitor.get("/airmeets")[0] == 429
    retry = parsedate_to_datetime(visitor.headers["retry-after"]).timestamp()
    assert retry == int(simulator.clock()) + 1
    simulator.clock.advance(1)  # type: ignore[attr-defined]
    assert visitor.get("/airmeets")[0] == 200


def test_latency(visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    _, visitor = visit(latency_ms=250)
    waits: list[float] = []
    sleep = asyncio.sleep

    async def wait(seconds: float) -> None:
        # It sleeps: the server's own loop does so too, and would hold the thread if it did not.
        waits.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr("airmeet_simulator.app.asyncio.sleep", wait)
    assert visitor.get("/airmeets")[0] == 200
    assert 0.25 in waits
