"""A workplace with two communities, each with keys and a simulator of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.workplace import Result, Workplace, first_load_of_all, simulated


@dataclass
class Agency:
    """A workplace with communities by name."""

    workplace: Workplace
    communities: dict[str, Simulator]

    def set(self, name: str, **settings: object) -> None:
        """Set settings of a community."""
        self.workplace.set(**{variable(name, field): v for field, v in settings.items()})

    def revoke(self, name: str) -> None:
        """Take a community's keys away, at Airmeet."""
        self.set(name, access_key="no-longer-valid-0123")

    def restore(self, name: str) -> None:
        """Give them back."""
        self.set(name, access_key=ACCESS_KEY)

    def first_load(self) -> Result:
        """Load all, where nobody has changed anything yet; see `tests.workplace.first_load`."""
        return first_load_of_all(self.workplace, [*self.communities.values()])

    def load(self, *arguments: str, code: int = 0) -> Result:
        """Load, and see how it ends."""
        result = self.workplace.run("load", *arguments)
        assert result.code == code, result.out + result.err
        return result

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What a query on the warehouse gives."""
        return self.workplace.sql(query)


def variable(name: str, field: str) -> str:
    """The environment variable of a community's setting."""
    return f"SOURCES__AIRMEET__COMMUNITIES__{name.upper()}__{field.upper()}"


@pytest.fixture
def seeds() -> dict[str, int]:
    """By community, what its simulator's data are drawn from."""
    return {"apac": 1, "emea": 2}


@pytest.fixture
def agency(workplace: Workplace, seeds: dict[str, int]) -> Iterator[Agency]:
    """Two communities that nobody has loaded yet."""
    with ExitStack() as stack:
        found = Agency(workplace, {})
        workplace.setting(async_poll_seconds=0, retry_seconds=0)
        for name, seed in seeds.items():
            simulator, address = stack.enter_context(simulated(6, 8, seed=seed))
            found.communities[name] = simulator
            hosts = dict.fromkeys(("api_url", "analytics_url", "bff_url"), address.v1)
            found.set(name, access_key=ACCESS_KEY, secret_key=SECRET_KEY, **hosts)
        yield found
