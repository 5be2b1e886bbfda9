"""Two communities on two machines, loaded at once into one Postgres."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pytest
from airmeet_etl.reports.sql_files import sql_files
from airmeet_simulator.tokens import ACCESS_KEY

from tests.communities.conftest import Agency, variable

pytestmark = pytest.mark.slow

_LOAD = (sys.executable, "-m", "airmeet_etl", "load", "--destination", "postgres")
_OF_KEYS = ("access_key", "secret_key", "api_url", "analytics_url", "bff_url")


class Machines:
    """A machine for each community, which has the keys of no other one."""

    def __init__(self, agency: Agency, database: str) -> None:
        self.agency = agency
        self._database = database
        agency.workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)

    def load(self, *arguments: str) -> dict[str, subprocess.CompletedProcess[str]]:
        """Load all at once; how each ended is returned, by the name of its community."""
        started = {}
        for name in self.agency.communities:
            others = self.agency.communities.keys() - {name}
            hidden = {variable(other, field) for other in others for field in _OF_KEYS}
            kept = {key: value for key, value in os.environ.items() if key not in hidden}
            folder = self.agency.workplace.folder / f"machine-{name}"
            folder.mkdir(exist_ok=True)
            started[name] = subprocess.Popen(
                [*_LOAD, *arguments],
                env={**kept, "DLT_DATA_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        ended = {}
        for name, process in started.items():
            out, err = process.communicate()
            ended[name] = subprocess.CompletedProcess(process.args, process.returncode, out, err)
        return ended

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What a query on the database gives."""
        with psycopg2.connect(self._database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def reports_are_right(self) -> None:
        """Over all there is what each community's own reports have."""
        for report in sql_files("reporting").keys() - {"people", "accounts"}:
            columns = ", ".join(f'"{c.name}"' for c in sql_files("reporting")[report].columns)
            found = self.sql(f"select community, {columns} from airmeet_reports.{report}")
            expected = [
                (name, *row)
                for name in self.agency.communities
                for row in self.sql(f"select {columns} from airmeet_{name}_reports.{report}")
            ]
            assert sorted(found, key=repr) == sorted(expected, key=repr), report
        everybody = " union ".join(
            f"select person from airmeet_{name}_reports.people" for name in self.agency.communities
        )
        assert self.sql("select person from airmeet_reports.people order by 1") == self.sql(
            f"select person from ({everybody}) as everybody order by 1"
        )

    def truth_is_loaded(self, *names: str) -> None:
        """As many registrations as each simulator has; the rows are compared elsewhere."""
        for name in names:
            truth = len(self.agency.communities[name].truth("registrations"))
            assert self.sql(f"select count(*) from airmeet_{name}.registrations") == [(truth,)]


@pytest.fixture
def machines(agency: Agency, database: str) -> Machines:
    return Machines(agency, database)


def _codes(ended: dict[str, subprocess.CompletedProcess[str]]) -> dict[str, int]:
    return {name: process.returncode for name, process in ended.items()}


def _come(agency: Agency, email: str) -> None:
    """Somebody registers in each community."""
    for simulator in agency.communities.values():
        airmeet = next(a.uid for a in simulator.airmeets() if a.status == "FINISHED")
        simulator.add_registration(airmeet, email, "Ann")


def test_two_machines_load_by_the_hour_and_one_loses_its_keys(machines: Machines) -> None:
    agency = machines.agency
    ended = machines.load()
    assert _codes(ended) == {"apac": 0, "emea": 0}, [p.stderr for p in ended.values()]
    machines.truth_is_loaded("apac", "emea")
    machines.reports_are_right()

    agency.revoke("apac")
    _come(agency, "first@example.com")
    ended = machines.load("--full-refresh")
    assert _codes(ended) == {"apac": 1, "emea": 0}, [p.stderr for p in ended.values()]
    assert "does not accept the keys" in ended["apac"].stderr
    machines.truth_is_loaded("emea")
    machines.reports_are_right()

    agency.set("apac", access_key=ACCESS_KEY)
    _come(agency, "second@example.com")
    ended = machines.load("--full-refresh")
    assert _codes(ended) == {"apac": 0, "emea": 0}, [p.stderr for p in ended.values()]
    machines.truth_is_loaded("apac", "emea")
    machines.reports_are_right()
    both = "select community from airmeet_reports.people where person = 'second@example.com'"
    assert machines.sql(both) == [("apac, emea",)]


def test_reports_of_an_earlier_version_make_way(machines: Machines) -> None:
    """Postgres drops no table that a view reads."""
    machines.load()
    machines.sql("drop view airmeet_reports.event_summary")
    machines.sql("alter table airmeet_emea_reports.event_summary drop column walk_ins")
    machines.sql(
        "create view airmeet_reports.event_summary as "
        "select airmeet_id from airmeet_emea_reports.event_summary"
    )
    ended = machines.load()
    assert _codes(ended) == {"apac": 0, "emea": 0}, [p.stderr for p in ended.values()]
    machines.reports_are_right()


def test_one_machine_erases_from_both(machines: Machines, tmp_path: Path) -> None:
    agency = machines.agency
    _come(agency, "ann@example.com")
    machines.load()
    agency.workplace.set(DLT_DATA_DIR=tmp_path / "third")
    result = agency.workplace.run(
        "erase", "--email", "ann@example.com", "--destination", "postgres"
    )
    assert result.code == 0, result.out + result.err
    for dataset in ("airmeet_apac", "airmeet_emea"):
        query = f"select count(*) from {dataset}.registrations where person = 'ann@example.com'"
        assert machines.sql(query) == [(0,)]
    query = "select count(*) from airmeet_reports.people where person = 'ann@example.com'"
    assert machines.sql(query) == [(0,)]
