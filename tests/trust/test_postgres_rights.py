"""Postgres with a role that has rights in three schemas, which an administrator made, and no right
to make any: every command works."""

from typing import Any

import pytest

from tests.postgres_server import query
from tests.trust.conftest import MakeScenario
from tests.trust.test_postgres import PostgresScenario

SCHEMAS = ("airmeet", "airmeet_staging", "airmeet_reports")
POSTGRES = ("--destination", "postgres")


@pytest.fixture
def limited(make_scenario: MakeScenario, database: str) -> PostgresScenario:
    """A scenario that loads as such a role; it is looked at as the administrator."""
    role = f"loader_{database.rpartition('_')[2]}"
    query(database, f"create role {role} login password 'none'")
    for schema in SCHEMAS:
        query(database, f"create schema {schema}")
        query(database, f"grant usage, create on schema {schema} to {role}")
    scenario = PostgresScenario(make_scenario(airmeets=2), database)
    scenario.scenario.workplace.set(
        DESTINATION__POSTGRES__CREDENTIALS=database.replace("postgres:", f"{role}:")
    )
    return scenario


def run(postgres: PostgresScenario, *arguments: str) -> str:
    result = postgres.scenario.workplace.run(*arguments, *POSTGRES)
    assert result.code == 0, result.out + result.err
    return result.out


def held(postgres: PostgresScenario) -> str:
    """All that is in the database, as one text."""
    tables: list[dict[str, Any]] = query(
        postgres.address,
        "select schemaname as s, tablename as t from pg_tables where schemaname like 'airmeet%'",
    )
    return str([query(postgres.address, f'select * from "{t["s"]}"."{t["t"]}"') for t in tables])


def test_every_command_works_with_rights_in_three_schemas(limited: PostgresScenario) -> None:
    scenario, simulator = limited.scenario, limited.scenario.simulator
    assert "airmeet is new" in run(limited, "check")
    assert "nothing is loaded" in scenario.workplace.run("reports", *POSTGRES).err
    run(limited, "status")
    limited.load()
    limited.truth_is_loaded()
    assert "has been loaded before" in run(limited, "check")
    first, _ = scenario.ids
    simulator.edit_airmeet(first, name="Called otherwise")
    gone, person = (str(row["email"]) for row in [*simulator.truth("registrations")][:2])
    simulator.remove_registration(first, gone)
    simulator.clear_feed(first, "session_attendance")
    scenario.refresh()
    limited.load()
    limited.truth_is_loaded()
    run(limited, "reports", "--full")
    names = query(limited.address, "select name from airmeet_reports.event_summary")
    assert "Called otherwise" in {row["name"] for row in names}
    run(limited, "status")
    assert "Called otherwise" in run(limited, "explain", first)
    assert person.strip().lower() in held(limited).lower()
    run(limited, "erase", "--email", person, "--yes")
    assert person.strip().lower() not in held(limited).lower()
    limited.load("--full-refresh")
    assert person.strip().lower() not in held(limited).lower()
