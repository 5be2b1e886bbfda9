"""What is read of a load, on each destination: all tests of one share a warehouse with reports,
which none of them changes."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from airmeet_dashboard.reading import open_reports, rows_of
from airmeet_etl.reports.build import read_report
from airmeet_etl.reports.checks import check_reports, failed_checks
from airmeet_etl.reports.sql_files import sql_files
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.engines.conformance.places import Place, Settings
from tests.engines.conformance.stand import AIRMEETS, REGISTRATIONS, Stand, pointed
from tests.figures.comparing import same
from tests.workplace import Workplace, simulated

pytestmark = pytest.mark.slow

REPORTS = tuple(sql_files("reporting"))
_OF_THE_LOAD = {"data_status"}
"""Reports that say when it was loaded."""
_MOMENTS = {"data_as_of", "last_listed_at"}
"""Columns that do."""


@dataclass
class Shared:
    """A destination that the first test loads."""

    folder: Path
    settings: Settings
    simulation: Any
    is_loaded: bool = False


@pytest.fixture(scope="module")
def shared(
    place: Place, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp(place.name)
    with ExitStack() as stack:
        simulation = stack.enter_context(simulated(AIRMEETS, REGISTRATIONS))
        yield Shared(folder, stack.enter_context(place.opened(folder, request)), simulation)


@pytest.fixture
def stand(
    place: Place,
    shared: Shared,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Stand:
    workplace = Workplace(shared.folder, monkeypatch, capsys)
    pointed(workplace, shared.settings, shared.simulation[1])
    found = Stand(place, workplace, *shared.simulation)
    if not shared.is_loaded:
        found.run("load")
        shared.is_loaded = True
    return found


def of_duckdb(stand: Stand) -> dict[str, list[dict[str, Any]]]:
    """The reports of the same community as DuckDB has them."""
    file = stand.folder / "compared.duckdb"
    stand.workplace.set(
        DESTINATION__DUCKDB__CREDENTIALS=file, DLT_DATA_DIR=stand.folder / "compared"
    )
    result = stand.workplace.run("load")
    assert result.code == 0, result.err
    pipeline = open_pipeline("duckdb")
    return {name: read_report(pipeline, name).to_pylist() for name in REPORTS}


def test_reports(stand: Stand) -> None:
    """Each report's rows are those of a DuckDB that loaded and built it all by itself."""
    pipeline = open_pipeline(stand.place.name)
    found = {name: read_report(pipeline, name).to_pylist() for name in REPORTS}
    assert failed_checks(check_reports(pipeline)) == {}
    for name, expected in of_duckdb(stand).items():
        rows = found[name]
        assert len(rows) == len(expected), name
        if name in _OF_THE_LOAD:
            continue
        for mine, right in zip(rows, expected, strict=True):
            assert mine.keys() == right.keys(), name
            differing = {
                key: (mine[key], value)
                for key, value in right.items()
                if key not in _MOMENTS and not same(mine[key], value)
            }
            assert not differing, (name, right)


def test_status(stand: Stand) -> None:
    status = json.loads(stand.run("status --json").out)
    assert status["airmeets"] == AIRMEETS and status["unfinished"] == []
    for feed in ("sessions", "registrations", "questions"):
        assert status["feeds"][feed]["rows"] == len(stand.rows(feed)), feed
    assert f"{AIRMEETS} airmeets" in stand.run("status").out


def test_explain(stand: Stand) -> None:
    first = stand.simulator.airmeets()[0]
    said = stand.run("explain", first.uid).out
    assert first.name in said
    assert stand.run("explain", first.name).out == said


def test_sql(stand: Stand) -> None:
    table = _spelled(stand, "airmeet_reports", "event_summary")
    ask = f"select airmeet_id, registered from {table} order by airmeet_id"
    said = json.loads(stand.run("sql", ask, "--format", "json").out)
    expected = sorted(
        (row["airmeet_id"], row["registered"])
        for row in read_report(open_pipeline(stand.place.name), "event_summary").to_pylist()
    )
    assert [(row["airmeet_id"], row["registered"]) for row in said] == expected
    unknown = stand.run("sql", "select * from no_table_of_ours", code=1)
    assert "no_table_of_ours" in unknown.err.lower() and unknown.err.count("\n") == 1
    refused = stand.run("sql", f"delete from {table}", code=1)
    assert "reads" in refused.err and refused.err.count("\n") == 1


def test_list(stand: Stand) -> None:
    listed = json.loads(stand.run("list --json").out)["airmeets"]
    ids = {airmeet.uid for airmeet in stand.simulator.airmeets()}
    assert {row["airmeet_id"] for row in listed} == ids


def test_export(stand: Stand) -> None:
    pipeline = open_pipeline(stand.place.name)
    for name in REPORTS:
        rows = json.loads(stand.run("export", name, *_JSON).out)
        assert len(rows) == read_report(pipeline, name).num_rows, name
    rows = json.loads(stand.run("export event_summary", *_JSON).out)
    assert {row["name"] for row in rows} == {one.name for one in stand.simulator.airmeets()}


_JSON = ("--output", "-", "--format", "json")


def test_publish(stand: Stand) -> None:
    stand.run("publish --parquet")
    pipeline = open_pipeline(stand.place.name)
    with duckdb.connect(str(stand.folder / "reports.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for name in REPORTS:
            report = read_report(pipeline, name)
            copied = connection.sql(f"from airmeet_reports.{name}").to_arrow_table()
            assert _sorted(copied.select(report.column_names)) == _sorted(report), name
            assert (stand.folder / "reports" / f"{name}.parquet").exists()


def test_dashboard(stand: Stand) -> None:
    """Its data, as the pages read them."""
    with open_reports(stand.place.name) as reports:
        events = rows_of(reports.events())
    summary = read_report(open_pipeline(stand.place.name), "event_summary").to_pylist()
    for field in ("name", "registered", "attended", "is_final"):
        assert {row["airmeet_id"]: row[field] for row in events} == {
            row["airmeet_id"]: row[field] for row in summary
        }


def _sorted(table: Any) -> list[str]:
    return sorted(str(sorted(row.items())) for row in table.to_pylist())


def _spelled(stand: Stand, dataset: str, table: str) -> str:
    """A table's name as somebody writes it in a statement."""
    return f"lab.{dataset}___{table}" if stand.place.name == "clickhouse" else f"{dataset}.{table}"
