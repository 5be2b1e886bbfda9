"""Series before names in event_comparison, and phases of airmeets that are paused or put away."""

import dlt
import pytest

from tests.reports.conftest import building, report, reported
from tests.reports.raw import Row, Tables, at, of_community, synced

FETCHED = at("2026-06-20 06:00")


def event(airmeet_id: str, name: str, start: str, status: str = "FINISHED") -> Row:
    return {
        "airmeet_id": airmeet_id,
        "name": name,
        "status": status,
        "timezone": "UTC",
        "start_time": at(f"2026-{start} 09:00"),
        "end_time": at(f"2026-{start} 11:00"),
        "last_listed_at": FETCHED,
    }


EVENTS = [
    event("talk 1", "Talk", "01-01"),
    event("fair 1", "Fair", "02-01"),
    event("talk 2", "Talk", "03-01"),
    event("fair 2", "Fair", "04-01"),
    event("talk 3", "Talk", "05-01"),
    {**event("paused", "Paused", "06-01", "PAUSED"), "end_time": at("2026-12-01 12:00")},
    event("paused for good", "Paused for good", "05-02", "PAUSED"),
    event("put away", "Put away", "06-02", "ARCHIVE"),
    event("put away early", "Put away early", "06-25", "ARCHIVE"),
    event("put away amid", "Put away amid", "06-20", "archived"),
]
# It began before the fetch, and was to end after it.
EVENTS[-1] = {**EVENTS[-1], "start_time": at("2026-06-20 05:00")}

RAW: Tables = {
    "airmeets": EVENTS,
    "event_series_airmeets": of_community(
        *(
            {"series_id": series_id, "airmeet_id": airmeet_id}
            for series_id, airmeet_id in (
                ("mixed", "talk 1"),
                ("mixed", "fair 2"),
                ("mixed", "paused"),
                ("fairs", "fair 1"),
                ("fairs", "fair 2"),
                ("late", "talk 3"),
                ("late", "put away"),
            )
        )
    ),
    "feed_syncs": [line for e in EVENTS for line in synced(e["airmeet_id"], FETCHED)],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dlt.Pipeline:
    with building("event_comparison", "series_summary"):
        return reported(tmp_path_factory.mktemp("series"), RAW)


def test_an_airmeet_is_compared_with_the_last_of_its_series_and_else_by_its_name(
    built: dlt.Pipeline,
) -> None:
    columns = ("airmeet_id", "figure", "previous_airmeet_id", "compared_by")
    found = {id: rest for id, figure, *rest in report(built, "event_comparison", *columns)
             if figure == "registered"}  # fmt: skip
    assert found == {
        "talk 1": [None, None],
        "fair 1": [None, None],
        "talk 2": ["talk 1", "name"],  # in no series
        "fair 2": ["fair 1", "series"],  # of its two series the one whose last was later
        "talk 3": ["talk 2", "name"],  # the first of its series
        "put away": ["talk 3", "series"],
        "put away amid": [None, None],
        "paused for good": [None, None],
    }


def test_what_is_paused_goes_on_to_its_end_and_what_is_put_away_does_not(
    built: dlt.Pipeline,
) -> None:
    found = {id: rest for id, *rest in report(built, "event_summary", "airmeet_id", "phase")}
    assert {id: phase for id, (phase,) in found.items() if "p" in id} == {
        "paused": "ongoing",
        "paused for good": "over",
        "put away": "over",
        "put away early": "withdrawn",
        "put away amid": "over",
    }


def test_editions_are_numbered_as_they_start(built: dlt.Pipeline) -> None:
    columns = ("series_id", "edition_number", "airmeet_id", "previous_airmeet_id", "editions")
    assert sorted(report(built, "series_summary", *columns)) == [
        ("fairs", 1, "fair 1", None, 2),
        ("fairs", 2, "fair 2", "fair 1", 2),
        ("late", 1, "talk 3", None, 2),
        ("late", 2, "put away", "talk 3", 2),
        ("mixed", 1, "talk 1", None, 3),
        ("mixed", 2, "fair 2", "talk 1", 3),
        ("mixed", 3, "paused", "fair 2", 3),
    ]
