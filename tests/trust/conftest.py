"""Fixtures of the tests of a load that can be trusted."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings

from tests.desk import Workplace
from tests.trust.stage import Stage

settings.register_profile("trust", deadline=None)  # how long an example takes proves nothing
settings.load_profile("trust")

SetStage = Callable[..., Stage]


@pytest.fixture
def set_stage(workplace: Workplace) -> Iterator[SetStage]:
    """Sets a stage; the arguments are those of `tests.desk.simulated`."""
    with ExitStack() as stack:

        def setting(**options: Any) -> Stage:
            return Stage(workplace, stack, **options)

        yield setting


@pytest.fixture
def stage(set_stage: SetStage) -> Stage:
    """Four small airmeets: two long over, one live, one to come."""
    return set_stage()
