"""Series of airmeets: feeds of the community, in any shape, replaced whole or left as they were."""

from typing import Any

import pytest
from airmeet.api.pagination import Page
from airmeet.api.responses import AT_TOP, body_of
from airmeet.errors import Unavailable, UnexpectedResponse
from airmeet.feeds import GATEWAY_FEEDS
from airmeet_simulator.series import SERIES_TABLES
from airmeet_simulator.simulator import Simulator

from tests.sweeps import first
from tests.trust.tampered import tamper
from tests.workplace import Workplace, assert_same_rows, simulated

FEEDS = {name: GATEWAY_FEEDS[name] for name in SERIES_TABLES}


def assert_series_loaded(workplace: Workplace, simulator: Simulator) -> None:
    for table in SERIES_TABLES:
        assert_same_rows(workplace.rows(table), simulator.truth(table))


def lines(workplace: Workplace) -> dict[str, list[Any]]:
    """What the ledger says of the series."""
    found = workplace.sql(
        "select feed, status, rows, is_final, error from airmeet.feed_syncs"
        " where airmeet_id = 'community'"
    )
    return {feed: rest for feed, *rest in found}


@pytest.mark.parametrize("form", first(2, ["data", "top", "own", "ids"]))
def test_every_way_to_write_them_is_read(workplace: Workplace, form: str) -> None:
    with simulated(airmeets=8, registrations=2, series=form) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        assert_series_loaded(workplace, simulator)
        rows = len(list(simulator.truth("event_series_airmeets")))
        assert rows > 3
        assert lines(workplace) == {
            "event_series": ["loaded", len(simulator.community.series), False, None],
            "event_series_airmeets": ["loaded", rows, False, None],
        }


def test_each_run_asks_once_for_the_list_and_once_for_each_series(workplace: Workplace) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        many = len(simulator.community.series)
        for runs in (1, 2):
            assert workplace.run("load", "--no-reports", "--since", "2100-01-01").code == 0
            asked = simulator.requests.feeds()
            assert [asked[table] for table in SERIES_TABLES] == [runs, runs * many]
        assert_series_loaded(workplace, simulator)


