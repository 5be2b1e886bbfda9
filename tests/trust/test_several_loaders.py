"""Several loaders of one dataset at once: nothing is lost, nothing is there twice, and the reports
are those of a full build."""

import pytest

from tests.trust.conftest import MakeScenario
from tests.trust.several import Loaders

LOAD = "load --no-reports"


@pytest.fixture
def postgres(make_scenario: MakeScenario, database: str) -> Loaders:
    scenario = make_scenario(airmeets=3)
    scenario.workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    return Loaders(scenario, "postgres")


@pytest.mark.slow
def test_first_loads_at_once(postgres: Loaders) -> None:
    assert postgres.at_once(LOAD, LOAD, LOAD) == [0, 0, 0]
    postgres.truth_is_loaded()
