"""Time attended: visits in, minutes, curves and shares out; one airmeet for each situation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import dlt
import pytest

from tests.reports.conftest import report, reported
from tests.reports.raw import Row, Tables, at, rows, synced

FETCHED = at("2026-06-20 06:00")
ANN, BOB, CYD, DAN, EVE, FAY, GUS, HAL, IDA, JON = (
    f"{name}@acme.example.com"
    for name in ("ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ida", "jon")
)


def on(clock: str) -> datetime:
    """A time of the first of June, in UTC."""
    return at(f"2026-06-01 {clock}")


def event(airmeet_id: str, **facts: Any) -> Row:
    told = {"start_time": on("09:00"), "end_time": on("10:00"), "status": "FINISHED"}
    return {"airmeet_id": airmeet_id, "timezone": "Asia/Kolkata", **told, **facts}


def visit(number: int, person: str, start: str | None, minutes: float | None) -> tuple[Any, ...]:
    moment = on(start) if start else None
    return number, person, moment, None if minutes is None else round(minutes * 60_000)


EVENTS = ("one day", "two days", "running", "open end", "no times", "overnight", "uneven", "far")
ATTENDANCE = ("id", "email", "time_stamp", "time_spent")

RAW: Tables = {
    "airmeets": [
        event("one day"),
        event("two days", end_time=at("2026-06-02 17:00"), timezone="America/New_York"),
        event("running", status="ONGOING", end_time=at("2026-07-01 10:00")),
        event("open end", end_time=None),
        event("no times"),
        event("overnight", start_time=on("22:00"), end_time=at("2026-06-02 01:00")),
        event("uneven", end_time=at("2026-06-02 10:00"), timezone="UTC"),
        event("far", start_time=at("2199-06-01 09:00"), end_time=at("2199-06-01 09:10")),
    ],
    "sessions": rows("airmeet_id", "session_id", "status", "start_time", "duration")(
        ("one day", "s1", "FINISHED", on("09:00"), 30.0),
        ("two days", "d1", "FINISHED", on("09:00"), 120.0),
        ("two days", "d2", "FINISHED", at("2026-06-02 15:00"), 180.0),
        ("two days", "dropped", "CREATED", on("12:00"), 120.0),
        ("uneven", "u1", "FINISHED", on("09:00"), 240.0),
        ("uneven", "u2", "FINISHED", at("2026-06-02 09:00"), 30.5),
    ),
    "session_people": rows("airmeet_id", "session_id", "role", "id", "email")(
        ("one day", "s1", "host", "u-hal", HAL),
    ),
    "event_attendance": [
        {"airmeet_id": airmeet_id, **row}
        for airmeet_id, visits in {
            "one day": [
                visit(1, ANN, "08:55", 85),  # early to late
                visit(2, BOB, "09:00", 30),
                visit(3, BOB, "09:20", 30),  # overlaps
                visit(4, CYD, "09:15", 25.009),  # parts of a second do not count
                visit(5, CYD, "23:00", 60),  # not of this airmeet
                visit(6, DAN, None, None),
                visit(7, EVE, "09:00", 60),
                visit(8, EVE, None, None),  # one of two says nothing
                visit(9, FAY, "09:10", None),
                visit(10, GUS, "14:30", 60),  # as if local time were UTC
                visit(11, HAL, "09:00", 60),  # staff
                visit(12, JON, "09:00", -5),  # no length
            ],
            "two days": [
                visit(1, ANN, "09:00", 120),
                visit(2, ANN, "16:00", 20 * 60),  # between the days
                visit(3, BOB, "09:00", 31 * 60),  # a tab left open over night
            ],
            "running": [visit(1, ANN, "09:30", 45)],
            "open end": [visit(1, ANN, "09:00", 20), visit(2, ANN, "09:10", 20)],
            "no times": [visit(1, ANN, None, None)],
            "overnight": [visit(1, ANN, "21:30", 5 * 60), visit(2, BOB, "23:00", 0)],
            "uneven": [visit(1, ANN, "09:00", 240), visit(2, BOB, "12:00", 21.25 * 60)],
            "far": [(1, ANN, at("2199-06-01 09:00"), 360_000)],
        }.items()
        for row in rows(*ATTENDANCE)(*visits)
    ],
    "session_attendance": rows("airmeet_id", "session_id", *ATTENDANCE)(
        ("one day", "s1", *visit(1, IDA, "09:00", 30)),
        ("one day", "s1", *visit(2, BOB, "09:05", 30)),
    ),
    "replay_attendance": rows("airmeet_id", "session_id", "id", "email", "duration_viewed")(
        ("one day", "s1", 1, BOB, 12.5),
        ("one day", "s1", 2, BOB, 7.5),
        ("one day", "s1", 3, DAN, None),
    ),
    "feed_syncs": [
        *(row for name in EVENTS for row in synced(name, FETCHED)),
        {"airmeet_id": "one day", "feed": "replay_attendance", "status": "loaded"},
    ],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    yield reported(tmp_path_factory.mktemp("time"), RAW)


def attendees(built: dlt.Pipeline, airmeet_id: str, *columns: str) -> dict[str, Any]:
    found = report(built, "attendee_event", "airmeet_id", "person", *columns)
    return {row[1]: row[2:] for row in found if row[0] == airmeet_id}


def summary(built: dlt.Pipeline, airmeet_id: str, *columns: str) -> tuple[Any, ...]:
    found = report(built, "event_summary", "airmeet_id", *columns)
    return next(row[1:] for row in found if row[0] == airmeet_id)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (ANN, (on("08:55"), on("10:20"), 60.0, 1.0, False, False)),
        (BOB, (on("09:00"), on("09:50"), 50.0, 50 / 60, False, False)),
        (CYD, (on("09:15"), on("09:40"), 25.0, 25 / 60, True, True)),
        (DAN, (None, None, None, None, None, None)),
        (EVE, (None, None, None, None, None, None)),
        (FAY, (on("09:10"), None, None, None, None, False)),
        (GUS, (None, None, None, None, None, None)),
        (HAL, (on("09:00"), on("10:00"), 60.0, 1.0, False, False)),
        (IDA, (on("09:00"), on("09:30"), 30.0, 0.5, True, False)),
        (JON, (on("09:00"), None, None, None, None, False)),
    ],
)
def test_visits_become_minutes(built: dlt.Pipeline, person: str, expected: tuple[Any, ...]) -> None:
    columns = (
        "joined_at", "left_at", "minutes_attended", "share_attended", "left_early", "joined_late",
    )  # fmt: skip
    found = attendees(built, "one day", *columns)[person]
    assert found == (*expected[:3], pytest.approx(expected[3]), *expected[4:])


def test_a_longer_airmeet_is_held_by_the_day(built: dlt.Pipeline) -> None:
    columns = ("left_at", "minutes_attended", "share_attended", "left_early")
    found = attendees(built, "two days", *columns)
    # The second day's session runs an hour beyond the end; one was never held.
    assert summary(built, "two days", "held_minutes") == (240.0,)
    assert found[ANN] == (on("11:00"), 120.0, 0.5, True)
    assert found[BOB] == (on("09:00") + timedelta(hours=31), 180.0, 0.75, True)


def test_the_night_between_two_days_is_no_part_of_the_airmeet(built: dlt.Pipeline) -> None:
    columns = ("minutes_attended", "left_early", "joined_late")
    found = attendees(built, "uneven", *columns)
    assert summary(built, "uneven", "held_minutes") == (270.5,)
    # Half an hour of four and a half was still to come; Bob missed three hours of them.
    assert found[ANN] == (240.0, False, False)
    assert found[BOB] == (75.0, False, True)


def test_times_of_another_century_are_drawn_as_well(built: dlt.Pipeline) -> None:
    found = report(built, "attendance_curve", "airmeet_id", "step_at", "people_present")
    steps = [row[1:] for row in found if row[0] == "far"]
    assert steps == [(at("2199-06-01 09:00"), 1), (at("2199-06-01 09:05"), 1)]


def test_while_it_runs_there_are_minutes_but_no_shares(built: dlt.Pipeline) -> None:
    columns = ("minutes_attended", "share_attended", "left_early", "joined_late")
    assert attendees(built, "running", *columns)[ANN] == (45.0, None, None, None)
    figures = ("timed_attendees", "average_minutes", "stayed_share")
    assert summary(built, "running", *figures) == (1, 45.0, None)


def test_without_an_end_visits_are_whole(built: dlt.Pipeline) -> None:
    columns = ("minutes_attended", "share_attended", "left_early")
    assert attendees(built, "open end", *columns)[ANN] == (30.0, None, None)
    assert summary(built, "open end", "held_minutes", "stayed_share") == (None, None)


def test_means_are_those_of_the_people_whose_time_is_known(built: dlt.Pipeline) -> None:
    figures = (
        "attended", "timed_attendees", "average_minutes", "median_minutes", "total_hours",
        "stayed_share", "held_minutes", "peak_attendees", "peak_at",
    )  # fmt: skip
    # Of Ann 60, Bob 50, Ida 30 and Cyd 25 minutes; Hal is staff.
    assert summary(built, "one day", *figures) == (
        9, 4, 41.25, 40.0, 2.75, 0.5, 60.0, 4, on("09:15"),
    )  # fmt: skip
    nothing = (1, 0, None, None, None, None, 60.0, None, None)
    assert summary(built, "no times", *figures) == nothing


def test_the_curve_counts_who_is_there_comes_and_leaves(built: dlt.Pipeline) -> None:
    columns = (
        "airmeet_id", "scope", "step_at", "people_present", "people_joined", "people_left",
        "local_day", "minute_of_day", "time_zone",
    )  # fmt: skip
    found = report(built, "attendance_curve", *columns)
    whole = [row[2:6] for row in found if row[:2] == ("one day", "event")]
    counts = {
        "09:00": (3, 3, 0), "09:05": (3, 0, 0), "09:10": (3, 0, 0), "09:15": (4, 1, 0),
        "09:20": (4, 0, 0), "09:25": (4, 0, 1), "09:30": (3, 0, 0), "09:35": (3, 0, 1),
        "09:40": (2, 0, 0), "09:45": (2, 0, 1), "09:50": (1, 0, 0), "09:55": (1, 0, 1),
    }  # fmt: skip
    assert whole == [(on(clock), *people) for clock, people in counts.items()]
    first = next(row for row in found if row[0] == "one day")
    assert (str(first[6]), *first[7:]) == ("2026-06-01", 14 * 60 + 30, "Asia/Kolkata")
    session = [row[2:6] for row in found if row[:2] == ("one day", "s1")]
    assert session[:2] == [(on("09:00"), 1, 1, 0), (on("09:05"), 2, 1, 0)]
    assert session[-1] == (on("09:25"), 2, 0, 2)
    assert "no times" not in {row[0] for row in found}


def test_the_curve_has_no_night_between_days_and_ends_where_data_ends(built: dlt.Pipeline) -> None:
    found = report(built, "attendance_curve", "airmeet_id", "scope", "step_at", "people_present")
    days = [row[2] for row in found if row[:2] == ("two days", "event")]
    assert (len(days), days[23], days[24]) == (48, on("10:55"), at("2026-06-02 15:00"))
    # It is held until July: so long a stretch is drawn nowhere.
    assert "running" not in {row[0] for row in found}
    night = [row[3] for row in found if row[0] == "overnight"]
    assert night == [1] * 12 + [2] + [1] * 23


def test_sessions_have_times_of_their_own(built: dlt.Pipeline) -> None:
    columns = (
        "session_id", "person", "attended", "joined_at", "minutes_attended", "share_attended",
        "left_early", "replays", "minutes_on_demand",
    )  # fmt: skip
    found = [row for row in report(built, "session_attendee", *columns) if row[0] == "s1"]
    assert found == [
        ("s1", BOB, 1, on("09:05"), 25.0, pytest.approx(25 / 30), False, 2, 20.0),
        ("s1", DAN, 0, None, None, None, None, 1, None),
        ("s1", IDA, 1, on("09:00"), 30.0, 1.0, False, 0, 0.0),
    ]
    sessions = report(
        built, "session_engagement", "session_id", "timed_attendees", "average_minutes",
        "median_minutes", "total_hours", "stayed_share",
    )  # fmt: skip
    assert ("s1", 2, 27.5, 27.5, 55 / 60, 1.0) in sessions
    assert ("d1", 0, None, None, None, None) in sessions


def test_replays_have_minutes(built: dlt.Pipeline) -> None:
    found = attendees(built, "one day", "minutes_on_demand")
    assert (found[BOB], found[DAN], found[ANN]) == ((20.0,), (None,), (0.0,))
    # One of the two does not say how long.
    assert summary(built, "one day", "average_minutes_on_demand") == (None,)


def test_scores_weigh_the_time_where_it_is_known(built: dlt.Pipeline) -> None:
    columns = ("attention_score", "session_score", "score", "score_version")
    found = attendees(built, "one day", *columns)
    assert found[ANN] == (1.0, 0.0, pytest.approx(100 * 50 / 75), "2")
    assert found[IDA] == (0.5, 1.0, pytest.approx(100 * 50 / 75), "2")
    assert found[DAN] == (None, 0.0, 0.0, "2")
