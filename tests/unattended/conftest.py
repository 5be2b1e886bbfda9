"""A workplace into which a small community is loaded."""

from collections.abc import Iterator

import pytest
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace, first_load, simulated


@pytest.fixture
def loaded(workplace: Workplace) -> Iterator[Simulator]:
    """Four airmeets, loaded and reported."""
    with simulated(airmeets=4) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
        yield simulator
