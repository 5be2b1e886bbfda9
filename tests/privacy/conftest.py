"""Fixtures of the tests of what is stored of people."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator

from tests.conftest import Alter as AlterAny
from tests.conftest import Change
from tests.workplace import Workplace, simulated

Alter = Callable[[str, Change], None]

KEY = "a key for the tests alone"


@pytest.fixture
def service(workplace: Workplace) -> Iterator[tuple[Simulator, Address]]:
    """A small community, and the workplace pointed at it."""
    with simulated(airmeets=4, registrations=16, extra_fields=True) as (simulator, address):
        workplace.point_at(address.v1)
        yield simulator, address


@pytest.fixture
def simulator(service: tuple[Simulator, Address]) -> Simulator:
    """The community, served as the specification has it."""
    return service[0]


@pytest.fixture
def gateway(workplace: Workplace, service: tuple[Simulator, Address]) -> Simulator:
    """The community, served by the gateway with all its feeds."""
    simulator, address = service
    workplace.point_at(address.gateway, region="global")
    return simulator


@pytest.fixture
def alter(simulator: Simulator, alter: AlterAny) -> Alter:
    """Alters the rows that the simulator sends for a path's ending."""
    return partial(alter, simulator)
