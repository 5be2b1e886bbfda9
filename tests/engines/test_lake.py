"""A lake of Delta tables: loads, changes, deletes, kills, reports and who reads them."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.destination import full_name, open_client, read_arrow
from airmeet_etl.reports.sql_files import reports
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.privacy.test_erase import erase
from tests.privacy.traces import traces
from tests.trust.conftest import MakeScenario, make_scenario
from tests.trust.killing import MOMENTS, Moment, killed
from tests.trust.scenario import LoadScenario
from tests.workplace import TABLES, Workplace, assert_same_rows, simulated, truth_of

deltalake = pytest.importorskip("deltalake")
__all__ = ["make_scenario"]

LAKE = ("--destination", "filesystem")
WRITE = "airmeet_etl.warehouse.lake_tables:LakeTables.write"
MERGE = "airmeet_etl.warehouse.lake:LakeSqlClient.merge"


@pytest.fixture
def scenario(make_scenario: MakeScenario) -> LoadScenario:
    found = make_scenario(airmeets=2)
    use_folder(found.workplace)
    return found


def use_folder(workplace: Workplace) -> Path:
    folder = workplace.folder / "lake"
    workplace.set(DESTINATION__FILESYSTEM__BUCKET_URL=folder)
    return folder


def truth_is_loaded(scenario: LoadScenario) -> None:
    with open_client(open_pipeline("filesystem"), "airmeet") as client:
        for table in TABLES:
            rows = read_arrow(client, f"SELECT * FROM {full_name(client, table)}").to_pylist()
            assert_same_rows(rows, scenario.simulator.truth(table))


def change_all(scenario: LoadScenario) -> None:
    first, _ = scenario.ids
    scenario.simulator.edit_airmeet(first, name="Called otherwise")
    gone = next(iter(scenario.simulator.truth("registrations")))
    scenario.simulator.remove_registration(first, str(gone["email"]))
    scenario.simulator.clear_feed(first, "session_attendance")
    scenario.refresh()


def test_lifecycle_and_reports(scenario: LoadScenario) -> None:
    def run(*arguments: str) -> str:
        result = scenario.workplace.run(*arguments, *LAKE)
        assert result.code == 0, result.out + result.err
        return result.out

    folder = str(scenario.workplace.folder / "lake")
    assert f" {folder}, dataset airmeet" in run("check")
    scenario.load(*LAKE)
    truth_is_loaded(scenario)
    scenario.load(*LAKE)
    assert scenario.asked() == {"airmeets": 1}
    change_all(scenario)
    scenario.load(*LAKE)
    truth_is_loaded(scenario)
    scenario.load(*LAKE, "--full-refresh")
    truth_is_loaded(scenario)
    run("reports")
    run("status")
    assert "Called otherwise" in run("explain", scenario.ids[0])
    run("publish")
    assert Path("reports.duckdb").exists()


def test_reports_are_those_of_duckdb(scenario: LoadScenario) -> None:
    scenario.load()
    scenario.load(*LAKE)
    duckdb, lake = open_pipeline("duckdb"), open_pipeline("filesystem")
    assert build_reports(duckdb) == build_reports(lake)
    for file in reports():
        if file.name not in _OF_THE_LOAD:
            found, expected = (_rounded(read_report(at, file.name)) for at in (lake, duckdb))
            assert found == expected, file.name


def _rounded(report: pa.Table) -> list[dict[str, Any]]:
    """Rows with sums of doubles as far as the order of summing does not matter, and
    without the moments of the load."""
    return [
        {k: round(v, 9) if isinstance(v, float) else v for k, v in row.items() if k not in _MOMENTS}
        for row in report.to_pylist()
    ]


_OF_THE_LOAD = {"data_status"}
"""Reports that say when it was loaded."""
_MOMENTS = {"data_as_of", "last_listed_at"}
"""Columns that do."""


@pytest.mark.parametrize(
    "moment",
    [
        MOMENTS["with the destination prepared"],
        pytest.param(Moment(MERGE), id="before anything is merged"),
        pytest.param(Moment(MERGE, late=True, call=3), id="with some rows merged"),
        MOMENTS["with all merged and not committed"],
    ],
    ids=str,
)
def test_a_load_that_is_killed_is_gone_on_with(scenario: LoadScenario, moment: Moment) -> None:
    killed(moment, ("load", "--no-reports", *LAKE))
    scenario.load(*LAKE)
    assert scenario.asked().total() <= 2
    truth_is_loaded(scenario)


def test_a_build_that_is_killed_is_made_good(scenario: LoadScenario) -> None:
    scenario.load(*LAKE)
    whole = build_reports(open_pipeline("filesystem"))
    change_all(scenario)
    scenario.load(*LAKE)
    killed(Moment(WRITE, late=True, call=3), ("reports", *LAKE))
    lake = open_pipeline("filesystem")
    assert build_reports(lake).keys() == whole.keys()
    names = read_report(lake, "event_summary")["name"].to_pylist()
    assert names.count("Called otherwise") == 1


def test_what_is_erased_is_in_no_version(workplace: Workplace) -> None:
    folder = use_folder(workplace)
    with simulated(airmeets=2, registrations=8) as (simulator, host):
        workplace.point_at(host.v1)
        for _ in range(2):
            result = workplace.run("load", "--full-refresh", "--only", "registrations", *LAKE)
            assert result.code == 0, result.err
        person = next(row for row in truth_of(simulator, "registrations") if row["name"])
    address, name = str(person["email"]).strip().lower(), str(person["name"])
    assert traces(folder, (address,))
    erase(workplace, address, *LAKE)
    assert traces(workplace.folder, (address, name)) == set()


def test_a_reader_of_delta_tables_has_the_same_rows(scenario: LoadScenario) -> None:
    scenario.load(*LAKE)
    lake = open_pipeline("filesystem")
    names = [("airmeet_reports", name) for name in build_reports(lake)]
    names += [("airmeet", table) for table in TABLES]
    for dataset, table in names:
        path = scenario.workplace.folder / "lake" / dataset / table
        there = pa.table(
            deltalake.QueryBuilder()
            .register("t", deltalake.DeltaTable(path))
            .execute("SELECT * FROM t")
        )
        with open_client(lake, dataset) as client:
            query = f"SELECT * FROM {full_name(client, table)}"
            assert _sorted(there.to_pylist()) == _sorted(read_arrow(client, query).to_pylist())


def _sorted(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(str(sorted(row.items())) for row in rows)


def test_a_setting_that_is_no_folder_is_said(workplace: Workplace) -> None:
    workplace.setting(access_key="key", secret_key="secret")
    missing = workplace.run("load", *LAKE)
    assert missing.code == 1 and "set DESTINATION__FILESYSTEM__BUCKET_URL" in missing.err
    workplace.set(DESTINATION__FILESYSTEM__BUCKET_URL="s3://bucket/lake")
    remote = workplace.run("load", *LAKE)
    assert remote.code == 1 and "takes a folder" in remote.err and remote.err.count("\n") == 1
