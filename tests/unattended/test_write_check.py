"""`airmeet check` writes to the destination, reads it back, and leaves nothing behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres_server import query
from tests.unattended.test_reading_commands import held
from tests.workplace import Workplace, first_load, simulated

SCHEMAS = ("airmeet", "airmeet_staging", "airmeet_reports")


@pytest.fixture
def place(workplace: Workplace) -> Iterator[Workplace]:
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        yield workplace


def contents(workplace: Workplace) -> list[tuple[Any, ...]]:
    return workplace.sql(
        "select schema_name, table_name, estimated_size from duckdb_tables() "
        "union all select schema_name, '', 0 from duckdb_schemas() order by all"
    )


def test_a_new_duckdb_file_is_not_made_and_its_folder_is_written_to(place: Workplace) -> None:
    result = place.run("check")
    assert result.code == 0, result.out
    assert f"ok      folder: {place.folder} can be written" in result.out
    assert [*place.folder.glob("*.duckdb*")] == [] and [*place.folder.glob("tmp*")] == []


def test_a_folder_that_cannot_be_written_is_said(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(dir: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("airmeet_etl.inspection.write_check.TemporaryFile", refuse)
    result = place.run("check")
    assert result.code == 1
    assert f"FAILED  folder: {place.folder} cannot be written: Permission denied" in result.out


def test_a_loaded_duckdb_file_takes_a_merge_and_is_as_it_was(workplace: Workplace) -> None:
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        before = contents(workplace)
        result = workplace.run("check")
        assert result.code == 0, result.out
        assert contents(workplace) == before
    lines = result.out.splitlines()
    assert "ok      dataset airmeet: a row was written, merged, read back and removed" in lines
    assert (
        "ok      dataset airmeet_reports: a table was made, read back, emptied and dropped"
    ) in lines


def test_while_a_load_has_the_file_open_check_says_so_once(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        with held(workplace.file) as process:
            result = workplace.run("check")
    assert result.code == 1
    [line] = [line for line in result.out.splitlines() if line.startswith("FAILED")]
    assert f"process {process}, has {workplace.file} open" in line


def schemas_of(database: str) -> set[str]:
    rows = query(database, "select nspname as name from pg_namespace")
    return {row["name"] for row in rows if row["name"].startswith("airmeet")}


def tables_of(database: str) -> list[dict[str, Any]]:
    return query(database, "select * from pg_tables where schemaname like 'airmeet%'")


@pytest.fixture
def limited(place: Workplace, database: str) -> Iterator[tuple[Workplace, str, str]]:
    """A workplace with a role that has no right beyond connecting; the database, and the role."""
    role = f"limited_{database.rpartition('_')[2]}"
    query(database, f"create role {role} login password 'none'")
    place.set(DESTINATION__POSTGRES__CREDENTIALS=database.replace("postgres:", f"{role}:"))
    yield place, database, role


def test_postgres_is_left_as_it_was(place: Workplace, database: str) -> None:
    place.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    result = place.run("check", "--destination", "postgres")
    assert result.code == 0, result.out
    assert "dataset airmeet: a row was merged by way of airmeet_staging, read back" in result.out
    assert schemas_of(database) == set()
    for schema in SCHEMAS:
        query(database, f"create schema {schema}")
    query(database, "create table airmeet._airmeet_check (left_by_a_kill integer)")
    assert place.run("check", "--destination", "postgres").code == 0
    assert schemas_of(database) == {*SCHEMAS}
    assert tables_of(database) == []


def test_each_right_that_is_missing_is_named(limited: tuple[Workplace, str, str]) -> None:
    place, database, role = limited
    name = database.rpartition("/")[2]

    def failed() -> list[str]:
        result = place.run("check", "--destination", "postgres")
        lines = [line for line in result.out.splitlines() if line.startswith("FAILED")]
        assert result.code == (1 if lines else 0)
        return lines

    lines = failed()
    assert len(lines) == 2
    for line in lines:
        assert line.endswith(
            f'; let an administrator run: GRANT CREATE ON DATABASE "{name}" TO "{role}"'
        )
    for schema in SCHEMAS:
        query(database, f"create schema {schema}")
    for missing in SCHEMAS:
        grant = f'GRANT USAGE, CREATE ON SCHEMA "{missing}" TO "{role}"'
        for schema in SCHEMAS:
            if schema != missing:
                query(database, f"grant usage, create on schema {schema} to {role}")
        [line] = failed()
        assert line.endswith(f"; let an administrator run: {grant}")
        query(database, f"grant usage on schema {missing} to {role}")
        [line] = failed()
        assert line.endswith(f"; let an administrator run: {grant}")
        query(database, grant)
        assert failed() == []
        query(database, f"revoke all on schema {', '.join(SCHEMAS)} from {role}")
        assert tables_of(database) == []
