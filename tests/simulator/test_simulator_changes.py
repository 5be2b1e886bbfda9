"""What happens to a community while it is served."""

from datetime import UTC, datetime

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.errors import SimulatorError
from airmeet_simulator.simulator import Simulator

from tests.simulator.conftest import Open


def of(simulator: Simulator, table: str, airmeet: str) -> list[dict[str, object]]:
    return [row for row in simulator.truth(table) if row["airmeet_id"] == airmeet]


def test_an_airmeet_is_added(visit: Open) -> None:
    simulator, visitor = visit()
    visitor.all("/airmeets")
    start = datetime(2025, 10, 1, 9, 30, tzinfo=UTC)
    airmeet = simulator.add_airmeet("New one", "FINISHED", start, 20, (45, None))
    assert visitor.all("/airmeets")[-1] == {
        "uid": airmeet,
        "name": "New one",
        "status": "FINISHED",
        "timezone": "UTC",
        "startTime": "2025-10-01T09:30:00.000Z",
        "endTime": "2025-10-01T11:10:00.000Z",
    }
    sessions = visitor.rows(f"/airmeet/{airmeet}/info")["sessions"]
    assert [session["duration"] for session in sessions] == [45, None]
    assert visitor.rows(f"/session/{sessions[0]['sessionid']}/attendees")["data"]
    assert len(visitor.all(f"/airmeet/{airmeet}/registrations")) == 20
    with pytest.raises(SimulatorError, match="larger community"):
        simulator.add_airmeet(registrations=10_000)


