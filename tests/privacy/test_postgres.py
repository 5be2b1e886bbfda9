"""Erasing on Postgres: the same statements, on a server."""

import pytest
from airmeet_simulator.simulator import Simulator

from tests.postgres_server import query
from tests.privacy.conftest import Alter
from tests.privacy.test_erase import is_of, somebody
from tests.privacy.test_pushed import SECOND, push
from tests.privacy.traces import traces
from tests.workplace import TABLES, Workplace, truth_of


def test_a_person_goes_and_stays_away(
    workplace: Workplace, simulator: Simulator, alter: Alter, database: str
) -> None:
    workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    address, name = somebody(simulator)
    # 100 % of a text with a mark that drivers read as a place for a value.
    alter("/info", lambda rows: [r.update(summary=f"100 %s for {address}") for r in rows])
    alter("/info", lambda rows: [r["speakerList"].append({"email": address}) for r in rows])

    def run(*arguments: str) -> None:
        result = workplace.run(*arguments, "--destination", "postgres")
        assert result.code == 0, result.out + result.err

    def held() -> str:
        tables = query(
            database,
            "select schemaname as s, tablename as t from pg_tables "
            "where schemaname like 'airmeet%'",
        )
        return "\n".join(
            str(query(database, f'select * from "{table["s"]}"."{table["t"]}"')) for table in tables
        )

    def keys() -> set[str]:
        """Whom the table of pushes names."""
        pushes = query(database, "select row_key from airmeet.pushes")
        return {line["row_key"] for line in pushes}

    run("load")
    assert push(workplace, simulator, address, SECOND, destination="postgres") == 0
    assert keys() == {address, SECOND}
    assert address in held().lower() and name in held()
    run("erase", "--email", address)
    assert keys() == {SECOND}
    run("load", "--full-refresh")
    assert address not in held().lower() and name not in held()
    assert traces(workplace.folder, (address, name)) == set()
    for table in set(TABLES) - {"session_people"}:
        others = [row for row in truth_of(simulator, table) if not is_of(row, address)]
        [count] = query(database, f"select count(*) as n from airmeet.{table}")
        assert count["n"] == len(others)
    run("reports")
    run("explain", str(truth_of(simulator, "airmeets")[0]["airmeet_id"]))
    run("status")


@pytest.mark.slow
def test_a_foreign_key_of_others_is_named_and_the_rest_is_done(
    workplace: Workplace, simulator: Simulator, database: str
) -> None:
    workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    address, _ = somebody(simulator)
    where = ("--destination", "postgres")
    feeds = ("--only", "registrations", "--only", "event_attendance")
    assert workplace.run("load", "--no-reports", *feeds, *where).code == 0
    for statement in (
        "alter table airmeet.registrations add unique (airmeet_id, email)",
        "create table airmeet.a_note (airmeet_id varchar, email varchar, foreign key "
        "(airmeet_id, email) references airmeet.registrations (airmeet_id, email))",
        "insert into airmeet.a_note select airmeet_id, email from airmeet.registrations",
    ):
        query(database, statement)
    result = workplace.run("erase", "--email", address, *where)
    said = " ".join(result.out.split())
    assert result.code == 3, said
    assert "refused: 1 rows of registrations are not removed: " in said
    assert "still there: airmeet.a_note.email (address, in 1 value)" in said
    assert address not in said.lower()
    left = query(database, "select email from airmeet.event_attendance")
    assert left and address not in {str(row["email"]).strip().lower() for row in left}
