"""One load at a time from one working folder; a lock of the dead is no lock."""

from pathlib import Path

from filelock import FileLock

from tests.trust.killing import MOMENTS, killed
from tests.trust.scenario import LoadScenario


def _lock(scenario: LoadScenario) -> Path:
    return scenario.workplace.folder / "dlt" / "pipelines" / "airmeet.lock"


def test_a_second_load_says_so_and_asks_for_nothing(scenario: LoadScenario) -> None:
    scenario.first_load()
    with FileLock(_lock(scenario)):
        result = scenario.load(code=1)
    assert result.err.strip() == (
        "airmeet: another load is running from the same working folder "
        f"({_lock(scenario).parent}); wait until it has ended, or set "
        "DLT_DATA_DIR to another folder"
    )
    assert not scenario.entries
    scenario.load()


def test_a_lock_of_a_process_that_died_is_taken_over(scenario: LoadScenario) -> None:
    killed(MOMENTS["while pages are read"], ("load", "--no-reports"))
    assert _lock(scenario).exists()
    scenario.load()
    scenario.truth_is_loaded()
