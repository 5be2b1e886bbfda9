"""Rows in, rows out: whom follow_up tells to write to, and what it says of them."""

from collections.abc import Iterator
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.checks import check_reports, failed_checks

from tests.reports.conftest import report, reported
from tests.reports.raw import Row, Tables, at, rows, synced

FETCHED = at("2026-06-20 06:00")
START, END = at("2026-06-01 09:00"), at("2026-06-01 12:00")
SOON, LATER = at("2026-07-01 09:00"), at("2026-08-01 09:00")
BEFORE, AFTER = at("2026-05-20 09:00"), at("2026-06-05 09:00")

ANN, BOB, CYD, DAN = (f"{name}@acme.example.com" for name in ("ann", "bob", "cyd", "dan"))
EVE, FAY, GUS, HAL = (f"{name}@birch.example.com" for name in ("eve", "fay", "gus", "hal"))
IDA, JON, KIM, LEA = (f"{name}@cove.example.com" for name in ("ida", "jon", "kim", "lea"))
ODD = "user:odd@cove.example.com"
MANY = 1_000
"""Questions of one person."""

PAST = ("status", "texts", "awaited", "no list", "no staff", "no traces")
COMING = ("b coming", "a coming", "later", "refused", "cancelled", "withdrawn", "no start")


def event(airmeet_id: str, **facts: Any) -> Row:
    told = {"status": "FINISHED", "timezone": "UTC", "start_time": START, "end_time": END}
    return {
        "airmeet_id": airmeet_id,
        "name": f"Event {airmeet_id}",
        "last_listed_at": FETCHED,
        **told,
        **facts,
    }


def coming(airmeet_id: str, start: Any = SOON, **facts: Any) -> Row:
    told = {"status": "CREATED", "start_time": start, "end_time": None}
    return event(airmeet_id, **{**told, **facts})


