"""Fixtures of the tests of a load that can be trusted."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings

from tests.trust.scenario import LoadScenario
from tests.workplace import Workplace

settings.register_profile("trust", deadline=None)  # how long an example takes proves nothing
settings.load_profile("trust")

MakeScenario = Callable[..., LoadScenario]


@pytest.fixture
def make_scenario(workplace: Workplace) -> Iterator[MakeScenario]:
    """Makes a scenario; the arguments are those of `tests.workplace.simulated`."""
    with ExitStack() as stack:

        def make(**options: Any) -> LoadScenario:
            return LoadScenario(workplace, stack, **options)

        yield make


@pytest.fixture
def scenario(make_scenario: MakeScenario) -> LoadScenario:
    """Four small airmeets: two long over, one live, one to come."""
    return make_scenario()
