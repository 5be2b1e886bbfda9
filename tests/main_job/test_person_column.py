"""A warehouse of an earlier version, which had no column `person`, is filled in place."""

import re
from typing import Any

import dlt
import pytest
from airmeet.person import PERSON, person_key
from airmeet.schemas import TABLES

from tests.workplace import Workplace, simulated

WITH_PEOPLE = [t for t in TABLES.values() if PERSON in t.by_name and not t.gateway_only]
ODD = [
    ("\t ÅNN@Example.com\x1c", "u-9"),
    (None, "u-1"),
    (" \t", "u-2"),
    ("undefined", "null"),
    (None, "Bo@example.com "),
]
"""Addresses and user ids."""


def forget_people(pipeline: dlt.Pipeline) -> None:
    """Take the column away, from the tables and from what dlt knows of them; make some rows odd."""
    schema = pipeline.default_schema
    with pipeline.sql_client() as client:
        for table in WITH_PEOPLE:
            del schema.tables[table.name]["columns"][PERSON]
            client.execute_sql(f"ALTER TABLE {table.name} DROP COLUMN {PERSON}")
        ids = client.execute_sql("SELECT DISTINCT id FROM event_attendance ORDER BY id") or ()
        for (id,), (email, user_id) in zip(ids, ODD, strict=False):
            client.execute_sql(
                "UPDATE event_attendance SET email = %s, user_id = %s WHERE id = %s",
                *(email, user_id, id),
            )
    pipeline.schemas.save_schema(schema)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("destination", "command"),
    [
        ("duckdb", ("load", "--no-reports")),
        ("duckdb", ("reports",)),
        pytest.param("postgres", ("reports",), marks=pytest.mark.engine),
    ],
)
def test_it_is_filled_without_fetching(
    workplace: Workplace,
    request: pytest.FixtureRequest,
    destination: str,
    command: tuple[str, ...],
) -> None:
    if destination == "postgres":
        workplace.set(DESTINATION__POSTGRES__CREDENTIALS=request.getfixturevalue("database"))
    where = ("--destination", destination)
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports", *where).code == 0
        pipeline = dlt.pipeline("airmeet", destination=destination, dataset_name="airmeet")
        forget_people(pipeline)
        simulator.requests.clear()
        result = workplace.run(*command, *where)
        assert result.code == 0, result
        assert {entry.feed for entry in simulator.requests.entries} <= {"auth", "airmeets"}
    found: set[Any] = set()
    for table in WITH_PEOPLE:
        user_id = table.user_id if table.user_id in table.by_name else "NULL"
        with pipeline.sql_client() as client:
            query = f"SELECT email, {user_id}, {PERSON} FROM {table.name}"
            for email, user, person in client.execute_sql(query) or ():
                assert person == person_key(email, user)
                found.add(person)
    assert {"ånn@example.com", "user:u-1", "user:u-2", "bo@example.com", None} <= found


@pytest.mark.slow
def test_until_then_explain_names_the_mend(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
        forget_people(dlt.pipeline("airmeet", destination="duckdb", dataset_name="airmeet"))
        result = workplace.run("explain", simulator.airmeets()[0].uid)
    assert result.code == 1
    assert re.fullmatch(
        r"airmeet: the table airmeet\.\w+ lacks a column that this version reads; airmeet load "
        r"adds it\n",
        result.err,
    )
