"""Which step a test is, and on which destination it runs: `tests/engines/conftest.py` writes it
down with how it ended."""

import pytest

from tests.engines.conformance.places import PLACES, STEPS, Place
from tests.engines.conformance.stand import require_run


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: place.name)
def place(request: pytest.FixtureRequest) -> Place:
    """Each destination of the suite."""
    found: Place = request.param
    return found


@pytest.fixture(autouse=True)
def _step(request: pytest.FixtureRequest, place: Place) -> None:
    step = request.function.__name__.removeprefix("test_").replace("_", " ")
    assert step in STEPS, f"{step} is no step"
    request.node.user_properties.append(("conformance", [place.name, step]))
    require_run(place, step)
