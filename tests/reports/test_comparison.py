"""Events beside the one before: series by name, equal starts, the median of the last ten."""

from datetime import datetime, timedelta
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.checks import check_reports, failed_checks

from tests.reports.conftest import report, reported
from tests.reports.raw import Row, Tables, at, synced

FETCHED = at("2026-06-20 06:00")

SAME_SERIES = (
    ("Growth Summit 2025", "growth summit 2026"),
    ("Demo Day – January", "Demo Day (Feb '26)"),
    ("3rd Annual Forum", "Fourth annual forum"),
    ("Town-hall, 21 March 2026", "Town hall: APR 4th"),
    ("May2025 Meetup", "Meetup 12Jun"),
    ("Ask [us] now\\", "ask us now"),
    ("Sept. December Review", "Review"),
    ("été", "été 2"),
)
OTHER_SERIES = (
    ("Marching Band", "Band"),
    ("Maybe", "be"),
    ("Second Hand", "Secondhand"),
    ("2025", "2026"),
    ("12 May 2026", "June"),
    ("—", "…"),
    (None, None),
)
PAIRS = (*SAME_SERIES, *OTHER_SERIES)

ROWS = {f"row {number:02}": (number, number) for number in range(1, 14)} | {
    "row 01b": (1, 100),
    "row 12b": (12, 20),
}
"""Events before all others, each in a series of its own: the day of January, and how many
registered."""


def day(number: int) -> datetime:
    return at("2025-12-31 09:00") + timedelta(days=number)


def event(
    airmeet_id: str, name: str | None, start: datetime | None, status: str = "FINISHED"
) -> Row:
    told = {"status": status, "timezone": "UTC", "start_time": start, "last_listed_at": FETCHED}
    return {"airmeet_id": airmeet_id, "name": name, **told}


def people(airmeet_id: str, many: int) -> list[Row]:
    return [
        {"airmeet_id": airmeet_id, "email": f"p{number}@acme.example.com"} for number in range(many)
    ]


AIRMEETS = [
    # Letters make the names of rows differ.
    *(event(name, f"Row {'x' * n}", day(ROWS[name][0])) for n, name in enumerate(ROWS)),
    event("row failed", "Failed", day(12)),
    *(
        event(f"pair {n} {which}", name, day(40 + n + 20 * which))
        for n, pair in enumerate(PAIRS)
        for which, name in enumerate(pair)
    ),
    event("talk 1", "Talk 1", day(80)),
    event("talk 2", "Talk 2", day(81)),
    event("talk 3", "Talk 3", day(82), "CANCELLED"),
    event("talk 4", "Talk 4", None),
    event("talk 5a", "Talk 5", day(83)),
    event("talk 5b", "Talk 5", day(83)),
    event("talk 6", "Talk 6", day(84)),
    event("talk 7", "Talk 7", at("2026-07-01 09:00"), "CREATED"),
]

RAW: Tables = {
    "airmeets": AIRMEETS,
    "registrations": [
        *(row for name, (_, many) in ROWS.items() for row in people(name, many)),
        *people("talk 1", 4),
        *people("talk 2", 2),
        *people("talk 5b", 3),
    ],
    "event_attendance": [
        {"id": number, **row}
        for number, row in enumerate([*people("talk 1", 2), *people("talk 2", 2)])
    ],
    "feed_syncs": [
        line
        for airmeet in AIRMEETS
        for line in synced(
            airmeet["airmeet_id"],
            FETCHED,
            registrations="failed" if airmeet["airmeet_id"] == "row failed" else "loaded",
        )
    ],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dlt.Pipeline:
    return reported(tmp_path_factory.mktemp("comparison"), RAW)


def compared(pipeline: dlt.Pipeline, figure: str, *columns: str) -> dict[str, tuple[Any, ...]]:
    found = report(pipeline, "event_comparison", "airmeet_id", "figure", *columns)
    return {row[0]: row[2:] for row in found if row[1] == figure}


def test_every_event_that_is_over_has_every_figure(built: dlt.Pipeline) -> None:
    found = report(built, "event_comparison", "airmeet_id", "figure")
    over = {row["airmeet_id"] for row in AIRMEETS} - {"talk 3", "talk 7"}
    assert {airmeet_id for airmeet_id, _ in found} == over
    assert len(found) == 12 * len(over)


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=[str(pair) for pair in PAIRS])
def test_a_series_is_what_a_name_says_beside_dates_and_numbers(
    built: dlt.Pipeline, number: int
) -> None:
    columns = ("previous_airmeet_id", "previous_event_name")
    found = compared(built, "registered", *columns)[f"pair {number} 1"]
    is_same = number < len(SAME_SERIES)
    assert found == ((f"pair {number} 0", PAIRS[number][0]) if is_same else (None, None))


def test_the_previous_event_is_the_latest_that_started_earlier_and_is_over(
    built: dlt.Pipeline,
) -> None:
    found = compared(built, "registered", "previous_airmeet_id", "previous_value", "value")
    assert {name: row for name, row in found.items() if name.startswith("talk")} == {
        "talk 1": (None, None, 4),
        "talk 2": ("talk 1", 4, 2),
        "talk 4": (None, None, 0),
        "talk 5a": ("talk 2", 2, 0),
        "talk 5b": ("talk 2", 2, 3),
        "talk 6": ("talk 5b", 3, 0),
    }


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("registered", (2, 4, -2, -0.5, "down")),
        ("attended", (2, 2, 0, 0, "same")),
        ("attendance_rate", (1, 0.5, 0.5, 1, "up")),
        ("no_shows", (0, 2, -2, -1, "down")),
        ("walk_ins", (0, 0, 0, None, "same")),
        ("stayed_share", (None, None, None, None, None)),
    ],
)
def test_changes_have_a_size_and_a_direction(
    built: dlt.Pipeline, figure: str, expected: tuple[Any, ...]
) -> None:
    columns = ("value", "previous_value", "change", "change_share", "direction")
    assert compared(built, figure, *columns)["talk 2"] == expected


def test_an_unknown_figure_stays_null_beside_the_known(built: dlt.Pipeline) -> None:
    columns = ("previous_airmeet_id", "previous_value", "change", "direction")
    # Nobody registered for it, so that it has no rate.
    assert compared(built, "attendance_rate", *columns)["talk 6"] == ("talk 5b", 0, None, None)


def test_the_median_is_of_the_ten_events_before_that_know_the_figure(built: dlt.Pipeline) -> None:
    columns = ("median_of_last", "median_events", "change_from_median", "direction_from_median")
    found = compared(built, "registered", *columns)
    assert found["row 01"] == found["row 01b"] == (None, 0, None, None)
    assert found["row 03"] == (2, 3, 1, "up")  # of 1, 2 and 100
    assert found["row 05"] == (3, 5, 2, "up")  # of 1, 2, 3, 4 and 100
    assert found["row 11"] == (6.5, 10, 4.5, "up")  # 2 to 10, and of two at once the last: 100
    assert found["row 12"] == (6.5, 10, 5.5, "up")  # 2 to 11; what starts at once is not before
    assert found["row 13"] == (8.5, 10, 4.5, "up")  # 4 to 12 and 20; the failed one knows nothing
    assert found["row failed"] == (6.5, 10, None, None)
    assert found["talk 4"] == (None, None, None, None)  # without a start nothing is before it
    rates = compared(built, "attendance_rate", "median_of_last", "median_events")
    assert rates["row 02"] == (0, 2)


def test_checks_find_no_fault(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}
