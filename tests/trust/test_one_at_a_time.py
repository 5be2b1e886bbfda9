"""One load at a time from one working folder; a lock of the dead is no lock."""

from pathlib import Path

from filelock import FileLock

from tests.trust.killing import MOMENTS, killed
from tests.trust.scenario import LoadScenario


def _lock(stage: LoadScenario) -> Path:
    return stage.workplace.folder / "dlt" / "pipelines" / "airmeet.lock"


def test_a_second_load_says_so_and_asks_for_nothing(stage: LoadScenario) -> None:
    stage.first_load()
    with FileLock(_lock(stage)):
        result = stage.load(code=1)
    assert result.err.strip() == (
        "airmeet: another load is running from the same working folder "
        f"({_lock(stage).parent}); wait until it has ended, or set DLT_DATA_DIR to another folder"
    )
    assert not stage.entries
    stage.load()


def test_a_lock_of_a_process_that_died_is_taken_over(stage: LoadScenario) -> None:
    killed(MOMENTS["while pages are read"], ("load", "--no-reports"))
    assert _lock(stage).exists()
    stage.load()
    stage.truth_is_loaded()
