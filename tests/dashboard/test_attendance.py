"""Who was there: the curve in the event's time zone, its stretches and its sessions."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from airmeet_dashboard.attendance import Attendance, attendance_of
from airmeet_dashboard.attendance_panel import attendance_panel, no_times
from airmeet_dashboard.event import event_page
from airmeet_dashboard.reading import Reports

from tests.dashboard.pages import draw, figures, one_event
from tests.reports.raw import at

ZONE = "Asia/Kolkata"
AHEAD = timedelta(hours=5, minutes=30)


def curve(*steps: tuple[str, int], ahead: timedelta = AHEAD) -> pd.DataFrame:
    """Rows of attendance_curve: the moment in UTC, and how many were there."""
    rows: list[dict[str, Any]] = []
    for moment, people in steps:
        local = at(moment).replace(tzinfo=None) + ahead
        rows.append(
            {
                "step_at": at(moment),
                "local_day": local.date(),
                "minute_of_day": 60 * local.hour + local.minute,
                "people_present": people,
                "time_zone": ZONE,
            }
        )
    return pd.DataFrame(rows)


def sessions(*given: tuple[str, str | None, float | None, str]) -> pd.DataFrame:
    """Rows of session_engagement: name, start in UTC, minutes, the session's own status."""
    names = ("name", "start_time", "minutes", "session_status", "status", "attendees")
    rows = [(n, at(s) if s else None, m, status, "FINISHED", 3) for n, s, m, status in given]
    return pd.DataFrame(rows, columns=names).astype(object)


NO_SESSIONS = sessions()


def test_times_are_those_of_the_event() -> None:
    held = attendance_of(
        curve(("2026-03-01 18:25", 2), ("2026-03-01 18:30", 5), ("2026-03-01 18:35", 5)),
        sessions(("Talk", "2026-03-01 18:30", 10.0, "FINISHED")),
    )
    (stretch,) = held.stretches
    assert stretch.steps[0].at == datetime(2026, 3, 1, 23, 55)
    assert (stretch.bars[0].begins, stretch.bars[0].ends) == (
        datetime(2026, 3, 2, 0, 0),
        datetime(2026, 3, 2, 0, 10),
    )
    assert held.peak is not None
    assert (held.peak.at, held.peak.people) == (datetime(2026, 3, 2, 0, 0), 5)  # the first of two
    assert held.time_zone == ZONE


def test_a_session_has_the_clock_of_its_own_day() -> None:
    # Clocks are put forward between the two days: UTC+1, then UTC+2.
    steps = pd.concat(
        [
            curve(("2026-03-28 08:00", 1), ahead=timedelta(hours=1)),
            curve(("2026-03-29 08:00", 1), ahead=timedelta(hours=2)),
        ]
    )
    held = attendance_of(
        steps,
        sessions(
            ("First", "2026-03-28 08:00", 5.0, "FINISHED"),
            ("Second", "2026-03-29 08:00", 5.0, "FINISHED"),
        ),
    )
    assert [[bar.begins.hour for bar in one.bars] for one in held.stretches] == [[9], [10]]


@pytest.mark.parametrize(
    ("minutes", "stretches"),
    [(120, 1), (125, 2)],
)
def test_a_long_pause_breaks_the_axis(minutes: int, stretches: int) -> None:
    second = at("2026-03-01 09:05") + timedelta(minutes=minutes)
    held = attendance_of(
        curve(("2026-03-01 09:00", 4), (f"{second:%Y-%m-%d %H:%M}", 2)), NO_SESSIONS
    )
    assert len(held.stretches) == stretches


def test_nights_without_anybody_are_left_out() -> None:
    empty = [(f"2026-03-01 {hour:02}:00", 0) for hour in range(11, 24)]
    held = attendance_of(
        curve(("2026-03-01 10:00", 4), *empty, ("2026-03-02 10:00", 2)), NO_SESSIONS
    )
    assert [[step.people for step in one.steps] for one in held.stretches] == [[4], [2]]
    page = attendance_panel(held, {"is_time_zone_known": True}, draw)
    assert page.count('class="chart"') == 2
    assert "Sunday, 1 March" in page and "Monday, 2 March" in page


def test_a_session_bridges_a_pause() -> None:
    held = attendance_of(
        curve(("2026-03-01 09:00", 4), ("2026-03-01 12:00", 2)),
        sessions(("Long", "2026-03-01 10:00", 60.0, "FINISHED")),
    )
    assert len(held.stretches) == 1


def test_sessions_that_overlap_are_in_lanes() -> None:
    held = attendance_of(
        curve(("2026-03-01 09:00", 4), ("2026-03-01 10:00", 4)),
        sessions(
            ("A", "2026-03-01 09:00", 30.0, "FINISHED"),
            ("B", "2026-03-01 09:15", 30.0, "FINISHED"),
            ("C", "2026-03-01 09:30", 30.0, "FINISHED"),
            ("Never held", "2026-03-01 09:30", 30.0, "CREATED"),
            ("No start", None, 30.0, "FINISHED"),
            ("No length", "2026-03-01 09:30", None, "FINISHED"),
            ("Two days", "2026-03-01 09:30", 2880.0, "FINISHED"),
        ),
    )
    (stretch,) = held.stretches
    assert [(bar.name, bar.lane) for bar in stretch.bars] == [("A", 0), ("B", 1), ("C", 0)]


def test_of_many_sessions_at_once_the_chart_says_what_it_leaves_out() -> None:
    at_once = [(f"Track {n}", "2026-03-01 09:00", 30.0, "FINISHED") for n in range(9)]
    held = attendance_of(curve(("2026-03-01 09:00", 4)), sessions(*at_once))
    page = attendance_panel(held, {"is_time_zone_known": True}, draw)
    assert "Of sessions at the same time 8 are drawn" in page
    assert page.count("Track 8") == 1  # in words alone, for who does not see the chart


def test_figures_of_time_equal_the_report(reports: Reports) -> None:
    # Bob was there for two hours of three, Dan for half an hour.
    page = event_page(reports, one_event(reports, "may"), draw)
    cards = figures(page)
    assert cards["average_minutes"] == "75 min"
    assert cards["median_minutes"] == "75 min"
    assert cards["stayed_share"] == "0.0%"
    assert cards["peak_attendees"] == "2"
    assert "at 09:30" in page
    assert "times of 2 of 2 are known" in page
    assert page.count("People present from 09:00") == 1


NOTHING = Attendance([], "UTC", None)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"is_to_come": True}, "attendance has not begun"),
        ({"is_to_come": False, "attended": None}, "attendance is not loaded"),
        ({"is_to_come": False, "attended": 0}, "Nobody attended"),
        ({"is_to_come": False, "attended": 4, "timed_attendees": 0}, "Airmeet sent no times"),
        ({"is_to_come": False, "attended": 4, "timed_attendees": 4}, "more than seven days"),
    ],
)
def test_an_empty_curve_says_why(event: dict[str, Any], why: str) -> None:
    assert why in no_times(event)
    assert why in attendance_panel(NOTHING, event, draw)


def test_without_times_the_page_says_so(reports: Reports) -> None:
    page = event_page(reports, one_event(reports, "spring"), draw)
    cards = figures(page)
    assert cards["average_minutes"] == cards["peak_attendees"] == "unknown"
    assert "Airmeet sent no times" in page
    assert "replays are not known" in page
