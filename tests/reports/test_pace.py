"""Registration pace: past airmeets whose shares are known by heart, and those to come."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.checks import check_reports, failed_checks

from tests.reports.conftest import report, reported
from tests.reports.raw import Row, Tables, at, synced

FETCHED = at("2026-06-20 20:00")  # the 21st in India
START = at("2026-06-30 09:00")
EARLY = at("2026-05-20 09:00")
HOST = "host@stage.example.com"

PAST = {2: 8, 3: 2, 4: 6, 5: 8, 6: 10, 8: 5, 9: 1}
"""Past airmeets: of the ten who registered in each, how many had until three weeks before the
start, and how many came. In the first, ten more registered without a date."""

NO_PAST = ("cancelled", "withdrawn", "awaited", "startless", "running")
"""Airmeets with five registrations in time, which are no past ones."""

COMING = ("coming", "india", "crowd", "someday", "nobody", "far", "stale")


def event(airmeet_id: str, start: datetime | None, status: str, **facts: Any) -> Row:
    end = start + timedelta(hours=3) if start else None
    told = {"timezone": "UTC", "start_time": start, "end_time": end, "last_listed_at": FETCHED}
    return {"airmeet_id": airmeet_id, "name": airmeet_id, "status": status, **told, **facts}


def began(early: int) -> datetime:
    return at("2026-01-11 09:00") + early * timedelta(days=14)


def people(airmeet_id: str, many: int, moment: datetime | None, named: str = "early") -> list[Row]:
    return [
        {
            "airmeet_id": airmeet_id,
            "email": f"{named}{number}@acme.example.com",
            "registration_date": moment,
        }
        for number in range(many)
    ]


def past_registrations(early: int) -> Iterator[Row]:
    airmeet_id, start = f"past {early}", began(early)
    yield from people(airmeet_id, early, start - timedelta(days=21))
    yield from people(airmeet_id, 10 - early, start - timedelta(days=1), "later")
    # In no share: who registered after the end, without a date, or is host.
    yield from people(airmeet_id, 7, start + timedelta(days=9), "after")
    yield from people(airmeet_id, 10 if early == 2 else 0, None, "undated")
    yield host(airmeet_id, start - timedelta(days=30))


def host(airmeet_id: str, moment: datetime) -> Row:
    return {"airmeet_id": airmeet_id, "email": HOST, "registration_date": moment}


def past_attendance(early: int, came: int) -> Iterator[Row]:
    registered = [row for row in past_registrations(early) if "after" not in row["email"]]
    for number, row in enumerate(registered[:came]):
        yield {"airmeet_id": f"past {early}", "id": 100 * early + number, "email": row["email"]}


RAW: Tables = {
    "airmeets": [
        *(event(f"past {early}", began(early), "FINISHED") for early in PAST),
        event("cancelled", at("2026-06-01 09:00"), "CANCELLED"),
        event("withdrawn", START, "CREATED", last_listed_at=at("2026-06-19 06:00")),
        event("awaited", at("2026-06-19 09:00"), "FINISHED"),
        event("startless", None, "FINISHED"),
        event("running", at("2026-06-19 09:00"), "ONGOING", end_time=START),
        *(event(name, START, "CREATED") for name in COMING if name not in ("india", "someday")),
        event("india", START, "CREATED", timezone="Asia/Kolkata"),
        event("someday", None, "CREATED"),
        event("unknown", START, "CREATED"),
    ],
    "session_people": [
        {"airmeet_id": airmeet_id, "role": "host", "id": "u-host", "email": HOST}
        for airmeet_id in ("coming", *(f"past {early}" for early in PAST))
    ],
    "registrations": [
        *(row for early in PAST for row in past_registrations(early)),
        *(row for name in (*NO_PAST, "unknown") for row in people(name, 5, EARLY)),
        *people("coming", 2, at("2026-06-18 23:59")),
        *people("coming", 2, at("2026-06-20 00:00"), "later"),
        *people("coming", 3, None, "undated"),
        host("coming", at("2026-06-10 09:00")),
        *people("india", 3, at("2026-06-19 18:30")),
        *people("crowd", 30, at("2026-06-20 06:00")),
        *people("someday", 4, at("2026-06-20 06:00")),
        *people("far", 1, at("1970-01-01 00:00")),
        *people("stale", 1, at("2026-06-18 06:00")),
    ],
    "event_attendance": [
        row for early, came in PAST.items() for row in past_attendance(early, came)
    ],
    "feed_syncs": [
        *(line for early in PAST for line in synced(f"past {early}", FETCHED)),
        *synced("startless", FETCHED),
        *synced("running", FETCHED),
        *synced("awaited", FETCHED, event_attendance="pending"),
        *synced("unknown", FETCHED, event_attendance="unavailable", sessions="failed"),
        *(
            line
            for name in ("cancelled", "withdrawn", *COMING)
            for line in synced(name, FETCHED, event_attendance="unavailable")
            if (name, line["feed"]) != ("stale", "registrations")
        ),
        {
            "airmeet_id": "stale",
            "feed": "registrations",
            "status": "loaded",
            "requested_at": at("2026-06-19 06:00"),
            "is_final": False,
        },
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dlt.Pipeline:
    return reported(tmp_path_factory.mktemp("pace"), RAW)


def pace(pipeline: dlt.Pipeline, airmeet_id: str, *columns: str) -> dict[date, tuple[Any, ...]]:
    found = report(pipeline, "registration_pace", "airmeet_id", "day", *columns)
    return {row[1]: row[2:] for row in found if row[0] == airmeet_id}


def june(day: int) -> date:
    return date(2026, 6, day)


def test_days_run_from_the_first_registration_to_the_last_fetch(built: dlt.Pipeline) -> None:
    # Neither the host, ten days earlier, nor who has no date is counted.
    assert pace(built, "coming", "registered", "days_before_start") == {
        june(18): (2, 12),
        june(19): (2, 11),
        june(20): (4, 10),
    }
    # What counts is when registrations were fetched.
    assert [*pace(built, "stale")] == [june(18), june(19)]


def test_the_last_day_is_that_of_the_events_own_zone(built: dlt.Pipeline) -> None:
    assert pace(built, "india", "registered", "days_before_start") == {
        june(20): (3, 10),
        june(21): (3, 9),
    }


def test_a_first_registration_that_lies_gives_no_more_than_a_year(built: dlt.Pipeline) -> None:
    days = pace(built, "far", "registered")
    assert len(days) == 367
    assert min(days) == date(2025, 6, 19)
    assert {*days.values()} == {(1,)}


SHARES = ("comparable_events", "share_low", "share_median", "share_high")
EXPECTED = (
    "expected_registrations", "expected_registrations_low", "expected_registrations_high",
    "expected_attendance", "expected_attendance_low", "expected_attendance_high",
)  # fmt: skip


def test_quartiles_lie_between_two_shares(built: dlt.Pipeline) -> None:
    # Beside 4, comparable are 2, 3, 4, 5, 6 and 8, half and double among them, and not 9.
    (events, *shares) = pace(built, "coming", *SHARES)[june(20)]
    assert events == 6
    assert shares == pytest.approx([0.325, 0.45, 0.575])
    # Their rates of attendance are 0.2, 0.4, 0.5, 0.6, 0.8 and 1: quartiles 0.425, 0.55 and 0.75.
    assert pace(built, "coming", *EXPECTED)[june(20)] == (9, 7, 12, 5, 3, 9)


def test_quartiles_of_five_are_values_of_theirs(built: dlt.Pipeline) -> None:
    # Beside 3: 2 to 6. The rates are 0.2, 0.4, 0.6, 0.8 and 1; 3 ÷ 0.4 = 7.5, which is 8.
    assert pace(built, "india", *SHARES)[june(21)] == (5, *map(pytest.approx, (0.3, 0.4, 0.5)))
    assert pace(built, "india", *EXPECTED)[june(21)] == (8, 6, 10, 5, 2, 8)


@pytest.mark.parametrize(
    ("airmeet_id", "day", "comparable"),
    [("coming", 19, 3), ("crowd", 20, 0), ("stale", 19, 1), ("someday", 20, None)],
)
def test_under_five_comparable_events_nothing_is_expected(
    built: dlt.Pipeline, airmeet_id: str, day: int, comparable: int | None
) -> None:
    figures = pace(built, airmeet_id, *SHARES, *EXPECTED)[june(day)]
    assert figures == (comparable, *(None,) * 9)


@pytest.mark.parametrize("airmeet_id", ["past 4", *NO_PAST, "nobody", "unknown"])
def test_events_without_a_pace_have_no_rows(built: dlt.Pipeline, airmeet_id: str) -> None:
    assert pace(built, airmeet_id) == {}


def test_checks_find_no_fault(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}
