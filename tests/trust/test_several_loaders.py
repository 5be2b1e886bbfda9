"""Several loaders of one dataset at once: nothing is lost, nothing is there twice, and the reports
are those of a full build."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.ducklake import install_extensions
from tests.sweeps import first
from tests.trust.conftest import MakeScenario
from tests.trust.killing import MOMENTS, Moment
from tests.trust.several import Loaders

LOAD = "load --no-reports"
ROUNDS = [*first(2, range(20))]

ANY = ["postgres", "ducklake"]
REPORTED = [*first(1, ["postgres", "ducklake"])]
"""A build of the reports takes a DuckLake half a minute."""

pytestmark = [pytest.mark.slow, pytest.mark.engine]


@pytest.fixture
def loaders(request: pytest.FixtureRequest, make_scenario: MakeScenario) -> Loaders:
    scenario = make_scenario(airmeets=3)
    if request.param == "postgres":
        database = request.getfixturevalue("database")
        scenario.workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    else:
        install_extensions(scenario.workplace)
    return Loaders(scenario, request.param)


@pytest.mark.parametrize("loaders", ANY, indirect=True)
def test_first_loads_at_once(loaders: Loaders) -> None:
    assert loaders.at_once(LOAD, LOAD, LOAD) == [0, 0, 0], loaders.said()
    loaders.truth_is_loaded()


@pytest.mark.parametrize("loaders", REPORTED, indirect=True)
def test_reports_of_loads_at_once(loaders: Loaders) -> None:
    assert loaders.at_once("load", "load", "reports")[:2] == [0, 0], loaders.said()
    loaders.truth_is_loaded()
    loaders.reports_are_of_a_full_build()


def _moments(draw: random.Random) -> Iterator[Moment]:
    """Moments to die at, early calls of them first."""
    while True:
        name = draw.choice(sorted(MOMENTS))
        yield replace(MOMENTS[name], call=draw.choice((1, 1, 1, 2, 3)))


@pytest.mark.parametrize("loaders", REPORTED, indirect=True)
@pytest.mark.parametrize("seed", ROUNDS)
def test_rounds_with_changes_and_kills(loaders: Loaders, seed: int) -> None:
    draw = random.Random(seed)
    moments = _moments(draw)
    scenario, simulator = loaders.scenario, loaders.scenario.simulator
    many = draw.choice((2, 3))
    dying = [next(moments) if draw.random() < 0.6 else None for _ in range(many)]
    assert {*loaders.at_once(*["load"] * many, dying=dying)} <= {0, None}, loaders.said()
    first, second, _ = scenario.ids
    simulator.edit_airmeet(first, name="Called otherwise")
    simulator.remove_registration(first, str(simulator.truth("registrations")[0]["email"]))
    simulator.clear_feed(second, "session_attendance")
    scenario.refresh()
    dying = [next(moments) if draw.random() < 0.6 else None for _ in range(many)]
    commands = [draw.choice(("load --full-refresh", "load", LOAD)) for _ in range(many)]
    loaders.at_once(*commands, dying=dying)
    again = [draw.choice(("load --full-refresh", "load")) for _ in range(many)]
    again[0] = "load --full-refresh"
    assert loaders.at_once(*again) == [0] * many, loaders.said()
    loaders.truth_is_loaded()
    loaders.reports_are_of_a_full_build()
