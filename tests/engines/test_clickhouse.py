"""dlt's client of ClickHouse, served by chdb: loads, changes, deletes, reports and erasing."""

from collections.abc import Iterator

import pytest

from tests.engines.served_clickhouse import ADDRESS, Served, served
from tests.trust.conftest import MakeScenario, make_scenario
from tests.trust.scenario import LoadScenario
from tests.workplace import TABLES, Workplace, assert_same_rows

__all__ = ["make_scenario"]

for package in ("chdb", "clickhouse_driver", "clickhouse_connect"):
    pytest.importorskip(package)

CLICKHOUSE = ("--destination", "clickhouse")


@pytest.fixture
def clickhouse(workplace: Workplace) -> Iterator[Served]:
    """A ClickHouse of the test's own, which the commands are pointed at."""
    workplace.set(DESTINATION__CLICKHOUSE__CREDENTIALS=ADDRESS)
    with served(workplace.folder) as server:
        yield server


@pytest.fixture
def scenario(make_scenario: MakeScenario, clickhouse: Served) -> LoadScenario:
    return make_scenario(airmeets=2)


def truth_is_loaded(scenario: LoadScenario, server: Served) -> None:
    for table in TABLES:
        rows = server.rows(f"SELECT * FROM lab.airmeet___{table}")
        assert_same_rows(rows, scenario.simulator.truth(table))


def held(server: Served) -> str:
    """All that is in the database, as one text."""
    names = [row["name"] for row in server.rows("SHOW TABLES FROM lab")]
    return str([server.rows(f"SELECT * FROM lab.`{name}`") for name in names]).lower()


def run(scenario: LoadScenario, *arguments: str) -> str:
    result = scenario.workplace.run(*arguments, *CLICKHOUSE)
    assert result.code == 0, result.out + result.err
    return result.out


def test_lifecycle_reports_and_erasing(scenario: LoadScenario, clickhouse: Served) -> None:
    simulator = scenario.simulator
    assert "dataset airmeet is new" in run(scenario, "check")
    assert clickhouse.rows("SHOW TABLES FROM lab") == []
    scenario.load(*CLICKHOUSE)
    truth_is_loaded(scenario, clickhouse)
    scenario.load(*CLICKHOUSE)
    assert scenario.asked() == {"airmeets": 1}
    first, _ = scenario.ids
    simulator.edit_airmeet(first, name="Called otherwise")
    gone, person = (str(row["email"]) for row in [*simulator.truth("registrations")][:2])
    simulator.remove_registration(first, gone)
    simulator.clear_feed(first, "session_attendance")
    scenario.refresh()
    scenario.load(*CLICKHOUSE)
    truth_is_loaded(scenario, clickhouse)
    run(scenario, "reports")
    names = clickhouse.rows("SELECT name FROM lab.airmeet_reports___event_summary")
    assert "Called otherwise" in {row["name"] for row in names}
    run(scenario, "status")
    clickhouse.query(f"DELETE FROM lab.airmeet___questions WHERE airmeet_id = '{first}'")
    assert "fetches again what is damaged" in scenario.workplace.run("load", *CLICKHOUSE).err
    scenario.load(*CLICKHOUSE)
    truth_is_loaded(scenario, clickhouse)
    assert "Called otherwise" in run(scenario, "explain", first)
    run(scenario, "publish")
    assert (scenario.workplace.folder / "reports.duckdb").exists()
    address = person.strip().lower()
    assert address in held(clickhouse)
    run(scenario, "erase", "--email", person, "--yes")
    assert address not in held(clickhouse)
    scenario.load("--full-refresh", *CLICKHOUSE)
    assert address not in held(clickhouse)
