"""Killed at any moment: the next run completes what was begun and asks for nothing twice."""

import pytest

from tests.trust.conftest import SetStage
from tests.trust.killing import MOMENTS, Moment, killed
from tests.trust.scenario import LoadScenario

COMMITTED = {
    "before dlt's normalize",
    "inside dlt's normalize",
    "before dlt's load",
    "with the destination prepared",
    "before anything is merged",
    "with rows merged and not noted",
    "with the ledger merged first",
    "with some rows merged",
    "with all merged and not committed",
    "once committed",
}
"""Moments at which the package is whole on disk, so that the next run completes it."""


REPORTING = "while the reports are built"


def _die(stage: LoadScenario, name: str) -> None:
    killed(MOMENTS[name], ("load", "--no-reports") if name != REPORTING else ("load",))


@pytest.mark.parametrize("name", [name for name in MOMENTS if name != REPORTING])
def test_a_first_load_that_is_killed_is_gone_on_with(set_stage: SetStage, name: str) -> None:
    """The pipeline is brand-new in each case, also where all is extracted and nothing loaded."""
    stage = set_stage(airmeets=2)  # both are long over: one fetch makes them final
    _die(stage, name)
    stage.load()
    assert (set(stage.asked()) <= {"airmeets", "auth"}) == (name in COMMITTED)
    stage.truth_is_loaded()
    assert all(line["is_final"] for line in stage.ledger().values())


@pytest.mark.parametrize(
    "name",
    ["inside dlt's extract", "with rows merged and not noted", "with the ledger merged first"],
)
def test_a_later_load_that_is_killed_is_gone_on_with(stage: LoadScenario, name: str) -> None:
    stage.first_load()
    finished = stage.ids[0]
    stage.simulator.edit_airmeet(finished, name="Called otherwise")
    stage.simulator.clear_feed(finished, "booth_attendance")
    stage.simulator.add_registration(stage.ids[2], "late@example.com")
    stage.refresh()
    _die(stage, name)
    stage.load()
    assert (stage.asked_feeds(finished) == set()) == (name in COMMITTED)
    stage.truth_is_loaded()


def test_packages_that_are_committed_are_not_asked_for_again(set_stage: SetStage) -> None:
    stage = set_stage(airmeets=2, registrations=20)
    second = Moment("airmeet_etl.load.load:package_source", call=3)
    killed(second, ("load", "--no-reports"), PACKAGE_ROWS=60)
    committed = {key for key, line in stage.ledger().items() if line["is_final"]}
    assert committed
    stage.load()
    again = {(entry.airmeet_id, entry.feed) for entry in stage.entries}
    # What hangs under sessions or booths needs their ids, which are read again for that.
    assert again & committed <= {(id, f) for id in stage.ids for f in ("sessions", "booths")}
    stage.truth_is_loaded()


def test_a_new_machine_does_not_trust_lines_of_a_package_that_was_not_completed(
    stage: LoadScenario,
) -> None:
    _die(stage, "with the ledger merged first")
    assert stage.ledger()
    stage.workplace.set(DLT_DATA_DIR=stage.workplace.folder / "another_machine")
    stage.load()
    stage.truth_is_loaded()


def test_a_package_for_another_destination_is_dropped(stage: LoadScenario) -> None:
    _die(stage, "with some rows merged")
    elsewhere = stage.workplace.folder / "elsewhere.duckdb"
    stage.workplace.set(DESTINATION__DUCKDB__CREDENTIALS=elsewhere)
    stage.workplace.file, first = elsewhere, stage.workplace.file
    stage.load()
    stage.truth_is_loaded()
    stage.workplace.set(DESTINATION__DUCKDB__CREDENTIALS=first)
    stage.workplace.file = first
    stage.load()
    stage.truth_is_loaded()


def test_reports_are_whole_or_as_they_were_when_their_building_is_killed(
    stage: LoadScenario,
) -> None:
    assert stage.workplace.run("load").code == 0
    before = stage.workplace.rows("event_summary", "airmeet_reports")
    stage.simulator.add_registration(stage.ids[2], "late@example.com")
    _die(stage, REPORTING)
    assert stage.workplace.rows("event_summary", "airmeet_reports") == before
    stage.truth_is_loaded()
    assert stage.workplace.run("reports").code == 0
    assert stage.workplace.rows("event_summary", "airmeet_reports") != before
