"""Fixtures of the tests of writing back."""

from collections.abc import Iterator

import pytest

from tests.workplace import Workplace, simulated
from tests.writing.workplace import Desk


@pytest.fixture
def desk(workplace: Workplace) -> Iterator[Desk]:
    """A small community, and somebody who writes to it."""
    with simulated(airmeets=4, registrations=8) as (simulator, address):
        yield Desk(workplace, simulator, address)
