"""Rows in, rows out: where two definitions would agree but for one case, that case.

asia    India; people without an address answer polls; a session that is not over; four booths
old     ninety-two days before the last fetch, where asia is seventy-five
broken  all but attendance failed; rows of an earlier load are left
list    the list of booths is pending, all else is loaded
undated has no times; nor have those below, which thereby are in no month
staffed has staff whom sessions name by user id, and participants who are staff by their type
talk    one who came answers a poll, another asks
dark_1  session attendance is pending; dark_2 polls; dark_3 booths' attendance
partial only two feeds were ever asked for
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.seeds import seeds

from tests.reports.conftest import building, new_pipeline, report, reported
from tests.reports.raw import FEEDS, Tables, at, load_raw, rows, synced

FETCHED = at("2026-06-20 06:00")
ANN, BOB, OLI = "ann@acme.example.com", "bob@acme.example.com", "oli@acme.example.com"
BEA, CYD, DAN = "bea@mail.example.com", "cyd@cove.example.com", "dan@dock.example.com"
EVE, PAM = "eve@elm.example.com", "pam@pine.example.com"
STAFF_TYPES = ("Host", "Cohost", "Co-Host", "Speaker", "Exhibitor")
COMPLETE = ("asia", "old", "undated", "staffed", "talk")

RAW: Tables = {
    "airmeets": rows("airmeet_id", "status", "timezone", "start_time", "end_time")(
        ("asia", "FINISHED", "Asia/Kolkata", at("2026-04-06 04:00"), at("2026-04-06 20:00")),
        ("old", "FINISHED", "UTC", at("2026-03-20 09:00"), at("2026-03-20 12:00")),
        ("broken", "FINISHED", "UTC", at("2026-04-20 09:00"), at("2026-04-20 12:00")),
        ("list", "FINISHED", "UTC", at("2026-05-10 09:00"), at("2026-05-10 12:00")),
        *((name, "FINISHED", "UTC", None, None) for name in ("undated", "staffed", "talk")),
        *((name, "FINISHED", "UTC", None, None) for name in ("dark_1", "dark_2", "dark_3")),
        ("partial", "FINISHED", "UTC", None, None),
    ),
    "registrations": rows("airmeet_id", "email", "name", "organisation", "registration_date")(
        # Midnight in India is at half past six in the evening.
        ("asia", ANN, "Ann Abe", "Abe Ltd", at("2026-04-05 18:20")),
        ("asia", "ANN@acme.example.com", "Ann Abe", "Abe Ltd", at("2026-04-05 20:00")),
        ("asia", BOB, "Bob", None, at("2026-04-05 18:40")),
        ("asia", BEA, "Bea Registered", None, at("2026-04-05 18:50")),
        ("asia", DAN, "Dan", None, None),
        ("old", ANN, "Ann Zed", "Zed Ltd", at("2026-03-01 10:00")),
        ("old", OLI, "Oli", None, at("2026-03-01 10:00")),
        ("undated", CYD, "Cyd", "Cove & Co", None),
        ("talk", "poll@talk.example.com", None, None, None),
        ("talk", "asks@talk.example.com", None, None, None),
        ("broken", DAN, "Dan", None, None),
    ),
    "participants": rows("airmeet_id", "email", "user_type")(
        *(("staffed", f"{kind.lower()}@type.example.com", kind) for kind in STAFF_TYPES),
        ("staffed", "guest@type.example.com", "Registered User"),
    ),
    "event_attendance": rows("airmeet_id", "id", "email", "user_id")(
        ("asia", 1, ANN, "u-ann"),
        ("asia", 2, BOB, "u-bob"),
        ("asia", 3, PAM, "u-pam"),
        ("asia", 4, BEA, "u-bea"),
        ("broken", 5, DAN, "u-dan"),
        ("list", 6, EVE, "u-eve"),
        ("staffed", 7, "cohost@session.example.com", "u-cohost"),
        ("staffed", 8, "speaker@session.example.com", "u-speaker"),
        *(
            ("staffed", 9 + n, f"{kind.lower()}@type.example.com", None)
            for n, kind in enumerate((*STAFF_TYPES, "guest"))
        ),
        ("talk", 20, "poll@talk.example.com", None),
        ("talk", 21, "asks@talk.example.com", None),
    ),
    "sessions": rows("airmeet_id", "session_id", "status")(
        ("asia", "a1", "ONGOING"),
        ("list", "l1", "FINISHED"),
        ("broken", "x1", "FINISHED"),
        ("staffed", "s1", "FINISHED"),
    ),
    "session_people": rows("airmeet_id", "session_id", "role", "id")(
        ("staffed", "s1", "cohost", "u-cohost"),
        ("staffed", "s1", "speaker", "u-speaker"),
    ),
    "session_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("asia", "a1", 1, ANN),
        ("broken", "x1", 2, DAN),
        ("list", "l1", 3, EVE),
        ("talk", "t1", 4, "poll@talk.example.com"),
        ("talk", "t1", 5, "asks@talk.example.com"),
    ),
    "booths": rows("airmeet_id", "booth_id")(
        *(("asia", f"b{n}") for n in (1, 2, 3, 4)),
        ("broken", "x1"),
    ),
    "booth_attendance": rows("airmeet_id", "booth_id", "id", "email", "name", "visits")(
        ("asia", "b1", 1, BEA, "Bea at the booth", 1),
        *(("asia", f"b{n}", n, BEA, None, 1) for n in (2, 3, 4)),
        ("broken", "x1", 5, DAN, "Dan", 1),
    ),
    "poll_responses": rows(
        "airmeet_id", "user_id", "position", "email", "question", "answer", "time_stamp",
    )(
        ("asia", "u-1", 0, None, "Tea?", "Yes", at("2026-04-06 05:00")),
        ("asia", "u-1", 1, None, "Tea?", "No", None),  # one that is dated goes before
        ("asia", "u-2", 0, None, "Tea?", "Yes", None),
        ("asia", "u-2", 1, None, "Tea?", "No", None),
        ("asia", "u-pam", 0, PAM, "Tea?", "No", None),
        ("broken", "u-dan", 0, DAN, "Tea?", "Yes", None),
        ("talk", "u-poll", 0, "poll@talk.example.com", "Tea?", "Yes", None),
    ),
    "questions": rows("airmeet_id", "user_id", "position", "email", "question", "session_id")(
        ("broken", "u-dan", 0, DAN, "Why?", "x1"),
        ("talk", "u-asks", 0, "asks@talk.example.com", "Why?", None),
    ),
    "registration_utms": rows("airmeet_id", "id", "email", "utm_source")(
        ("asia", 1, ANN, "Mail"),
        ("asia", 2, ANN, "Web"),  # the last one counts
    ),
    "feed_syncs": [
        *(row for name in COMPLETE for row in synced(name, FETCHED)),
        {"airmeet_id": "asia", "feed": "registration_utms", "status": "loaded",
         "requested_at": FETCHED, "is_final": True},
        *synced("dark_1", FETCHED, session_attendance="pending"),
        *synced("dark_2", FETCHED, poll_responses="pending"),
        *synced("dark_3", FETCHED, booth_attendance="pending"),
        *rows("airmeet_id", "feed", "status", "rows", "expected_rows", "requested_at", "loaded_at",
              "is_final")(
            ("partial", "sessions", "loaded", 0, 0, FETCHED, at("2026-06-20 06:01"), True),
            ("partial", "registrations", "loaded", 7, 9, FETCHED, at("2026-06-20 06:02"), True),
        ),
        *synced(
            "broken", FETCHED, registrations="failed", session_attendance="failed",
            poll_responses="failed", booth_attendance="failed", questions="failed",
        ),
        *synced("list", FETCHED, booths="pending"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    folder: Path = tmp_path_factory.mktemp("edges")
    yield reported(folder, RAW, free_mail_domains="domain\nmail.example.com\n")


def test_people_without_an_address_answer_polls_by_user_id(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "question", "answer", "respondents", "share", "participation")
    assert report(built, "poll_results", *columns) == [
        ("asia", "Tea?", "No", 2, 2 / 3, 0.75),
        ("asia", "Tea?", "Yes", 1, 1 / 3, 0.75),
        ("broken", "Tea?", "Yes", None, None, None),
        ("talk", "Tea?", "Yes", 1, 1.0, 0.5),
    ]


def test_a_lead_is_named_as_at_the_booth_else_as_registered(built: dlt.Pipeline) -> None:
    columns = ("booth_id", "person", "name", "is_free_mail")
    assert report(built, "booth_leads", *columns) == [
        ("b1", BEA, "Bea at the booth", True),
        ("b2", BEA, "Bea Registered", True),
        ("b3", BEA, "Bea Registered", True),
        ("b4", BEA, "Bea Registered", True),
        ("x1", DAN, "Dan", False),
    ]


def test_a_booth_is_unknown_while_its_visitors_are(built: dlt.Pipeline) -> None:
    columns = ("booth_id", "visitors", "visits", "leads", "share_of_attended", "is_final")
    assert report(built, "booth_summary", *columns)[3:] == [
        ("b4", 1, 1, 0, 0.25, True),
        ("x1", None, None, None, None, False),
    ]


def test_days_begin_and_end_in_the_airmeets_time_zone(built: dlt.Pipeline) -> None:
    daily = report(built, "registration_daily")
    assert [row[1:6] for row in daily if row[0] == "asia"] == [
        (date(2026, 4, 5), 1, 1, 1, 0.25),
        (date(2026, 4, 6), 2, 3, 0, 0.75),
        (date(2026, 4, 7), 0, 3, -1, 0.75),  # the end, past midnight there
    ]


def test_what_is_lost_is_left_out_and_said(built: dlt.Pipeline) -> None:
    columns = (
        "month", "events", "registered", "attended", "attendance_rate", "engagement_rate",
        "events_known", "events_lost",
    )  # fmt: skip
    assert report(built, "conversion_trend", *columns) == [
        (date(2026, 3, 1), 1, 2, 0, 0.0, None, 1, 0),
        (date(2026, 4, 1), 2, 4, 4, 3 / 4, 3 / 4, 1, 1),  # broken
        (date(2026, 5, 1), 1, 0, None, None, None, 0, 1),  # list
    ]


@pytest.mark.slow
def test_rates_are_over_events_that_have_had_their_attendance(tmp_path: Path) -> None:
    """The event to come was held once before: it has nothing to give now, and rows of then, which
    count nowhere."""
    pipeline = new_pipeline(tmp_path)
    by_person = rows("airmeet_id", "id", "email")
    load_raw(
        pipeline,
        {
            "airmeets": rows("airmeet_id", "status", "timezone", "start_time", "end_time")(
                ("held", "FINISHED", "UTC", at("2026-04-06 09:00"), at("2026-04-06 12:00")),
                ("to come", "CREATED", "UTC", at("2026-04-20 09:00"), at("2026-04-20 12:00")),
            ),
            "registrations": rows("airmeet_id", "email")(
                ("held", ANN), ("held", BOB), ("to come", BEA), ("to come", CYD), ("to come", DAN)
            ),
            "event_attendance": by_person(("held", 1, ANN), ("held", 2, PAM), ("to come", 3, BEA)),
            "session_attendance": rows("airmeet_id", "session_id", "id", "email")(
                ("held", "s1", 1, PAM), ("to come", "s2", 2, BEA)
            ),
            "feed_syncs": [
                *synced("held", FETCHED),
                *synced("to come", FETCHED, event_attendance="unavailable"),
            ],
        },
    )
    with building("conversion_trend"):
        build_reports(pipeline)
    columns = ("events", "registered", "attended", "attendance_rate", "engagement_rate")
    assert report(pipeline, "conversion_trend", *columns) == [(2, 5, 2, 1 / 2, 1 / 2)]


def test_ninety_days_are_counted_back_from_the_last_fetch(built: dlt.Pipeline) -> None:
    columns = ("domain", "people", "people_last_90_days", "attendees_last_90_days")
    assert report(built, "accounts", *columns)[0] == ("acme.example.com", 3, 2, 2)


def test_people_are_named_as_last_seen(built: dlt.Pipeline) -> None:
    columns = ("person", "name", "organisation", "events_registered", "events_attended")
    people = {row[0]: row[1:] for row in report(built, "people", *columns)}
    assert people[ANN] == ("Ann Abe", "Abe Ltd", 2, 1)
    assert people[CYD] == ("Cyd", "Cove & Co", 1, 0)  # of an airmeet without a time
    assert people[DAN] == ("Dan", None, 1, 0)  # registrations and staff of the other are lost


def test_scores_are_over_what_was_offered_up_to_the_caps(built: dlt.Pipeline) -> None:
    columns = (
        "airmeet_id", "person", "sessions_attended", "polls_answered", "booths_visited",
        "engaged", "session_score", "poll_score", "booth_score", "score",
    )  # fmt: skip
    came = ("attended",)
    found = [
        row
        for row, (attended,) in zip(
            report(built, "attendee_event", *columns),
            report(built, "attendee_event", *came),
            strict=True,
        )
        if attended and row[0] in ("asia", "broken", "list")  # who is staff at these is unknown
    ]
    assert found == [
        # A session that was attended was held, whatever its status; nobody asked a question.
        ("asia", ANN, 1, 0, 0, 1, 1.0, 0.0, 0.0, pytest.approx(100 * 50 / 85)),
        ("asia", BEA, 0, 0, 4, 1, 0.0, 0.0, 1.0, pytest.approx(100 * 15 / 85)),
        ("asia", BOB, 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0),
        ("asia", PAM, 0, 1, 0, 1, 0.0, 1.0, 0.0, pytest.approx(100 * 20 / 85)),
    ]


def test_registering_twice_counts_from_the_first_time(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "person", "registered_at")
    assert ("asia", ANN, at("2026-04-05 18:20")) in report(built, "attendee_event", *columns)


def test_staff_are_known_by_user_id_and_by_type(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "attended", "staff_attended")
    assert ("staffed", 1, 7) in report(built, "event_summary", *columns)


def test_a_poll_or_a_question_is_interaction_and_what_is_unknown_ends_the_funnel(
    built: dlt.Pipeline,
) -> None:
    people: dict[str, list[int | None]] = {}
    for airmeet_id, number, count in sorted(
        report(built, "event_funnel", "airmeet_id", "stage_number", "people")
    ):
        people.setdefault(airmeet_id, []).append(count)
        assert len(people[airmeet_id]) == number
    assert people["talk"] == [2, 2, 2, 2, 0]
    assert people["broken"] == [None] * 5
    assert people["dark_1"] == [0, None, None, None, None]
    assert people["dark_2"] == [0, 0, 0, None, None]
    assert people["dark_3"] == [0, 0, 0, 0, None]


def test_what_failed_feeds_left_behind_counts_nowhere(built: dlt.Pipeline) -> None:
    sessions = report(built, "session_engagement", "session_id", "attendees", "questions")
    assert ("x1", None, None) in sessions
    people = report(built, "attendee_event", "airmeet_id", "registered", "questions_asked")
    assert ("broken", None, None) in people


def test_status_tells_what_is_there_and_what_was_never_asked_for(built: dlt.Pipeline) -> None:
    columns = (
        "airmeet_id", "feeds_loaded", "feeds_missing", "is_final", "last_loaded_at",
        "registrations_rows", "registrations_expected_rows",
    )  # fmt: skip
    missing = len(FEEDS) - 2
    assert ("partial", 2, missing, False, at("2026-06-20 06:02"), 7, 9) in report(
        built, "data_status", *columns
    )


def test_the_last_tag_of_a_person_counts(built: dlt.Pipeline) -> None:
    columns = ("airmeet_id", "source", "registered", "attended")
    assert report(built, "utm_attribution", *columns) == [
        ("asia", "(untagged)", 3, 2),
        ("asia", "web", 1, 1),
    ]


@pytest.mark.slow
def test_weights_of_ones_own_take_the_place_of_the_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights.csv"
    weights.write_text(
        "score_version,component,weight,cap\n"
        "mine,sessions,0,3\nmine,polls,30,\nmine,questions,15,2\nmine,booths,10,8\n"
    )
    pipeline = new_pipeline(tmp_path)
    load_raw(pipeline, RAW)
    monkeypatch.setenv("REPORTS__SCORE_WEIGHTS", str(weights))
    with building("attendee_event"):
        build_reports(pipeline)
    columns = ("person", "booth_score", "score", "score_version")
    found = report(pipeline, "attendee_event", *columns)
    assert (BEA, 0.5, pytest.approx(100 * 5 / 40), "mine") in found
    assert (PAM, 0.0, pytest.approx(100 * 30 / 40), "mine") in found


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("1,booths,15,", "the cap of booths must be more than 0"),
        ("1,booths,-1,3", "the weight of booths must be 0 or more"),
        ("2,booths,15,3", "must give all rows the same score_version"),
        ("1,polls,15,3", "must have one row each for booths, polls, questions, sessions"),
    ],
)
def test_weights_that_cannot_be_used_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, fault: str
) -> None:
    weights = tmp_path / "weights.csv"
    head = "score_version,component,weight,cap\n1,sessions,50,3\n1,polls,20,\n1,questions,15,2\n"
    weights.write_text(f"{head}{row}\n")
    monkeypatch.setenv("REPORTS__SCORE_WEIGHTS", str(weights))
    with pytest.raises(ValueError, match=fault):
        build_reports(new_pipeline(tmp_path))


def test_a_file_of_ones_own_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes("domain\nmüll.example.com\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"mine\.csv is no UTF-8 \(byte 8\); save it as UTF-8"):
        seeds({}, {"free_mail_domains": str(file)}, 7)


@pytest.mark.slow
def test_numbers_that_cannot_be_true_end_no_report(tmp_path: Path) -> None:
    """Sums over them would be beyond any column."""
    pipeline = new_pipeline(tmp_path)
    most = 2**63 - 1
    visits = [most, most, most, -most, 3]
    load_raw(
        pipeline,
        {
            "airmeets": [{"airmeet_id": "a", "start_time": at("2026-03-01 09:00")}],
            "sessions": [{"airmeet_id": "a", "session_id": "s", "duration": 1.7e308}] * 2,
            "booths": [{"airmeet_id": "a", "booth_id": "b"}],
            "booth_attendance": [
                {
                    "airmeet_id": "a",
                    "booth_id": "b",
                    "id": n,
                    "visits": v,
                    "email": f"{n}@example.com",
                }
                for n, v in enumerate(visits)
            ],
            "event_attendance": [{"airmeet_id": "a", "id": most, "email": "0@example.com"}],
            "questions": [
                {"airmeet_id": "a", "user_id": "u", "position": n, "upvote_count": most}
                for n in range(3)
            ],
            "feed_syncs": synced("a", at("2026-03-20 06:00")),
        },
    )
    build_reports(pipeline)
    assert report(pipeline, "booth_summary", "visits") == [(7,)]
