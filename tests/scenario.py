"""A simulated Airmeet and the workplace whose commands speak to it: what all scenarios share."""

from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace


class Scenario:
    """One simulator and one workplace that is pointed at it."""

    def __init__(self, workplace: Workplace, simulator: Simulator, address: Address) -> None:
        self.workplace = workplace
        self.simulator = simulator
        self.address = address
        self.use("v1")

    def use(self, layout: str) -> None:
        """Speak to the simulator in a layout: `v1` or `gateway`."""
        gateway = layout == "gateway"
        base = self.address.gateway if gateway else self.address.v1
        self.workplace.point_at(base, "global" if gateway else "v1")

    @property
    def ids(self) -> list[str]:
        """The listed airmeets: the first finished with some of everything, the last to come."""
        return [airmeet.uid for airmeet in self.simulator.airmeets()]
