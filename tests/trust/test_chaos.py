"""Random fault schedules, 15 unless SCHEDULES says otherwise; `make chaos` runs 1,000."""

import os
from pathlib import Path

import pytest

from tests.chaos import Ending, run_schedule

SCHEDULES = int(os.environ.get("SCHEDULES", 15))


@pytest.mark.parametrize("seed", range(1, SCHEDULES + 1))
def test_a_fault_schedule_ends_in_the_truth(seed: int, tmp_path: Path) -> None:
    ending = run_schedule(seed, tmp_path)
    assert ending == Ending(seed, ending.runs, ending.faults)