RAW: Tables = {
    "airmeets": [
        *map(event, PAST),
        event("running", status="ONGOING", end_time=LATER),
        coming("b coming"),
        coming("a coming"),
        coming("later", LATER),
        coming("refused", LATER),
        coming("cancelled", at("2026-06-25 09:00"), status="CANCELLED"),
        coming("withdrawn", at("2026-06-25 09:00"), last_listed_at=at("2026-06-19 06:00")),
        coming("no start", None),
    ],
    "sessions": rows("airmeet_id", "session_id", "name", "start_time")(
        ("texts", "s1", "Wrap-up; thanks", END),
        ("texts", "s2", "Opening", START),
        ("texts", "s3", "Extra", None),
        ("texts", "s4", "Also extra", None),
        ("texts", "s5", None, START),
        ("texts", "s6", "", START),
        ("texts", "s7", "Beta", START),
        ("no traces", "s1", "One", START),
    ),
    "booths": rows("airmeet_id", "booth_id", "name")(
        ("texts", "b1", "Zeta; Sons"),
        ("texts", "b2", "Alpha"),
        ("texts", "b3", None),
        ("texts", "b4", "Alpha"),
        ("no traces", "b1", "Booth"),
    ),
    "session_people": rows("airmeet_id", "session_id", "role", "id", "email")(
        ("status", None, "host", None, HAL),
    ),
    "registrations": rows(
        "airmeet_id", "email", "name", "organisation", "designation", "city", "country",
        "registration_date",
    )(
        *(("status", who, None, None, None, None, None, BEFORE)
          for who in (ANN, BOB, CYD, HAL, IDA, JON, KIM)),
        *(("status", who, None, None, None, None, None, AFTER) for who in (EVE, GUS)),
        ("texts", ANN, "Ann", "Acme", "CTO", "Oslo", "Norway", BEFORE),
        ("texts", BOB, None, "", None, "", None, BEFORE),
        *((name, ANN, None, None, None, None, None, BEFORE)
          for name in ("awaited", "no staff", "no traces", "running", *COMING)),
        ("running", BOB, None, None, None, None, None, BEFORE),
        ("running", CYD, None, None, None, None, None, BEFORE),
        ("later", BOB, None, None, None, None, None, BEFORE),
        ("refused", BOB, None, None, None, None, None, BEFORE),
        ("cancelled", CYD, None, None, None, None, None, BEFORE),
        ("withdrawn", CYD, None, None, None, None, None, BEFORE),
        ("no start", EVE, None, None, None, None, None, BEFORE),
        ("b coming", HAL, None, None, None, None, None, BEFORE),
    ),
    "participants": rows(
        "airmeet_id", "email", "name", "organisation", "designation", "city", "country",
    )(
        ("texts", ANN, "Ann Lee", "Other", "CEO", "Bergen", "Sweden"),
        ("texts", BOB, "Bob", "Birch", "Chef", "Rome", "Italy"),
        ("texts", DAN, "Dan", "Fir", None, "Bonn", ""),
    ),
    "event_attendance": [
        *rows("airmeet_id", "id", "email", "time_stamp", "time_spent")(
            ("status", 20, IDA, START, 60 * 60_000),
            ("status", 21, JON, at("2026-06-01 10:00"), 120 * 60_000),
            ("status", 22, KIM, at("2026-06-01 10:00"), 60 * 60_000),
            ("status", 23, LEA, START, 60 * 60_000),
            ("running", 24, BOB, START, 60 * 60_000),
        ),
        *rows("airmeet_id", "id", "email", "user_id", "name")(
            *(("status", n, who, None, None) for n, who in enumerate((ANN, DAN, HAL, EVE))),
            ("texts", 5, ANN, "u-ann", "Ann"),
            ("texts", 6, DAN, "u-dan", "Dan"),
            ("texts", 7, None, "u-x", None),
            ("texts", 8, ODD, None, None),
            ("awaited", 9, ANN, None, None),
            ("no list", 10, ANN, None, None),
            ("no staff", 11, ANN, None, None),
            ("running", 12, ANN, None, None),
            ("no traces", 13, ANN, None, None),
        ),
    ],
    "session_attendance": rows("airmeet_id", "session_id", "id", "email", "user_id")(
        *(("texts", f"s{n}", n, ANN, None) for n in range(1, 8)),
        ("texts", "s1", 10, ANN, None),
        ("texts", "gone", 11, ANN, None),
        ("texts", "s2", 12, None, "u-x"),
        ("no traces", "s1", 13, ANN, None),
    ),
    "replay_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("status", "s1", 1, CYD),
        ("status", "s1", 2, FAY),
        ("status", "s1", 3, ANN),
    ),
    "booth_attendance": rows(
        "airmeet_id", "booth_id", "id", "email", "interested_in_being_contacted",
    )(
        ("texts", "b1", 1, ANN, False),
        ("texts", "b1", 2, ANN, True),
        ("texts", "b2", 3, ANN, None),
        ("texts", "b3", 4, ANN, True),
        ("texts", "b4", 5, ANN, True),
        ("texts", "b3", 6, BOB, True),
        ("no traces", "b1", 7, ANN, True),
    ),
    "poll_responses": rows(
        "airmeet_id", "user_id", "position", "response_position", "email", "session_id", "question",
        "answer", "time_stamp",
    )(
        ("texts", "u-ann", 0, 0, ANN, None, "Tea?", "Yes", at("2026-06-01 10:00")),
        ("texts", "u-ann", 1, 1, ANN, None, "Tea?", "No", at("2026-06-01 09:30")),
        ("texts", "u-ann", 2, 2, ANN, "s2", "Tea?", "Later: at 5; or 6", None),
        ("texts", "u-ann", 3, 3, ANN, None, "Add; what?", "Sugar", None),
        ("texts", "u-ann", 4, 3, ANN, None, "Add; what?", "Milk", None),
        ("texts", "u-ann", 5, 5, ANN, None, "Cake?", None, None),
        ("texts", "u-ann", 6, 6, ANN, None, "Milk?", "Oat", None),
        ("texts", "u-ann", 7, 7, ANN, None, "Milk?", None, None),
        ("texts", "u-bob", 0, 0, BOB, None, "Cake?", None, None),
        ("texts", "u-x", 0, 0, None, None, "Cake?", "Yes", None),
        ("no traces", "u-ann", 0, 0, ANN, None, "Tea?", "Yes", None),
    ),
    "questions": [
        *rows("airmeet_id", "user_id", "position", "email", "question", "time_stamp")(
            ("texts", "u-ann", 0, ANN, "Last?", None),
            ("texts", "u-ann", 1, ANN, "Second; or not?", at("2026-06-01 10:00")),
            ("texts", "u-ann", 2, ANN, None, at("2026-06-01 09:30")),
            ("texts", "u-ann2", 0, ANN, "First?", at("2026-06-01 09:00")),
            ("status", "u-zoe", 0, "zoe@acme.example.com", "Why?", None),
            ("no traces", "u-ann", 0, ANN, "Why?", None),
        ),
        *(
            {"airmeet_id": "texts", "user_id": "u-x", "position": n, "question": f"Why {n}?"}
            for n in range(MANY)
        ),
    ],
    "custom_fields": rows("airmeet_id", "field_id", "label")(
        ("texts", "f1", "Role"),
        ("texts", "f2", "Diet"),
        ("texts", "f8", ""),  # an empty text says nothing
    ),
    "custom_field_options": rows("airmeet_id", "field_id", "code", "display_value")(
        ("texts", "f1", "dev", "Developer; maker"),
        ("texts", "f1", "coder", "Developer; maker"),
        ("texts", "f8", "yes", ""),
    ),
    "participant_answers": rows("airmeet_id", "email", "field_id", "value")(
        ("texts", ANN, "f1", "ops"),
        ("texts", ANN, "f1", "dev"),
        ("texts", ANN, "f1", "coder"),
        ("texts", ANN, "f2", "Vegan"),
        ("texts", ANN, "f8", "yes"),
        ("texts", ANN, "f9", "gone"),
        ("texts", BOB, "f2", ""),
    ),
    "registration_utms": rows(
        "airmeet_id", "id", "email", "utm_source", "utm_medium", "utm_campaign",
    )(
        ("texts", 1, ANN, "Old", "old", "old"),
        ("texts", 2, ANN, " News ", "", "Spring"),
        ("texts", 3, ANN, "", None, " "),
        ("status", 4, ANN, "news", "mail", "spring"),
    ),
    "feed_syncs": [
        *(row for name in ("status", "running", *COMING)
          if name not in ("refused", "later") for row in synced(name, FETCHED)),
        # Not settled: somebody attended a session that is not in the list yet.
        *synced("texts", FETCHED, is_final=False),
        *synced("later", FETCHED, registrations="failed"),
        *synced("refused", FETCHED, event_attendance="unavailable"),
        *synced("awaited", FETCHED, event_attendance="pending"),
        *synced("no list", FETCHED, registrations="failed"),
        *synced("no staff", FETCHED, booths="failed"),
        *synced("no traces", FETCHED, session_attendance="failed", poll_responses="failed",
                questions="failed", booth_attendance="failed"),
        *({"airmeet_id": name, "feed": feed, "status": "loaded", "requested_at": FETCHED,
           "is_final": True}
          for name, feed in (("status", "replay_attendance"), ("texts", "registration_utms"))),
        {"airmeet_id": "status", "feed": "registration_utms", "status": "failed",
         "requested_at": FETCHED, "is_final": False},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    yield reported(tmp_path_factory.mktemp("follow_up"), RAW)


def said(pipeline: dlt.Pipeline, airmeet_id: str, *columns: str) -> dict[str, Any]:
    """These columns of an airmeet's people, by person."""
    found = report(pipeline, "follow_up", "airmeet_id", "person", *columns)
    return {
        person: rest[0] if len(columns) == 1 else tuple(rest)
        for airmeet, person, *rest in found
        if airmeet == airmeet_id
    }


def test_each_has_the_first_status_that_fits(built: dlt.Pipeline) -> None:
    assert said(built, "status", "person_status") == {
        ANN: "attended",  # and watched a replay
        BOB: "no_show",
        CYD: "on_demand",
        DAN: "walk_in",
        EVE: "attended",  # registered after the end, but was there
        FAY: "on_demand",  # and did not register
        GUS: "registered",  # after the end
        HAL: "staff",
        IDA: "left_early",
        JON: "attended_late",
        KIM: "left_early",  # and came late
        LEA: "walk_in",  # and left early
    }  # Zoe asked a question alone: a stranger


@pytest.mark.parametrize(
    ("airmeet_id", "status"),
    [
        ("awaited", "registered"),
        ("no list", "attended"),
        ("no staff", "registered"),
        ("running", "attended"),
        ("a coming", "registered"),
        ("refused", "registered"),
        ("cancelled", "registered"),
        ("withdrawn", "registered"),
    ],
)
def test_what_is_not_known_is_not_said(built: dlt.Pipeline, airmeet_id: str, status: str) -> None:
    assert said(built, airmeet_id, "person_status")[ANN] == status


def test_nobody_is_a_no_show_before_the_end(built: dlt.Pipeline) -> None:
    found = said(built, "running", "person_status")
    assert found == {ANN: "attended", BOB: "attended", CYD: "registered"}


def test_no_shows_are_those_of_the_summary(built: dlt.Pipeline) -> None:
    summaries = dict(report(built, "event_summary", "airmeet_id", "no_shows"))
    # Cyd did not come either, but watched a replay.
    assert summaries["status"] == 2
    assert list(said(built, "texts", "person_status").values()).count("no_show") == 1
    assert summaries["texts"] == 1


def test_times_are_those_of_attendee_event(built: dlt.Pipeline) -> None:
    columns = ("registered_at", "joined_at", "left_at", "minutes_attended", "minutes_on_demand")
    found = said(built, "status", *columns)
    assert found[IDA] == (BEFORE, START, at("2026-06-01 10:00"), 60, 0)
    assert found[ANN] == (BEFORE, None, None, None, None)
    assert said(built, "status", "share_attended")[IDA] == pytest.approx(1 / 3)


def test_contacts_are_those_of_the_registration_else_the_participants(built: dlt.Pipeline) -> None:
    columns = ("email", "name", "organisation", "designation", "city", "country", "domain")
    assert said(built, "texts", *columns) == {
        ANN: (ANN, "Ann", "Acme", "CTO", "Oslo", "Norway", "acme.example.com"),
        BOB: (BOB, None, "Birch", "Chef", "Rome", "Italy", "acme.example.com"),
        DAN: (DAN, "Dan", "Fir", None, "Bonn", None, "acme.example.com"),
        "user:u-x": (None, None, None, None, None, None, None),
        ODD: (ODD, None, None, None, None, None, "cove.example.com"),
    }


def test_sessions_are_in_their_order(built: dlt.Pipeline) -> None:
    found = said(built, "texts", "sessions_attended", "sessions")
    assert found[ANN] == (8, "Beta; Opening; Wrap-up, thanks; Also extra; Extra")
    assert found["user:u-x"] == (1, "Opening")
    assert found[DAN] == (0, None)


def test_the_answers_that_count_are_told(built: dlt.Pipeline) -> None:
    found = said(built, "texts", "polls_answered", "poll_answers")
    assert found[ANN] == (
        4,
        "Add, what?: Milk, Sugar; Milk?: Oat; Tea?: Yes; Tea?: Later: at 5, or 6",
    )
    assert found[BOB] == (0, None)
    assert found["user:u-x"] == (1, "Cake?: Yes")


def test_questions_are_in_the_order_of_time(built: dlt.Pipeline) -> None:
    found = said(built, "texts", "questions_asked", "questions")
    assert found[ANN] == (4, "First?; Second, or not?; Last?")
    assert found[BOB] == (0, None)
    assert found["user:u-x"] == (MANY, "; ".join(f"Why {n}?" for n in range(MANY)))


def test_booths_and_who_wants_contact(built: dlt.Pipeline) -> None:
    columns = ("booths_visited", "booths", "wants_contact", "wants_contact_at")
    found = said(built, "texts", *columns)
    assert found[ANN] == (4, "Alpha; Alpha; Zeta, Sons", True, "Alpha; Zeta, Sons")
    assert found[BOB] == (1, None, True, None)
    assert found[DAN] == (0, None, False, None)


def test_what_is_not_loaded_is_null(built: dlt.Pipeline) -> None:
    columns = (
        "sessions_attended", "sessions", "polls_answered", "poll_answers", "questions_asked",
        "questions", "booths_visited", "booths", "wants_contact", "wants_contact_at",
    )  # fmt: skip
    assert said(built, "no traces", *columns)[ANN] == (None,) * len(columns)


def test_the_last_tagged_link_counts(built: dlt.Pipeline) -> None:
    columns = ("utm_source", "utm_medium", "utm_campaign")
    assert said(built, "texts", *columns)[ANN] == ("news", None, "spring")
    assert said(built, "texts", *columns)[BOB] == (None, None, None)
    # Their tags are not loaded.
    assert said(built, "status", *columns)[ANN] == (None, None, None)


def test_answers_of_the_form_are_told_by_field(built: dlt.Pipeline) -> None:
    found = said(built, "texts", "custom_answers")
    assert found[ANN] == "Diet: Vegan; Role: Developer, maker, ops; f8: yes; f9: gone"
    assert found[BOB] is None


def test_the_next_event_is_the_earliest_to_come(built: dlt.Pipeline) -> None:
    columns = ("next_airmeet_id", "next_event_name", "next_event_start")
    found = said(built, "status", *columns)
    assert found[ANN] == ("a coming", "Event a coming", SOON)
    assert found[HAL] == ("b coming", "Event b coming", SOON)
    # The registrations of the one to come before it are not known.
    assert found[BOB] == ("refused", "Event refused", LATER)
    # Cancelled and withdrawn events do not come.
    assert found[CYD] == (None, None, None)
    assert found[EVE] == ("no start", "Event no start", None)
    # An event to come may be its own next.
    assert said(built, "a coming", *columns)[ANN][0] == "a coming"
    assert said(built, "b coming", *columns)[ANN][0] == "a coming"


def test_checks_find_no_fault(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}
