"""Rows in, rows out: one airmeet for each situation in which a figure could be read two ways."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.checks import check_reports, failed_checks

from tests.reports.conftest import loaded_and_built, report
from tests.reports.raw import Row, Tables, at, rows, synced

FETCHED = at("2026-06-20 06:00")
START, END = at("2026-06-01 09:00"), at("2026-06-01 12:00")
ANN, BOB, CYD, DAN = (f"{name}@acme.example.com" for name in ("ann", "bob", "cyd", "dan"))
HAL, EVA, TOM = (f"{name}@stage.example.com" for name in ("hal", "eva", "tom"))
QUINN = "quinn@quartz.example.com"

SITUATIONS = ("staff", "nobody", "session", "replay", "late", "polls", "zone", "old date", "gaps")


def event(airmeet_id: str, **facts: Any) -> Row:
    told = {"status": "FINISHED", "timezone": "UTC", "start_time": START, "end_time": END}
    listed = {"name": f"Event {airmeet_id}", "last_listed_at": FETCHED}
    return {"airmeet_id": airmeet_id, **listed, **told, **facts}


LATER = {"start_time": at("2026-07-01 09:00"), "end_time": at("2026-07-01 12:00")}
EARLIER_RUN = at("2026-06-19 06:00")

RAW: Tables = {
    "airmeets": [
        *map(event, SITUATIONS),
        event("coming", status="CREATED", **LATER),
        event("refused", status="CREATED", **LATER),
        event("running", status="ONGOING", end_time=at("2026-07-01 12:00")),
        event("overrun", status="ONGOING"),
        event("paused", status="PAUSED"),
        event("cancelled", status="CANCELLED", **LATER),
        event("withdrawn", status="CREATED", last_listed_at=EARLIER_RUN, **LATER),
        event("archived", status="ARCHIVE", last_listed_at=EARLIER_RUN),
        event("booths failed"),
        event("awaited", end_time=at("2026-06-19 12:00")),
        event("waived", end_time=at("2026-06-19 12:00")),
        event("endless", status="CREATED", end_time=None),
        event("no sessions", status="CREATED", end_time=None),
    ],
    "sessions": rows("airmeet_id", "session_id", "name", "start_time", "duration")(
        ("staff", "s1", "One", START, 60.0),
        ("session", "s9", "Nine", START, 60.0),
        ("polls", "s1", "One", START, 60.0),
        ("polls", "s2", "Two", START, 60.0),
        ("endless", "s1", "One", at("2026-06-02 09:00"), 90.0),
    ),
    "session_people": rows("airmeet_id", "session_id", "role", "id")(
        ("staff", "s1", "host", "u-hal"),
        ("staff", "s1", "speaker", "undefined"),
    ),
    "booths": rows("airmeet_id", "booth_id")(("staff", "b1"), ("nobody", "b1")),
    "booth_exhibitors": [{"airmeet_id": "staff", "booth_id": "b1", "email": EVA}],
    "participants": rows("airmeet_id", "email", "user_type")(
        ("staff", TOM, "Team Member"),
        ("staff", ANN, "Registered User"),
    ),
    "registrations": rows("airmeet_id", "email", "registration_date")(
        *(("staff", who, at("2026-05-20 09:00")) for who in (ANN, BOB, HAL, EVA, TOM)),
        ("nobody", None, at("2026-05-20 09:00")),
        ("nobody", "odd@one@cove.example.com", at("2026-05-20 09:00")),
        ("session", ANN, at("2026-05-20 09:00")),
        ("replay", ANN, at("2026-05-20 09:00")),
        ("replay", BOB, at("2026-06-05 09:00")),
        *(("late", who, at("2026-06-02 09:00")) for who in (ANN, BOB)),
        ("late", CYD, at("2026-05-20 09:00")),
        ("polls", ANN, None),
        ("zone", ANN, at("2026-05-31 22:00")),
        ("old date", ANN, at("1970-01-01 00:00")),
        ("old date", BOB, at("2026-05-30 09:00")),
        ("gaps", ANN, at("2024-01-01 09:00")),
        ("gaps", BOB, at("2025-01-02 09:00")),  # 366 days without a registration lie between
        ("gaps", CYD, at("2026-01-05 09:00")),  # and 367 here
        *((name, ANN, at("2026-05-20 09:00")) for name in (
            "coming", "refused", "running", "overrun", "paused", "cancelled", "withdrawn",
            "archived", "booths failed", "awaited", "waived",
        )),
        ("endless", ANN, at("2026-06-02 10:29")),
        ("endless", BOB, at("2026-06-02 10:31")),
        ("no sessions", ANN, at("2026-06-02 08:59")),
        ("no sessions", BOB, at("2026-06-02 09:01")),
    ),
    "event_attendance": rows("airmeet_id", "id", "email", "user_id")(
        ("staff", 1, ANN, "u-ann"),
        ("staff", 2, HAL, "u-hal"),
        ("staff", 3, EVA, None),
        ("staff", 4, None, "undefined"),
        ("staff", 5, DAN, "undefined"),
        ("replay", 6, DAN, None),
        ("late", 7, BOB, None),
        ("polls", 8, ANN, None),
        *((name, 10 + n, ANN, None) for n, name in enumerate((
            "running", "overrun", "paused", "archived", "booths failed", "zone", "old date",
            "endless",
        ))),
    ),
    "session_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("session", "s9", 1, ANN),
        ("staff", "s1", 2, HAL),
    ),
    "replay_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("replay", "s1", 1, ANN),
        ("replay", "s1", 2, DAN),
    ),
    "booth_attendance": rows(
        "airmeet_id", "booth_id", "id", "email", "visits", "interested_in_being_contacted",
    )(
        ("nobody", "b1", 1, None, 2, True),
        ("nobody", "b1", 2, None, 1, True),
        ("staff", "b1", 3, EVA, 5, True),
        ("staff", "b1", 4, ANN, 1, True),
    ),
    "poll_responses": rows(
        "airmeet_id", "user_id", "position", "response_position", "email", "session_id", "question",
        "answer", "time_stamp",
    )(
        ("polls", "u-ann", 0, 0, ANN, "s1", "Tea?", "No", at("2026-06-01 10:00")),
        ("polls", "u-ann", 1, 1, ANN, "s1", "Tea?", "Yes", at("2026-06-01 09:30")),
        ("polls", "u-ann", 2, 2, ANN, "s2", "Tea?", "Milk", None),
        ("polls", "u-ann", 3, 2, ANN, "s2", "Tea?", "Sugar", None),
        ("polls", "u-bob", 0, 0, BOB, "s2", "Tea?", "Sugar", None),
        ("polls", "u-bob", 1, 0, BOB, "s2", "Tea?", "Milk", None),
        ("polls", "u-cyd", 0, 0, CYD, None, "Tea?", "Yes", None),
        ("polls", "u-cyd", 1, 1, CYD, None, "Tea?", "No", None),
        ("polls", None, 0, 0, None, "s1", "Tea?", "Yes", None),
    ),
    "registration_utms": rows("airmeet_id", "id", "email", "utm_source")(
        ("staff", 1, ANN, "letter"),
        ("staff", 2, HAL, "letter"),
    ),
    "questions": rows("airmeet_id", "user_id", "position", "email", "question")(
        ("nobody", "u-quinn", 0, QUINN, "Why?"),
    ),
    "feed_syncs": [
        *(row for name in (*SITUATIONS, "coming", "running", "overrun", "paused", "cancelled",
                           "withdrawn", "archived", "endless", "no sessions")
          for row in synced(name, FETCHED)),
        *synced("refused", FETCHED, event_attendance="unavailable"),
        *synced("booths failed", FETCHED, booths="failed"),
        *synced("awaited", FETCHED, event_attendance="failed"),
        *synced("waived", FETCHED, event_attendance="failed"),
        *({"airmeet_id": name, "feed": feed, "status": "loaded", "requested_at": FETCHED,
           "is_final": True}
          for name, feed in (("replay", "replay_attendance"), ("staff", "registration_utms"))),
    ],
}  # fmt: skip
for _airmeet in RAW["airmeets"]:
    if _airmeet["airmeet_id"] == "zone":
        _airmeet["timezone"] = "localtime"  # type: ignore[index]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    folder: Path = tmp_path_factory.mktemp("situations")
    waived = folder / "waived.csv"
    waived.write_text("airmeet_id,feed,reason\nwaived,event_attendance,the hall had no network\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTS__WAIVED_FEEDS", str(waived))
        yield loaded_and_built(folder, RAW)


FIGURES = (
    "registered", "staff_registered", "registered_after_end", "attended", "attended_registered",
    "no_shows", "attendance_rate",
)  # fmt: skip


def summary(pipeline: dlt.Pipeline, *columns: str) -> dict[str, Any]:
    found = report(pipeline, "event_summary", "airmeet_id", *columns)
    return {row[0]: row[1] if len(columns) == 1 else row[1:] for row in found}


def test_staff_are_in_neither_side_of_a_rate(built: dlt.Pipeline) -> None:
    found = summary(built, *FIGURES, "staff_attended")
    # Ann and Dan came; Hal is host by his user id, Eva exhibitor, Tom says so by his type.
    assert found["staff"] == (5, 3, 0, 2, 1, 1, 0.5, 2)
    funnel = report(built, "event_funnel", "airmeet_id", "stage", "people", "share_of_registered")
    assert ("staff", "registered", 2, 1.0) in funnel
    assert ("staff", "attended", 1, 0.5) in funnel
    people = {row[0]: row[1:] for row in report(
        built, "people", "person", "events_registered", "events_attended", "events_as_staff",
        "show_rate",
    )}  # fmt: skip
    assert people[HAL] == (0, 0, 1, None)
    leads = report(built, "booth_leads", "airmeet_id", "person", "is_staff")
    assert [row for row in leads if row[0] == "staff"] == [
        ("staff", ANN, False), ("staff", EVA, True),
    ]  # fmt: skip
    booths = report(built, "booth_summary", "airmeet_id", "visitors", "visits", "leads")
    assert ("staff", 1, 1, 1) in booths
    sources = report(built, "utm_attribution", "airmeet_id", "source", "registered", "attended")
    assert sources == [("staff", "(untagged)", 1, 0), ("staff", "letter", 1, 1)]


def test_who_has_no_identity_is_counted_and_stays_a_lead(built: dlt.Pipeline) -> None:
    assert summary(built, "without_identity")["nobody"] == 3
    leads = report(built, "booth_leads", "airmeet_id", "visitor", "person", "visits")
    assert [row[1:] for row in leads if row[0] == "nobody"] == [
        ("unnamed 1", None, 2), ("unnamed 2", None, 1),
    ]  # fmt: skip
    booths = report(built, "booth_summary", "airmeet_id", "visitors", "unnamed_visitors", "leads")
    assert ("nobody", 0, 2, 2) in booths


def test_strangers_are_marked_and_no_people(built: dlt.Pipeline) -> None:
    found = report(built, "attendee_event", "person", "is_stranger")
    assert (QUINN, True) in found
    assert (ANN, False) in found
    assert QUINN not in {person for (person,) in report(built, "people", "person")}
    domains = {domain for (domain,) in report(built, "accounts", "domain")}
    assert "quartz.example.com" not in domains
    assert domains == {"acme.example.com", "stage.example.com", "cove.example.com"}


@pytest.mark.parametrize(
    ("airmeet_id", "phase", "state", "figures"),
    [
        ("coming", "upcoming", "not yet", (1, 0, 0, None, None, None, None)),
        ("refused", "upcoming", "not yet", (1, 0, 0, None, None, None, None)),
        ("cancelled", "cancelled", "not yet", (1, 0, 0, None, None, None, None)),
        ("withdrawn", "withdrawn", "not yet", (1, 0, 0, None, None, None, None)),
        ("running", "ongoing", "known", (1, 0, 0, 1, 1, None, None)),
        ("overrun", "ongoing", "known", (1, 0, 0, 1, 1, None, None)),
        ("paused", "ongoing", "known", (1, 0, 0, 1, 1, None, None)),
        ("archived", "over", "known", (1, 0, 0, 1, 1, 0, 1.0)),
        ("booths failed", "over", "lost", (1, None, None, None, None, None, None)),
        ("awaited", "over", "awaited", (1, 0, 0, None, None, None, None)),
        ("waived", "over", "lost", (1, 0, 0, None, None, None, None)),
    ],
)
def test_not_yet_and_not_known_are_null(
    built: dlt.Pipeline, airmeet_id: str, phase: str, state: str, figures: tuple[Any, ...]
) -> None:
    found = summary(built, "phase", "attendance_state", *FIGURES)[airmeet_id]
    assert found == (phase, state, *figures)


def test_who_registers_after_the_end_is_counted_apart(built: dlt.Pipeline) -> None:
    # Ann registered afterwards; Bob as well, but he came; Cyd did not.
    assert summary(built, *FIGURES)["late"] == (3, 0, 1, 1, 1, 1, 0.5)


def test_an_event_without_an_end_ends_with_its_last_session(built: dlt.Pipeline) -> None:
    ends = summary(built, "ends_at", "registered_after_end")
    assert ends["endless"] == (at("2026-06-02 10:30"), 1)
    assert ends["no sessions"] == (at("2026-06-02 09:00"), 1)


def test_a_sessions_attendance_is_attendance(built: dlt.Pipeline) -> None:
    assert summary(built, "attended", "no_shows")["session"] == (1, 0)
    found = report(built, "attendee_event", "airmeet_id", "person", "attended_by")
    assert ("session", ANN, "session") in found
    assert ("staff", HAL, "both") in found
    assert ("staff", ANN, "event") in found


def test_a_replay_alone_is_on_demand(built: dlt.Pipeline) -> None:
    columns = ("attended", "attended_on_demand", "total_audience", "replay_viewers")
    assert summary(built, *columns)["replay"] == (1, 1, 2, 2)
    assert summary(built, *columns)["late"] == (1, None, None, None)
    # Bob registered after the end and watched nothing.
    assert summary(built, *FIGURES)["replay"] == (2, 0, 1, 1, 0, 1, 0.0)


def test_a_poll_is_a_question_of_a_session(built: dlt.Pipeline) -> None:
    columns = ("session_id", "answer", "respondents", "answered", "share")
    found = report(built, "poll_results", *columns)
    assert sorted(found, key=lambda row: (row[0] or "", row[1])) == [
        # The last by place where nothing tells the time.
        (None, "No", 1, 1, 1.0),
        # The last by time, whatever its place; who has no identity is in no poll.
        ("s1", "No", 1, 1, 1.0),
        # A list is one response of several answers, in any order.
        ("s2", "Milk", 2, 2, 1.0),
        ("s2", "Sugar", 2, 2, 1.0),
    ]
    assert summary(built, "poll_respondents")["polls"] == 3
    keys = [key for (key,) in report(built, "poll_results", "result_key")]
    assert None not in keys


def test_events_that_left_the_list_are_told(built: dlt.Pipeline) -> None:
    found = summary(built, "is_listed", "last_listed_at")
    assert found["withdrawn"] == (False, EARLIER_RUN)
    assert found["staff"] == (True, FETCHED)


def test_a_zone_that_the_database_does_not_know_is_utc_and_flagged(built: dlt.Pipeline) -> None:
    found = summary(built, "is_time_zone_known", "start_date")
    assert found["zone"] == (False, date(2026, 6, 1))
    assert found["staff"] == (True, date(2026, 6, 1))
    days = report(built, "registration_daily", "airmeet_id", "day")
    assert ("zone", date(2026, 5, 31)) in days


def test_a_date_that_lies_does_not_cut_the_days_short(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "day", "registrations", "cumulative_registrations")
    days = [
        row[1:] for row in report(built, "registration_daily", *columns) if row[0] == "old date"
    ]
    assert days == [
        (date(1970, 1, 1), 1, 1),
        (date(2026, 5, 30), 1, 2),
        (date(2026, 5, 31), 0, 2),
        (date(2026, 6, 1), 0, 2),
    ]


def test_more_than_366_empty_days_in_a_row_are_left_out(built: dlt.Pipeline) -> None:
    days = [
        day for airmeet_id, day in report(built, "registration_daily", "airmeet_id", "day")
        if airmeet_id == "gaps"
    ]  # fmt: skip
    assert days[:2] == [date(2024, 1, 1), date(2024, 1, 2)]
    assert days[366:370] == [
        date(2025, 1, 1), date(2025, 1, 2), date(2026, 1, 5), date(2026, 1, 6),
    ]  # fmt: skip


def test_awaited_is_null_and_lost_is_left_out(built: dlt.Pipeline) -> None:
    people = {row[0]: row[1:] for row in report(
        built, "people", "person", "events_attended", "show_rate", "events_lost",
    )}  # fmt: skip
    assert people[ANN] == (None, None, 2)
    assert people[BOB][2] == 0
    columns = ("month", "attended", "attendance_rate", "events_lost", "events", "registered")
    trend = {row[0]: row[1:] for row in report(built, "conversion_trend", *columns)}
    assert trend[date(2026, 6, 1)][:3] == (None, None, 2)
    # Those that are coming and refused; cancelled and withdrawn ones are in no month.
    assert trend[date(2026, 7, 1)] == (None, None, 0, 2, 2)
    (cohort,) = report(built, "cohort_retention", "people", "returning_people", "events_lost")
    assert cohort == (None, None, 2)


def test_reports_of_one_event_agree(built: dlt.Pipeline) -> None:
    told = summary(built, "event_name", "start_date", "status", "is_final")
    for name in (
        "attendee_event", "booth_leads", "booth_summary", "data_status", "event_funnel",
        "poll_results", "question_log", "registration_daily", "session_engagement",
    ):  # fmt: skip
        found = report(built, name, "airmeet_id", "event_name", "start_date", "status", "is_final")
        assert found, name
        for airmeet_id, *facts in found:
            assert tuple(facts) == told[airmeet_id], name


def test_checks_find_no_fault(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}
