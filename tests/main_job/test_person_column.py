"""A warehouse of an earlier version, which had no column `person`, is filled in place."""

import dlt
import pytest
from airmeet.person import PERSON, person_key
from airmeet.schemas import TABLES

from tests.workplace import Workplace, first_load, simulated

WITH_PEOPLE = [table for table in TABLES.values() if PERSON in table.by_name]


def forget_people(workplace: Workplace) -> None:
    """Take the column away, from the tables and from what dlt knows of them."""
    pipeline = dlt.pipeline("airmeet", destination="duckdb", dataset_name="airmeet")
    schema = pipeline.default_schema
    for table in WITH_PEOPLE:
        if table.name in schema.tables:
            del schema.tables[table.name]["columns"][PERSON]
            workplace.execute(f"alter table airmeet.{table.name} drop column {PERSON}")
    pipeline.schemas.save_schema(schema)


@pytest.mark.parametrize("command", [("load", "--no-reports"), ("reports",)], ids=" ".join)
def test_it_is_filled_without_fetching(workplace: Workplace, command: tuple[str, ...]) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        forget_people(workplace)
        for key, value in {"email": "\t ÅNN@Example.com\x1c", "user_id": "u-1"}.items():
            other = "user_id" if key == "email" else "email"
            workplace.execute(
                f"update airmeet.event_attendance set {key} = '{value}', {other} = null "
                f"where id = (select {'min' if key == 'email' else 'max'}(id) "
                "from airmeet.event_attendance)"
            )
        simulator.requests.clear()
        assert workplace.run(*command).code == 0
        assert {entry.feed for entry in simulator.requests.entries} <= {"auth", "airmeets"}
    found = set()
    for table in WITH_PEOPLE:
        if not table.gateway_only:
            for row in workplace.rows(table.name):
                assert row[PERSON] == person_key(row.get("email"), row.get(table.user_id))
                found.add(row[PERSON])
    assert {"ånn@example.com", "user:u-1"} <= found
