"""Where one is in the app as an address says it, and the period before the selected one."""

from datetime import date
from typing import Any

import pytest
from airmeet_dashboard.event_heading import when
from airmeet_dashboard.periods import periods
from airmeet_dashboard.place import Place
from airmeet_dashboard.portfolio import portfolio_page
from airmeet_dashboard.reading import EventFilter, Reports, find_event
from airmeet_etl.exit_codes import CommandError

from tests.dashboard.pages import draw, one_event

PLACES = [
    (Place(), {}),
    (Place("Event", event="a"), {"page": "event", "event": "a"}),
    (
        Place("Data health", date(2026, 1, 1), date(2026, 2, 1), ("A", "B")),
        {"page": "data-health", "since": "2026-01-01", "until": "2026-02-01", "status": ["A", "B"]},
    ),
    (
        Place("Compare", event="a", other="b"),
        {"page": "compare", "event": "a", "with": "b"},
    ),
]


@pytest.mark.parametrize(("place", "parameters"), PLACES)
def test_a_place_is_the_same_after_its_address(place: Place, parameters: dict[str, Any]) -> None:
    assert place.parameters == parameters
    assert Place.of(parameters) == place
    assert {*parameters} <= {*Place.NAMES}


def test_what_an_address_says_wrongly_is_not_chosen() -> None:
    assert Place.of({"page": "nowhere", "since": "soon", "more": "x"}) == Place()
    assert Place.of({"status": "FINISHED"}).statuses == ("FINISHED",)


def test_the_period_before_is_as_long_and_ends_before(reports: Reports) -> None:
    events = reports.events()
    chosen = EventFilter(date(2026, 5, 1), date(2026, 5, 31))
    found = periods(events, chosen)
    assert found
    assert list(found.now["airmeet_id"]) == list(chosen.apply(events)["airmeet_id"])
    before = EventFilter(date(2026, 3, 31), date(2026, 4, 30)).apply(events)
    assert list(found.before["airmeet_id"]) == list(before["airmeet_id"])
    assert "the 31 days to 31 May 2026" in found.words
    assert periods(events, EventFilter(airmeet_id="spring")) is None


def test_without_dates_the_latest_days_are_compared(reports: Reports) -> None:
    events = reports.events()
    found = periods(events, EventFilter())
    assert found and "90 days" in found.words
    last = events["data_as_of"].max().date()
    assert set(found.now["start_date"]) <= {day for day in events["start_date"] if day <= last}


def test_a_tile_says_how_it_differs_from_the_period_before(reports: Reports) -> None:
    events = reports.events()
    spring, night = (one_event(reports, name) for name in ("spring", "night"))
    later, earlier = sorted((spring, night), key=lambda event: event["start_date"], reverse=True)
    days = (later["start_date"] - earlier["start_date"]).days
    assert days
    only = events[events["airmeet_id"].isin(("spring", "night"))]
    chosen = EventFilter(earlier["start_date"] + (later["start_date"] - earlier["start_date"]) / 2)
    compared = periods(only, chosen)
    assert compared and list(compared.before["airmeet_id"]) == [earlier["airmeet_id"]]
    page = portfolio_page(chosen.apply(only), draw, compared=compared)
    difference = later["registered"] - earlier["registered"]
    words = (
        "the same"
        if not difference
        else f"{abs(difference)} {'more' if difference > 0 else 'fewer'}"
    )
    assert words in page.split('data-figure="registered"')[1].split('class="note"')[0]


def test_an_event_is_when_its_own_clock_says(reports: Reports) -> None:
    event = one_event(reports, "night")
    assert event["time_zone"] == "America/New_York"
    words = when(event)
    assert words.endswith("America/New York") and "UTC" not in words
    assert words.startswith(f"{event['start_date'].day} {event['start_date']:%b %Y}")
    assert when({**event, "is_time_zone_known": False, "time_zone": "UTC"}).endswith(" UTC")
    assert when({**event, "start_time": None}) == "no start"


def test_an_event_is_found_by_id_name_and_a_part_of_it(reports: Reports) -> None:
    name = str(one_event(reports, "night")["name"])
    assert find_event(reports, "night") == "night"
    assert find_event(reports, name.upper()) == "night"
    with pytest.raises(CommandError, match="No event has"):
        find_event(reports, "nowhere to be found")
    with pytest.raises(CommandError, match=r"fits \d+ airmeets: .*id"):
        find_event(reports, "e")
