"""One server for all tests; each test puts its own simulator behind it."""

from collections.abc import Callable, Iterator

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.app import App
from airmeet_simulator.faults import Faults
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import Address, serving
from airmeet_simulator.simulator import Simulator

from tests.simulator.visitor import Clock, Visitor

Open = Callable[..., tuple[Simulator, Visitor]]


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[App, Address]]:
    app = App(Simulator(Plan(1, 1)))
    with serving(app) as address:
        yield app, address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visit(server: tuple[App, Address], clock: Clock) -> Open:
    """Return a function that opens a simulator and gives a visitor that has a token."""
    app, address = server

    def opened(
        plan: Plan | None = None,
        faults: Faults | None = None,
        base: str = "/api/v1",
        **options: object,
    ) -> tuple[Simulator, Visitor]:
        settings = SimulatorOptions(**{"prepare_polls": 0, **options})  # type: ignore[arg-type]
        simulator = Simulator(plan or Plan(12, 40, seed=3), settings, None, clock)
        app.simulator = simulator
        visitor = Visitor(address.port, base)
        visitor.enter()
        simulator.set_faults(faults)
        simulator.requests.clear()
        return simulator, visitor

    return opened
