"""The feeds that only the gateway serves: every row of them, and none where it is not asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airmeet.feeds import FEED_NAMES, GATEWAY_FEEDS, TABLE_FEEDS
from airmeet_simulator.faults import FaultKind
from airmeet_simulator.truth import GATEWAY_TABLES

from tests.sweeps import first
from tests.workplace import Workplace, assert_loaded, assert_same_rows, simulated

WAYS = [
    {},
    {"pending": "body", "refusal": "body"},
    {"attendance_page_max": 5, "last_page": "loop", "page_count": "pages"},
    {"last_page": "last_id"},
    {"last_page": "missing", "extra_fields": True},
    {"new_field": "shoe_size"},
]


@pytest.mark.parametrize(
    "options", first(2, WAYS), ids=lambda options: "-".join(map(str, options.items()))
)
def test_a_load_fills_every_table(workplace: Workplace, options: dict[str, Any]) -> None:
    with simulated(registrations=20, **options) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        result = workplace.run("load", "--no-reports")
        assert result.code == 0, result.err
        assert_loaded(workplace, simulator, layout="gateway")
        for table in GATEWAY_TABLES:
            rows = workplace.rows(table)
            assert rows, table
            assert_same_rows(rows, simulator.truth(table))
        lines = workplace.rows("feed_syncs")
        assert {line["feed"] for line in lines} == set(FEED_NAMES) - {"airmeets"}
        for line in lines:
            assert line["expected_rows"] in (None, line["rows"]), line


def test_sessions_are_asked_for_once_for_all_their_tables(workplace: Workplace) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.gateway, region="eu")
        assert workplace.run("load", "--no-reports").code == 0
        assert simulator.requests.feeds()["sessions"] == 3


def test_the_specifications_hosts_are_not_asked(workplace: Workplace) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
        assert not set(simulator.requests.feeds()) & (GATEWAY_FEEDS.keys() - TABLE_FEEDS.keys())
        assert simulator.requests.feeds()[""] == 0
    there = workplace.sql(
        "select table_name from information_schema.tables where table_schema = 'airmeet'"
    )
    assert not {name for (name,) in there} & set(GATEWAY_TABLES)
    assert not {line["feed"] for line in workplace.rows("feed_syncs")} & set(GATEWAY_TABLES)


@pytest.mark.parametrize("table", first(3, GATEWAY_TABLES))
def test_only_one_of_them(workplace: Workplace, table: str) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        result = workplace.run("load", "--no-reports", "--only", table)
        assert result.code == 2
        assert table in result.err and "SOURCES__AIRMEET__REGION" in result.err
        assert simulator.requests.total == 0
        workplace.point_at(address.gateway, region="us")
        assert workplace.run("load", "--no-reports", "--only", table).code == 0
        assert_same_rows(workplace.rows(table), simulator.truth(table))


def test_after_a_change_to_the_gateway_the_rest_is_fetched(workplace: Workplace) -> None:
    with simulated(airmeets=3) as (simulator, address):
        simulator.add_airmeet(start=datetime.now(UTC) - timedelta(days=90))
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        for table in GATEWAY_TABLES:
            assert_same_rows(workplace.rows(table), simulator.truth(table))


def test_no_link_to_a_recording_is_stored(workplace: Workplace) -> None:
    with simulated(airmeets=3) as (_, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load").code == 0
    assert b"recordings.example.com" not in workplace.file.read_bytes()
    assert b"signature=" not in workplace.file.read_bytes()


def test_a_feed_that_became_empty_loses_its_rows(workplace: Workplace) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports").code == 0
        changed = simulator.truth("registration_utms")[0]["airmeet_id"]
        for table in ("registration_utms", "replay_attendance", "tracks"):
            simulator.clear_feed(str(changed), table)
        simulator.community.event(str(changed)).tracks.clear()
        simulator.forget_exports()
        assert workplace.run("load", "--no-reports", "--full-refresh").code == 0
        for table in GATEWAY_TABLES:
            assert_same_rows(workplace.rows(table), simulator.truth(table))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("401", "failed", 3), ("404", "unavailable", 0), ("refusal", "unavailable", 0)],
)
def test_what_is_refused_of_one_airmeet_touches_these_feeds_alone(
    workplace: Workplace, fault: FaultKind, status: str, code: int
) -> None:
    feeds = ("tracks", "session_recordings", "registration_utms", "replay_attendance")
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.gateway, region="us")
        first = simulator.airmeets()[0].uid
        for feed in feeds:
            simulator.break_feed(first, feed, fault)
        assert workplace.run("load", "--no-reports").code == code
        lines = {
            line["feed"]: line
            for line in workplace.rows("feed_syncs")
            if line["airmeet_id"] == first
        }
        refused = {feed for feed, line in lines.items() if line["status"] == status}
        assert refused >= {*feeds} and all(lines[feed]["error"] for feed in feeds)
        assert lines["registrations"]["status"] == lines["sessions"]["status"] == "loaded"
        for feed in feeds:
            simulator.mend_feed(first, feed)
        assert workplace.run("load", "--no-reports").code == 0
        for table in GATEWAY_TABLES:
            assert_same_rows(workplace.rows(table), simulator.truth(table))
