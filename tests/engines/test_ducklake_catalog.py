"""A DuckLake that two machines share: its catalog is in Postgres, its files in a shared folder."""

import pytest

from tests.ducklake import install_extensions
from tests.postgres_server import create_database
from tests.trust.conftest import MakeScenario, make_scenario
from tests.trust.several import Loaders

__all__ = ["make_scenario"]

pytest.importorskip("psycopg2")
pytestmark = pytest.mark.slow


def test_two_machines_load_and_erase(make_scenario: MakeScenario, postgres_server: str) -> None:
    scenario = make_scenario(airmeets=2)
    workplace = scenario.workplace
    install_extensions(workplace, "postgres_scanner")
    workplace.set(
        DESTINATION__DUCKLAKE__CREDENTIALS__CATALOG=create_database(postgres_server),
        DESTINATION__DUCKLAKE__CREDENTIALS__STORAGE=(workplace.folder / "lake").as_uri(),
    )
    loaders = Loaders(scenario, "ducklake")
    plain = "load --no-reports"
    assert loaders.at_once(plain, plain) == [0, 0], loaders.said()
    loaders.truth_is_loaded()
    scenario.simulator.edit_airmeet(scenario.ids[0], name="Called otherwise")
    scenario.simulator.clear_feed(scenario.ids[0], "session_attendance")
    scenario.refresh()
    assert loaders.at_once("load", f"{plain} --full-refresh") == [0, 0], loaders.said()
    loaders.truth_is_loaded()
    person = next(str(row["email"]) for row in scenario.simulator.truth("registrations"))
    assert loaders.at_once(f"erase --email {person} --yes") == [0], loaders.said()
    found = {str(row["email"]).lower() for row in loaders.rows("registrations")}
    assert found and person.lower() not in found
