"""Random fault schedules, 15 unless SCHEDULES says otherwise, all but the first few long;
`make chaos` runs 1,000."""

import os
from pathlib import Path

import pytest

from tests.chaos import Ending, run_schedule
from tests.sweeps import first

SCHEDULES = int(os.environ.get("SCHEDULES", 15))
FEW = 2


@pytest.mark.parametrize("seed", first(FEW, range(1, SCHEDULES + 1)))
def test_a_fault_schedule_ends_in_the_truth(seed: int, tmp_path: Path) -> None:
    ending = run_schedule(seed, tmp_path)
    assert ending == Ending(seed, ending.runs, ending.faults)