def test_only_one_airmeet_is_without_them(workplace: Workplace) -> None:
    with simulated(airmeets=4, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        id = simulator.airmeets()[0].uid
        assert workplace.run("load", "--no-reports", "--airmeet", id).code == 0
        assert not set(SERIES_TABLES) & set(simulator.requests.feeds())


def test_what_vanished_goes_and_what_is_new_comes(workplace: Workplace) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        first, *others = simulator.community.series.values()
        simulator.remove_series(first.uid)
        simulator.put_series("Renamed", *others[0].airmeets[1:], uid=others[0].uid)
        simulator.put_series("New", *first.airmeets)
        assert workplace.run("load", "--no-reports", "--only", "event_series").code == 0
        assert_same_rows(workplace.rows("event_series"), simulator.truth("event_series"))
        assert workplace.run("load", "--no-reports", "--only", "event_series_airmeets").code == 0
        assert_series_loaded(workplace, simulator)
        for uid in list(simulator.community.series):
            simulator.remove_series(uid)
        assert workplace.run("load", "--no-reports").code == 0
        assert [len(workplace.rows(table)) for table in SERIES_TABLES] == [0, 0]


@pytest.mark.parametrize("status", first(1, [403, 400, 401, 404]))
def test_a_plan_without_series_is_no_failure(workplace: Workplace, status: int) -> None:
    with simulated(airmeets=4, registrations=2, series_refused=status) as (_, address):
        workplace.point_at(address.gateway, region="global")
        result = workplace.run("load", "--no-reports")
        assert result.code == 0, result.out + result.err
        for line in lines(workplace).values():
            assert line[:3] == ["unavailable", None, False]
            assert "Event series are not in your plan" in line[3]
        assert [len(workplace.rows(table)) for table in SERIES_TABLES] == [0, 0]


def test_what_is_refused_later_keeps_what_is_loaded(workplace: Workplace) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        simulator.set_options(series_refused=403)
        assert workplace.run("load", "--no-reports").code == 0
        assert_series_loaded(workplace, simulator)
        assert {line[0] for line in lines(workplace).values()} == {"unavailable"}


@pytest.mark.parametrize("table", first(1, SERIES_TABLES))
def test_a_failure_ends_nothing_else_and_takes_nothing_away(
    workplace: Workplace, table: str
) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        simulator.break_feed("", table, "500")
        simulator.add_registration(simulator.airmeets()[-1].uid, "new@acme.example.com")
        result = workplace.run("load", "--no-reports")
        assert result.code == 3
        assert "event_series_airmeets" in result.out + result.err
        assert lines(workplace)["event_series_airmeets"][0] == "failed"
        assert_series_loaded(workplace, simulator)
        assert_same_rows(
            workplace.rows("registrations"), simulator.truth("registrations", "gateway")
        )
        simulator.mend_feed("", table)
        assert workplace.run("load", "--no-reports").code == 0


ONLY_SERIES = [word for table in SERIES_TABLES for word in ("--only", table)]


def packages(workplace: Workplace) -> int:
    [(count,)] = workplace.sql("SELECT count(*) FROM airmeet._dlt_loads")
    return int(count)


def test_what_is_as_it_was_loaded_brings_no_package_and_builds_nothing(
    workplace: Workplace,
) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", *ONLY_SERIES).code == 0
        loaded, asked = packages(workplace), lines(workplace)
        again = workplace.run("load", *ONLY_SERIES)
        assert again.code == 0
        assert "reports:" not in again.out
        assert {*SERIES_TABLES} <= {entry.feed for entry in simulator.requests.entries}
        assert (packages(workplace), lines(workplace)) == (loaded, asked)
        checked = "SELECT feed FROM airmeet.feed_syncs WHERE checked_at > requested_at"
        assert {feed for (feed,) in workplace.sql(checked)} == {*SERIES_TABLES}

        first, *_ = simulator.community.series.values()
        simulator.put_series("Renamed", *first.airmeets, uid=first.uid)
        assert "reports:" in workplace.run("load", *ONLY_SERIES).out
        assert packages(workplace) == loaded + 1
        assert_series_loaded(workplace, simulator)


@pytest.mark.parametrize("table", SERIES_TABLES)
def test_what_somebody_deleted_is_loaded_again(workplace: Workplace, table: str) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports", *ONLY_SERIES).code == 0
        workplace.execute(
            f"DELETE FROM airmeet.{table} WHERE series_id = (SELECT min(series_id) FROM "
            f"airmeet.{table})"
        )
        assert workplace.run("load", "--no-reports", *ONLY_SERIES).code == 0
        assert_series_loaded(workplace, simulator)


def test_a_refusal_that_stays_the_same_brings_no_package(workplace: Workplace) -> None:
    with simulated(airmeets=4, registrations=2, series_refused=403) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports", *ONLY_SERIES).code == 0
        loaded = packages(workplace)
        assert workplace.run("load", "--no-reports", *ONLY_SERIES).code == 0
        assert packages(workplace) == loaded
        simulator.set_options(series_refused=0)
        assert workplace.run("load", "--no-reports", *ONLY_SERIES).code == 0
        assert_series_loaded(workplace, simulator)


@pytest.mark.parametrize("status", ["loaded", "unavailable"])
def test_a_full_refresh_loads_what_is_as_it_was_loaded(workplace: Workplace, status: str) -> None:
    refused = 403 if status == "unavailable" else 0
    with simulated(airmeets=4, registrations=2, series_refused=refused) as (_, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports", *ONLY_SERIES).code == 0
        loaded = packages(workplace)
        assert workplace.run("load", "--no-reports", "--full-refresh", *ONLY_SERIES).code == 0
        assert packages(workplace) == loaded + 1


def test_status_counts_the_community_as_no_airmeet(workplace: Workplace) -> None:
    with simulated(airmeets=3, registrations=2) as (_, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load").code == 0
        status = workplace.run("status")
        assert "event_series_airmeets" in status.out
        assert "3 airmeets" in status.out, status.out


LIST = [{"uid": "a", "name": "A"}, {"uid": "b", "name": "B"}]
NAMED = [{"series_id": "a", "name": "A"}, {"series_id": "b", "name": "B"}]


@pytest.mark.parametrize(
    "body",
    [
        {AT_TOP: LIST},
        {"data": LIST},
        {"EventSeries": LIST, "cursors": {"after": None}},
        {"data": {"series": LIST, "cursors": {"after": 7}}},
        {"success": True, "result": {"items": LIST}},
        {"items": LIST, "errors": []},
        {"data": [{"seriesId": "a", "title": "A"}, {"eventSeries": {"id": "b", "name": "B"}}]},
    ],
    ids=str,
)
def test_a_list_is_found_wherever_it_stands(body: dict[str, Any]) -> None:
    assert Page.of(FEEDS["event_series"], body).rows == NAMED


@pytest.mark.parametrize(
    ("entry", "row"),
    [
        ("m1", {"airmeet_id": "m1"}),
        (17, {"airmeet_id": "17"}),
        ({"id": 3, "uid": "m1"}, {"airmeet_id": "m1", "id": 3}),
        ({"id": "m1", "seriesId": "a"}, {"airmeet_id": "m1", "seriesId": "a"}),
        ({"airmeet": "m1", "order": 2}, {"airmeet_id": "m1", "order": 2}),
        ({"order": 2, "event": {"id": "m1"}}, {"airmeet_id": "m1", "order": 2}),
        ({"airmeetId": None, "eventId": "m1"}, {"airmeet_id": "m1", "airmeetId": None}),
        ({"order": 2}, {"order": 2}),
    ],
    ids=str,
)
def test_an_airmeet_is_known_by_the_id_that_says_most(entry: Any, row: dict[str, Any]) -> None:
    assert Page.of(FEEDS["event_series_airmeets"], {"data": [entry]}).rows == [row]


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"message": "no series"}])
def test_an_answer_without_a_list_is_a_refusal(body: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        Page.of(FEEDS["event_series"], body)


@pytest.mark.parametrize("body", [{"data": {"a": {"n": 1}}}, {"data": [["a"]]}, {"data": [True]}])
def test_what_cannot_be_read_is_a_failure_and_no_empty_list(body: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedResponse):
        Page.of(FEEDS["event_series"], body)


def test_a_list_at_the_top_is_no_answer_of_other_feeds() -> None:
    body = body_of(200, {}, b"[]")
    for feed in GATEWAY_FEEDS.values():
        if not feed.unseen:
            with pytest.raises(UnexpectedResponse):
                Page.of(feed, body)


def test_a_list_that_says_it_has_more_takes_nothing_away(workplace: Workplace) -> None:
    with simulated(airmeets=8, registrations=2) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        before = workplace.rows("event_series")

        def announce_more(path: str, body: dict[str, Any]) -> None:
            if path.endswith("/event-series"):
                body["data"].pop()
                body["cursors"] = {"after": None, "totalCount": len(before)}

        tamper(simulator, announce_more)
        assert workplace.run("load", "--no-reports").code == 3
        assert "did not come" in lines(workplace)["event_series"][3]
        assert_same_rows(workplace.rows("event_series"), before)
