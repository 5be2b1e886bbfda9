"""Rows in, rows out: one event for each situation that the definitions distinguish."""

import dlt
import pytest
from airmeet_etl.reports.build import build_reports

from tests.reports.conftest import building, report
from tests.reports.raw import Tables, at, load_raw, rows, synced

START, END = at("2026-03-01 09:00"), at("2026-03-01 17:00")
FETCHED, EARLIER = at("2026-03-20 06:00"), at("2026-03-19 06:00")


def event(airmeet_id: str) -> dict[str, object]:
    return {
        "airmeet_id": airmeet_id,
        "name": f"Event {airmeet_id}",
        "status": "FINISHED",
        "timezone": "Asia/Kolkata",
        "start_time": START,
        "end_time": END,
    }


REGISTRATION = rows("airmeet_id", "email")
ATTENDANCE = rows("airmeet_id", "id", "email", "user_id")
BOOTH_ATTENDANCE = rows("airmeet_id", "booth_id", "id", "email", "visits")
POLL = rows("airmeet_id", "user_id", "position", "email", "question", "answer")
QUESTION = rows("airmeet_id", "user_id", "position", "email", "question", "session_id")

RAW: Tables = {
    "airmeets": [event(i) for i in ("full", "pending", "soon", "failed", "unknown", "none")],
    "registrations": REGISTRATION(
        ("full", "Ann@example.com"),
        ("full", " ann@example.com "),  # the same person, written otherwise
        ("full", "bob@example.com"),
        ("full", "cyd@example.com"),
        ("full", "dan@example.com"),
        ("full", None),  # no address: no person
        ("full", "  "),
        ("pending", "ann@example.com"),
        ("soon", "ann@example.com"),
        ("soon", "bob@example.com"),
        ("failed", "ann@example.com"),
        ("unknown", "ann@example.com"),
    ),
    "event_attendance": ATTENDANCE(
        ("full", 1, "ann@example.com", "u1"),
        ("full", 2, "ANN@example.com", "u1"),
        ("full", 3, "bob@example.com", "u2"),
        ("full", 4, "eve@example.com", "u5"),
        ("full", 5, None, "u6"),
        ("pending", 6, "ann@example.com", "u1"),  # left from an earlier load
        ("failed", 7, "ann@example.com", "u1"),
        ("unknown", 8, "ann@example.com", "u1"),
        ("none", 9, "ann@example.com", "u1"),
    ),
    "sessions": rows("airmeet_id", "session_id")(("full", "s1"), ("full", "s2"), ("failed", "s3")),
    "booth_attendance": BOOTH_ATTENDANCE(
        ("full", "b1", 1, "ann@example.com", 3),
        ("full", "b1", 2, "bob@example.com", None),  # listed: came once at least
        ("full", "b2", 3, None, 2),
    ),
    "poll_responses": POLL(
        ("full", "u1", 0, "ann@example.com", "Why?", "Because"),
        ("full", "u1", 1, "Ann@example.com", "How?", "So"),
        ("full", "u2", 0, "bob@example.com", "Why?", None),  # not answered
        ("full", "u3", 0, "cyd@example.com", "Why?", " "),
        ("full", "u5", 0, "eve@example.com", "Why?", "No"),
    ),
    "questions": QUESTION(
        ("full", "u1", 0, "ann@example.com", "When?", "s1"),
        ("full", "u1", 1, "ann@example.com", "Where?", "s1"),
        ("full", "u9", 0, None, "Who?", None),
    ),
    "feed_syncs": [
        *synced("full", FETCHED, questions="absent"),
        {
            "airmeet_id": "full",
            "feed": "questions",
            "status": "loaded",
            "requested_at": EARLIER,
            "is_final": True,
        },
        *synced("pending", FETCHED, event_attendance="pending", booth_attendance="pending"),
        *synced("soon", FETCHED, event_attendance="unavailable", poll_responses="unavailable"),
        *synced("failed", FETCHED, registrations="failed", sessions="failed", questions="failed"),
        *synced("unknown", FETCHED, is_final=False, event_attendance="absent"),
        *synced("none", FETCHED, polls="loaded"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(pipeline: dlt.Pipeline) -> dlt.Pipeline:
    load_raw(pipeline, RAW)
    with building("event_summary"):
        assert build_reports(pipeline)["event_summary"] == 6
    return pipeline


COLUMNS = (
    "airmeet_id", "registered", "attended", "attended_registered", "walk_ins", "no_shows",
    "attendance_rate", "sessions", "booth_visits", "poll_respondents", "questions_asked",
    "is_final", "data_as_of",
)  # fmt: skip


def test_counts_people_once_and_only_what_is_loaded(built: dlt.Pipeline) -> None:
    assert report(built, "event_summary", *COLUMNS) == [
        # registrations and sessions failed: who is staff is unknown, and so who attended
        ("failed", None, None, None, None, None, None, None, 0, 0, None, False, FETCHED),
        # one who came has a user id alone
        ("full", 4, 4, 2, 2, 2, 0.5, 2, 6, 2, 3, True, EARLIER),
        # nobody registered: no rate
        ("none", 0, 1, 0, 1, 0, None, 0, 0, 0, 0, True, FETCHED),
        ("pending", 1, None, None, None, None, None, 0, None, 0, 0, False, FETCHED),
        # nothing to give yet: who came is not known yet
        ("soon", 2, None, None, None, None, None, 0, 0, 0, 0, False, FETCHED),
        # attendance was never fetched
        ("unknown", 1, None, None, None, None, None, 0, 0, 0, 0, False, FETCHED),
    ]


def test_tells_which_event(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "name", "status", "start_time", "end_time")
    assert report(built, "event_summary", *columns)[1] == (
        "full", "Event full", "FINISHED", START, END,
    )  # fmt: skip


def test_columns_are_the_contracts(built: dlt.Pipeline) -> None:
    from airmeet_etl.reports.build import read_report

    assert read_report(built, "event_summary").column_names == [
        "airmeet_id", "name", "status", "start_time", "end_time", "registered", "attended",
        "attended_registered", "walk_ins", "no_shows", "attendance_rate", "sessions",
        "booth_visits", "poll_respondents", "questions_asked", "is_final", "data_as_of",
        "staff_attended", "engaged", "engagement_rate", "replay_viewers", "start_date",
        "event_name", "staff_registered", "registered_after_end", "attended_on_demand",
        "total_audience", "without_identity", "is_listed", "last_listed_at", "ends_at", "phase",
        "registration_state", "attendance_state", "engagement_state", "is_time_zone_known",
        "held_minutes", "timed_attendees", "average_minutes", "median_minutes", "total_hours",
        "stayed_share", "peak_attendees", "peak_at", "average_minutes_on_demand",
        "registered_in_person", "registered_virtual", "attended_in_person", "attended_virtual",
        "time_zone",
    ]  # fmt: skip
