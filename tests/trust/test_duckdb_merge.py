"""Merges into DuckDB read a package's files, wherever these are and however many."""

import dlt
import pytest
from airmeet import resources

from tests.trust.scenario import LoadScenario


def test_a_folder_may_be_called_anything(stage: LoadScenario) -> None:
    odd = stage.workplace.folder / "it's; a \\ folder [x]* é"
    stage.workplace.set(DLT_DATA_DIR=odd)
    stage.load()
    stage.truth_is_loaded()


def test_a_table_may_lie_in_many_files(
    stage: LoadScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_BATCH_ROWS", 3)
    stage.workplace.set(DATA_WRITER__FILE_MAX_ITEMS=3)
    stage.load()
    files = [
        path
        for path in (stage.workplace.folder / "dlt").rglob("loaded/*/completed_jobs/*.parquet")
        if path.name.startswith("registrations.")
    ]
    assert len(files) > 2
    stage.truth_is_loaded()
    finished = stage.ids[0]
    stage.simulator.edit_airmeet(finished, name="Called otherwise")
    stage.simulator.clear_feed(finished, "booth_attendance")
    stage.simulator.remove_registration(
        finished, str(stage.simulator.truth("registrations")[0]["email"])
    )
    stage.refresh()
    stage.load()
    stage.truth_is_loaded()


def test_nothing_is_staged_and_dlt_alone_reads_what_is_loaded(stage: LoadScenario) -> None:
    stage.first_load()
    tables = stage.workplace.sql("select schema_name from duckdb_tables()")
    assert ("airmeet_staging",) not in tables
    pipeline = dlt.attach("airmeet", pipelines_dir=str(stage.workplace.folder / "dlt/pipelines"))
    assert pipeline.destination.destination_type == "dlt.destinations.duckdb"
    loaded = pipeline.dataset().table("registrations").fetchall()
    assert len(loaded) == len(stage.simulator.truth("registrations"))
