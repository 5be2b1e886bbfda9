"""The floor of the benchmarks, which a load is compared with, loads the people that it does."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.workplace import Workplace, simulated

ROOT = Path(__file__).parents[2]

TABLES = ("registrations", "participants", "event_attendance", "session_attendance")


@pytest.mark.slow
def test_it_loads_the_same_people(workplace: Workplace) -> None:
    with simulated(3, 20) as (simulator, address):
        workplace.point_at(address.v1)
        file = workplace.folder / "floor.duckdb"
        subprocess.run(
            [sys.executable, "-m", "benchmarks.floor"],
            cwd=ROOT,
            env={**os.environ, "DESTINATION__DUCKDB__CREDENTIALS": str(file)},
            check=True,
        )
        with duckdb.connect(str(file), read_only=True) as database:
            for table in TABLES:
                found = database.sql(f"SELECT DISTINCT email FROM {table}").fetchall()
                truth = {row["email"] for row in simulator.truth(table)}
                assert _written(email for (email,) in found) == _written(truth), table


def _written(addresses: Iterable[object]) -> set[str]:
    return {str(address).strip().lower() for address in addresses if address}