def test_an_airmeet_is_edited(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    visitor.rows(f"/airmeet/{airmeet}/info")
    start = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    simulator.edit_airmeet(airmeet, "Renamed", "CREATED", start, "Asia/Tokyo")
    row = visitor.all("/airmeets")[0]
    assert (row["name"], row["status"], row["timezone"], row["startTime"]) == (
        "Renamed", "CREATED", "Asia/Tokyo", "2026-01-02T03:04:00.000Z",
    )  # fmt: skip
    session = visitor.rows(f"/airmeet/{airmeet}/info")["sessions"][0]
    assert session["start_time"] == "2026-01-02T03:04:00.000Z"
    with pytest.raises(SimulatorError, match="no airmeet has the id"):
        simulator.edit_airmeet("nothing")


def test_an_airmeet_finishes(visit: Open) -> None:
    simulator, visitor = visit()
    live = next(a for a in simulator.airmeets() if a.status == "ONGOING")
    simulator.finish_airmeet(live.uid)
    states = {row["status"] for row in visitor.rows(f"/airmeet/{live.uid}/info")["sessions"]}
    assert states == {"FINISHED"}
    row = next(row for row in visitor.all("/airmeets") if row["uid"] == live.uid)
    assert (row["status"], row["endTime"]) == ("FINISHED", "2025-10-09T08:53:20.250Z")
    assert len(of(simulator, "session_attendance", live.uid)) > 0


def test_an_airmeet_is_archived_and_taken_back(visit: Open) -> None:
    simulator, visitor = visit()
    before = visitor.all("/airmeets")
    simulator.archive_airmeet(before[3]["uid"])
    assert visitor.all("/airmeets") == [*before[:3], *before[4:]]
    simulator.archive_airmeet(before[3]["uid"], archived=False)
    assert visitor.all("/airmeets") == before


def test_registrations_come_and_go(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    path = f"/airmeet/{airmeet}/registrations"
    before = visitor.all(path)
    simulator.add_registration(airmeet, "JANE.ROE@Acme.example.com ", "Jane Roe")
    row = visitor.all(path)[-1]
    assert (row["email"], row["name"]) == ("JANE.ROE@Acme.example.com ", "Jane Roe")
    assert row["registrationDate"] == "2025-10-09T08:53:20.250Z"
    simulator.add_registration(airmeet, "jane.roe@acme.example.com")
    assert len(visitor.all(path)) == len(before) + 2
    assert len(visitor.all_participants(airmeet)) > len(before) + 2
    last = of(simulator, "registrations", airmeet)[-1]
    assert last["email"] == "jane.roe@acme.example.com"
    simulator.remove_registration(airmeet, "Jane.Roe@acme.example.com")
    assert visitor.all(path) == before


@pytest.mark.parametrize("table", ["event_attendance", "session_attendance", "booth_attendance"])
def test_attendance_is_added(visit: Open, table: str) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    event = simulator.community.event(airmeet)
    session, booth = event.sessions[1].uid, event.booths[1].uid
    path, part = {
        "event_attendance": (f"/airmeet/{airmeet}/attendees", ""),
        "session_attendance": (f"/session/{session}/attendees", session),
        "booth_attendance": (f"/airmeet/{airmeet}/booth/{booth}/booth-attendance", booth),
    }[table]
    before = visitor.all(path)
    simulator.add_row(airmeet, table, "walk.in@acme.example.com", part, "Walk In")
    assert visitor.all(path) == before, "the export is as it was asked for"
    simulator.forget_exports()
    *rest, last = visitor.all(path)
    assert rest == before
    assert (last["email"], last["name"]) == ("walk.in@acme.example.com", "Walk In")
    assert last["id"] == before[-1]["id"] + 1
    simulator.clear_feed(airmeet, table)
    simulator.forget_exports()
    assert visitor.all(path) == []
    assert of(simulator, table, airmeet) == []


def test_nobody_has_two_rows_of_polls(visit: Open) -> None:
    simulator, _ = visit()
    airmeet = simulator.airmeets()[0].uid
    simulator.add_row(airmeet, "poll_responses", "a@acme.example.com")
    with pytest.raises(SimulatorError, match="already has a row"):
        simulator.add_row(airmeet, "poll_responses", "A@acme.example.com")
    with pytest.raises(SimulatorError, match="no session or booth"):
        simulator.add_row(airmeet, "session_attendance", "a@acme.example.com", "nothing")


def test_a_row_arrives_while_someone_is_paging(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0].uid
    expected = len(of(simulator, "registrations", airmeet))
    simulator.after_requests(
        2,
        lambda: simulator.add_registration(airmeet, "late@acme.example.com"),
        feed="registrations",
    )
    visitor.all("/airmeets")
    path = f"/airmeet/{airmeet}/registrations"
    first = visitor.rows(path, size=3)
    assert len(of(simulator, "registrations", airmeet)) == expected
    visitor.rows(path, size=3, after=first["cursors"]["after"])
    assert len(of(simulator, "registrations", airmeet)) == expected + 1
    assert visitor.all(path)[-1]["email"] == "late@acme.example.com"


def test_a_change_to_one_feed_leaves_the_others() -> None:
    def attendance(changed: bool) -> object:
        simulator = Simulator(Plan(4, 30, seed=2), clock=lambda: 1_760_000_000.0)
        airmeet = simulator.airmeets()[0].uid
        if changed:
            simulator.add_registration(airmeet, "late@acme.example.com")
        return of(simulator, "session_attendance", airmeet)

    assert attendance(changed=True) == attendance(changed=False)


def test_the_log_shows_that_exports_were_kicked_off_before_any_was_polled(visit: Open) -> None:
    simulator, visitor = visit()
    airmeets = [a.uid for a in simulator.airmeets() if a.status == "FINISHED"][:3]
    for expected in (202, 200):
        for airmeet in airmeets:
            assert visitor.get(f"/airmeet/{airmeet}/attendees")[0] == expected
    log = simulator.requests
    assert log.feeds() == {"event_attendance": 6} and log.total == 6
    kicked = {
        airmeet: e.ordinal for e in log.entries if e.status == 202 for airmeet in [e.airmeet_id]
    }
    ready = [e.ordinal for e in log.entries if e.status == 200]
    assert max(kicked.values()) < min(ready)
    assert log.counts["event_attendance", airmeets[0], 202] == 1
    assert log.entries[0].at == 1_760_000_000.25
    session = simulator.community.event(airmeets[0]).sessions[0].uid
    visitor.get(f"/session/{session}/attendees")
    assert log.entries[-1][2:] == ("session_attendance", airmeets[0], session, 202)
    log.clear()
    assert log.total == 0 and not log.counts
