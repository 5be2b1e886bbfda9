"""dlt's client of DuckLake: loads, changes, deletes, reports and what reads them."""

from pathlib import Path

from airmeet_etl.reports.destination import full_name, open_client, read_arrow
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.ducklake import install_extensions
from tests.trust.conftest import MakeScenario, make_scenario
from tests.workplace import TABLES, assert_same_rows

__all__ = ["make_scenario"]

DUCKLAKE = ("--destination", "ducklake")


def test_lifecycle_and_reports(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=2)
    install_extensions(scenario.workplace)

    def run(*arguments: str) -> str:
        result = scenario.workplace.run(*arguments, *DUCKLAKE)
        assert result.code == 0, result.out + result.err
        return result.out

    def truth_is_loaded() -> None:
        pipeline = open_pipeline("ducklake")
        with open_client(pipeline, "airmeet") as client:
            for table in TABLES:
                rows = read_arrow(client, f"SELECT * FROM {full_name(client, table)}").to_pylist()
                assert_same_rows(rows, scenario.simulator.truth(table))

    run("check")
    scenario.load(*DUCKLAKE)
    truth_is_loaded()
    scenario.load(*DUCKLAKE)
    assert scenario.asked() == {"airmeets": 1}
    first, _ = scenario.ids
    scenario.simulator.edit_airmeet(first, name="Called otherwise")
    gone = next(iter(scenario.simulator.truth("registrations")))
    scenario.simulator.remove_registration(first, str(gone["email"]))
    scenario.simulator.clear_feed(first, "session_attendance")
    scenario.refresh()
    scenario.load(*DUCKLAKE)
    truth_is_loaded()
    run("reports")
    run("status")
    assert "Called otherwise" in run("explain", first)
    run("publish")
    assert Path("reports.duckdb").exists()
