"""Session flow: attendance in, steps from session to session out."""

from collections.abc import Iterator
from typing import Any

import dlt
import pytest

from tests.reports.conftest import report, reported
from tests.reports.raw import Row, Tables, at, rows, synced

FETCHED = at("2026-06-20 06:00")
ANN, BOB, CYD, DAN, HAL = (
    f"{name}@acme.example.com" for name in ("ann", "bob", "cyd", "dan", "hal")
)
TEN = 10 * 60_000
"""Milliseconds of ten minutes."""


def event(airmeet_id: str, **facts: Any) -> Row:
    times = {"start_time": at("2026-06-01 09:00"), "end_time": at("2026-06-01 12:00")}
    listed = {"name": "Day", "timezone": "UTC", "status": "FINISHED", "last_listed_at": FETCHED}
    return {"airmeet_id": airmeet_id, **listed, **times, **facts}


def on(clock: str) -> Any:
    return at(f"2026-06-01 {clock}")


RAW: Tables = {
    "airmeets": [
        event("day"),
        event("running", status="ONGOING"),
        event("not known"),
    ],
    "sessions": rows("airmeet_id", "session_id", "name", "start_time", "duration")(
        ("day", "a", "Welcome", on("09:00"), 60.0),
        ("day", "b", "Left hall", on("10:00"), 60.0),
        ("day", "c", "Right hall", on("10:00"), 60.0),
        ("day", "d", "No time", None, None),
        ("running", "a", "Welcome", on("09:00"), 60.0),
    ),
    "session_people": rows("airmeet_id", "session_id", "role", "email")(("day", "a", "host", HAL),),
    "session_attendance": rows(
        "airmeet_id", "session_id", "id", "email", "time_stamp", "time_spent",
    )(
        # Ann first looks into the right hall, then into the left one.
        ("day", "a", 1, ANN, on("09:10"), TEN),
        ("day", "b", 2, ANN, on("10:20"), TEN),
        ("day", "c", 3, ANN, on("10:05"), TEN),
        ("day", "c", 4, ANN, on("10:40"), TEN),
        # Nothing tells when Bob was there: the sessions' starts do, and of b and c their ids.
        ("day", "c", 5, BOB, None, None),
        ("day", "b", 6, BOB, None, None),
        ("day", "a", 7, BOB, None, None),
        # Neither does anything of d, nor of x, which Airmeet does not list.
        ("day", "x", 8, CYD, None, None),
        ("day", "d", 9, CYD, None, None),
        ("day", "c", 10, CYD, on("10:15"), TEN),
        ("day", "a", 11, HAL, on("09:00"), TEN),
        ("day", "b", 12, HAL, on("10:00"), TEN),
        ("running", "a", 13, ANN, on("09:00"), TEN),
        ("not known", "a", 14, ANN, on("09:00"), TEN),
    ),
    "replay_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("day", "a", 1, DAN),
        ("day", "d", 2, ANN),
    ),
    "feed_syncs": [
        *synced("day", FETCHED),
        *synced("running", FETCHED),
        *synced("not known", FETCHED, event_attendance="failed"),
        {"airmeet_id": "day", "feed": "replay_attendance", "status": "loaded", "is_final": True},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    yield reported(tmp_path_factory.mktemp("flow"), RAW)


def test_people_go_from_session_to_session(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "from_session", "to_session", "people", "share")
    found = report(built, "session_flow", *columns)
    assert [row[1:] for row in found if row[0] == "day"] == [
        # Ann a, c, b; Bob a, b, c; Cyd c, d, x. Hal is staff; who watched a replay went nowhere.
        ("(start)", "a", 2, pytest.approx(2 / 3)),
        ("(start)", "c", 1, pytest.approx(1 / 3)),
        ("a", "b", 1, 0.5),
        ("a", "c", 1, 0.5),
        ("b", "(end)", 1, 0.5),
        ("b", "c", 1, 0.5),
        ("c", "(end)", 1, pytest.approx(1 / 3)),
        ("c", "b", 1, pytest.approx(1 / 3)),
        ("c", "d", 1, pytest.approx(1 / 3)),
        ("d", "x", 1, 1.0),
        ("x", "(end)", 1, 1.0),
    ]


def test_steps_have_names(built: dlt.Pipeline) -> None:
    columns = (
        "from_session", "to_session", "from_session_name", "to_session_name", "event_name",
        "status", "is_final",
    )  # fmt: skip
    found = report(built, "session_flow", *columns)
    event_facts = ("Day", "FINISHED", True)
    assert ("(start)", "a", "(start)", "Welcome", *event_facts) in found
    assert ("d", "x", "No time", None, *event_facts) in found
    assert ("x", "(end)", None, "(end)", *event_facts) in found


def test_while_it_runs_there_are_steps_so_far_and_none_of_what_is_not_known(
    built: dlt.Pipeline,
) -> None:
    found = report(built, "session_flow", "airmeet_id", "from_session", "to_session", "people")
    assert [row for row in found if row[0] != "day"] == [
        ("running", "(start)", "a", 1),
        ("running", "a", "(end)", 1),
    ]
