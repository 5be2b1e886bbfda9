"""Merges into DuckDB read a package's files, wherever these are and however many."""

from time import sleep

import dlt
import pytest
from airmeet import resources
from dlt.destinations.job_client_impl import SqlLoadJob

from tests.trust.scenario import LoadScenario


def test_a_folder_may_be_called_anything(scenario: LoadScenario) -> None:
    odd = scenario.workplace.folder / "it's; a \\ folder [x]* é"
    scenario.workplace.set(DLT_DATA_DIR=odd)
    scenario.load()
    scenario.truth_is_loaded()


@pytest.mark.parametrize("limit", ["FILE_MAX_ITEMS", "FILE_MAX_BYTES"])
def test_a_table_may_lie_in_many_files(
    scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(resources, "_BATCH_ROWS", 3)
    scenario.workplace.set(**{f"DATA_WRITER__{limit}": 3})
    scenario.load()
    files = [
        path
        for path in (scenario.workplace.folder / "dlt").rglob("loaded/*/completed_jobs/*.parquet")
        if path.name.startswith("registrations.")
    ]
    assert len(files) > 2
    scenario.truth_is_loaded()
    finished = scenario.ids[0]
    scenario.simulator.edit_airmeet(finished, name="Called otherwise")
    scenario.simulator.clear_feed(finished, "booth_attendance")
    scenario.simulator.remove_registration(
        finished, str(scenario.simulator.truth("registrations")[0]["email"])
    )
    scenario.refresh()
    scenario.load()
    scenario.truth_is_loaded()


def test_one_table_is_merged_at_a_time(
    scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes memory of its own; what dlt does around a merge goes on meanwhile."""
    merge, merging, most = SqlLoadJob.run, set[str](), list[int]()

    def noted(self: SqlLoadJob) -> None:
        merging.add(self.file_name())
        most.append(len(merging))
        sleep(0.01)
        merge(self)
        merging.remove(self.file_name())

    monkeypatch.setattr(SqlLoadJob, "run", noted)
    scenario.load()
    assert len(most) > 10 and {*most} == {1}
    scenario.truth_is_loaded()


def test_nothing_is_staged_and_dlt_alone_reads_what_is_loaded(scenario: LoadScenario) -> None:
    scenario.first_load()
    tables = scenario.workplace.sql("select schema_name from duckdb_tables()")
    assert ("airmeet_staging",) not in tables
    pipeline = dlt.attach("airmeet", pipelines_dir=str(scenario.workplace.folder / "dlt/pipelines"))
    assert pipeline.destination.destination_type == "dlt.destinations.duckdb"
    loaded = pipeline.dataset().table("registrations").fetchall()
    assert len(loaded) == len(scenario.simulator.truth("registrations"))
