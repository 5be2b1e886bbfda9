"""A simulated Airmeet, and a workplace that loads it into a destination of the suite."""

from pathlib import Path
from typing import Any

import pytest
from airmeet_etl.reports.destination import full_name, open_client, read_arrow
from airmeet_etl.warehouse.warehouse import open_pipeline
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator

from tests.engines.conformance.places import Place, Settings
from tests.workplace import TABLES, Result, Workplace, assert_same_rows

AIRMEETS, REGISTRATIONS = 2, 8


class Stand:
    """One destination, and the command that is pointed at it."""

    def __init__(
        self, place: Place, workplace: Workplace, simulator: Simulator, address: Address
    ) -> None:
        self.place = place
        self.workplace = workplace
        self.simulator = simulator
        self.address = address

    @property
    def folder(self) -> Path:
        return self.workplace.folder

    def run(self, command: str, *arguments: str, code: int = 0) -> Result:
        """Run `airmeet` on the destination.

        Args:
            command: in words.
            arguments: further ones, which may have spaces.
            code: how it is to end.
        """
        where = ("--destination", self.place.name)
        result = self.workplace.run(*command.split(), *arguments, *where)
        assert result.code == code, result.out + result.err
        return result

    def load(self, *arguments: str) -> Result:
        """Load without reports; what is asked from here on is counted anew."""
        self.simulator.requests.clear()
        return self.run("load --no-reports", *arguments)

    def rows(self, table: str, dataset: str = "airmeet") -> list[dict[str, Any]]:
        """A table of the destination."""
        with open_client(open_pipeline(self.place.name), dataset) as client:
            query = f"SELECT * FROM {full_name(client, table)}"
            found: list[dict[str, Any]] = read_arrow(client, query).to_pylist()
        return found

    def truth_is_loaded(self) -> None:
        """Fail where a raw table is not the simulator's."""
        for table in TABLES:
            assert_same_rows(self.rows(table), self.simulator.truth(table))

    def datasets(self) -> set[str]:
        """Of ours those that are there."""
        pipeline = open_pipeline(self.place.name)
        found = set()
        for dataset in ("airmeet", "airmeet_staging", "airmeet_reports"):
            with open_client(pipeline, dataset) as client:
                if client.sql_client.has_dataset():
                    found.add(dataset)
        return found

    def held(self) -> str:
        """All rows of raw tables and reports as one text, in lower case."""
        found: list[Any] = []
        for dataset in self.datasets() - {"airmeet_staging"}:
            pipeline = open_pipeline(self.place.name)
            with open_client(pipeline, dataset) as client:
                for table in tables_of(client):
                    query = f"SELECT * FROM {full_name(client, table)}"
                    found.append(read_arrow(client, query).to_pylist())
        return str(found).lower()


def tables_of(client: Any) -> list[str]:
    """Raw tables and reports of a dataset, those that are there."""
    from airmeet.schemas import RAW_TABLES
    from airmeet_etl.reports.sql_files import sql_files

    names = [*RAW_TABLES, *sql_files("reporting"), *sql_files("parts")]
    return [name for name, columns in client.get_storage_tables(names) if columns]


def pointed(workplace: Workplace, settings: Settings, address: Address) -> None:
    """Point a workplace at a destination and a simulator."""
    workplace.set(**settings)
    workplace.point_at(address.v1)


def require_run(place: Place, step: str) -> None:
    """Skip the step where it is declared that it is not run."""
    if reason := place.not_run.get(step):
        pytest.skip(f"{place.name}: {reason}")
