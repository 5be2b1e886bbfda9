"""Killed at any moment: the next run completes what was begun and asks for nothing twice."""

import pytest

from tests.sweeps import first
from tests.trust.conftest import MakeScenario
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


def _die(scenario: LoadScenario, name: str) -> None:
    killed(MOMENTS[name], ("load", "--no-reports") if name != REPORTING else ("load",))


@pytest.mark.parametrize("name", first(6, [name for name in MOMENTS if name != REPORTING]))
def test_a_first_load_that_is_killed_is_gone_on_with(
    make_scenario: MakeScenario, name: str
) -> None:
    """The pipeline is brand-new in each case, also where all is extracted and nothing loaded."""
    scenario = make_scenario(airmeets=2)  # both are long over: one fetch makes them final
    _die(scenario, name)
    scenario.load()
    assert (set(scenario.asked()) <= {"airmeets", "auth"}) == (name in COMMITTED)
    scenario.truth_is_loaded()
    assert all(line["is_final"] for line in scenario.ledger().values())


@pytest.mark.parametrize(
    "name",
    first(
        1,
        ["with rows merged and not noted", "inside dlt's extract", "with the ledger merged first"],
    ),
)
def test_a_later_load_that_is_killed_is_gone_on_with(scenario: LoadScenario, name: str) -> None:
    scenario.first_load()
    finished = scenario.ids[0]
    scenario.simulator.edit_airmeet(finished, name="Called otherwise")
    scenario.simulator.clear_feed(finished, "booth_attendance")
    scenario.simulator.add_registration(scenario.ids[2], "late@example.com")
    scenario.refresh()
    _die(scenario, name)
    scenario.load()
    assert (scenario.asked_feeds(finished) == set()) == (name in COMMITTED)
    scenario.truth_is_loaded()


def test_packages_that_are_committed_are_not_asked_for_again(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=2, registrations=20)
    second = Moment("airmeet_etl.load.load:package_source", call=3)
    killed(second, ("load", "--no-reports"), PACKAGE_ROWS=60)
    committed = {key for key, line in scenario.ledger().items() if line["is_final"]}
    assert committed
    scenario.load()
    again = {(entry.airmeet_id, entry.feed) for entry in scenario.entries}
    # What hangs under sessions or booths needs their ids, which are read again for that.
    assert again & committed <= {(id, f) for id in scenario.ids for f in ("sessions", "booths")}
    scenario.truth_is_loaded()


def test_a_new_machine_does_not_trust_lines_of_a_package_that_was_not_completed(
    scenario: LoadScenario,
) -> None:
    _die(scenario, "with the ledger merged first")
    assert scenario.ledger()
    scenario.workplace.set(DLT_DATA_DIR=scenario.workplace.folder / "another_machine")
    scenario.load()
    scenario.truth_is_loaded()


def test_a_package_for_another_destination_is_dropped(scenario: LoadScenario) -> None:
    _die(scenario, "with some rows merged")
    elsewhere = scenario.workplace.folder / "elsewhere.duckdb"
    scenario.workplace.set(DESTINATION__DUCKDB__CREDENTIALS=elsewhere)
    scenario.workplace.file, first = elsewhere, scenario.workplace.file
    result = scenario.workplace.run("load", "--no-reports")
    assert result.code == 0 and "made for another destination" in result.out + result.err
    scenario.truth_is_loaded()
    scenario.workplace.set(DESTINATION__DUCKDB__CREDENTIALS=first)
    scenario.workplace.file = first
    scenario.load()
    scenario.truth_is_loaded()


def test_the_working_folder_keeps_the_packages_of_the_last_run_alone(
    scenario: LoadScenario,
) -> None:
    folder = scenario.workplace.folder / "dlt/pipelines/airmeet"

    def packages() -> set[str]:
        return {path.name for path in (folder / "load/loaded").iterdir()}

    def extractions() -> set[str]:
        return {path.name for path in (folder / "normalize").glob("[!.]*")}

    _die(scenario, "inside dlt's extract")
    assert len(extractions()) > 1
    scenario.load()
    assert extractions() == {"extracted"}
    first = packages()
    scenario.simulator.add_registration(scenario.ids[2], "late@example.com")
    scenario.refresh()
    scenario.load()
    assert packages() and not packages() & first
    scenario.truth_is_loaded()


def test_reports_are_whole_or_as_they_were_when_their_building_is_killed(
    scenario: LoadScenario,
) -> None:
    assert scenario.workplace.run("load").code == 0
    before = scenario.workplace.rows("event_summary", "airmeet_reports")
    scenario.simulator.add_registration(scenario.ids[2], "late@example.com")
    _die(scenario, REPORTING)
    assert scenario.workplace.rows("event_summary", "airmeet_reports") == before
    scenario.truth_is_loaded()
    assert scenario.workplace.run("reports").code == 0
    assert scenario.workplace.rows("event_summary", "airmeet_reports") != before
