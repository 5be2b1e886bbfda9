"""Fixtures of the tests of writing back."""

from collections.abc import Iterator

import pytest

from tests.workplace import Workplace, simulated
from tests.writing.scenario import PushScenario


@pytest.fixture
def scenario(workplace: Workplace) -> Iterator[PushScenario]:
    """A small community, and somebody who writes to it."""
    with simulated(airmeets=4, registrations=8) as (simulator, address):
        yield PushScenario(workplace, simulator, address)


@pytest.fixture
def gateway(scenario: PushScenario) -> PushScenario:
    """The same by today's gateway."""
    scenario.use("gateway")
    return scenario
