"""The reports over several communities: what each has, and everybody counted once."""

import os

import duckdb
import pytest
from airmeet_etl.reports.sql_files import sql_files

from tests.communities.conftest import Agency
from tests.sweeps import first
from tests.workplace import Workplace

POOLED = ("people", "accounts")


def _as_if_one(agency: Agency) -> dict[str, list[tuple[object, ...]]]:
    """The pooled reports as they would be if all airmeets were of one community."""
    place: Workplace = agency.workplace
    merged = place.folder / "merged.duckdb"
    with duckdb.connect(str(merged)) as one:
        one.execute(f"attach '{place.file}' as loaded (read_only)")
        one.execute("create schema airmeet")
        first, *others = agency.communities
        names = one.execute(
            "select distinct table_name from duckdb_tables() "
            "where database_name = 'loaded' and schema_name = ?",
            [f"airmeet_{first}"],
        ).fetchall()
        for (table,) in names:
            for number, community in enumerate((first, *others)):
                rows = f'select * from loaded.airmeet_{community}."{table}"'
                if table in ("_dlt_version", "_dlt_pipeline_state") and number:
                    continue
                columns = one.sql(rows).columns
                if "airmeet_id" in columns:
                    rows = rows.replace(
                        "*", f"* replace ('{community}/' || airmeet_id as airmeet_id)"
                    )
                if number:
                    _widen(one, table, rows)
                    one.execute(f'insert into airmeet."{table}" by name {rows}')
                else:
                    one.execute(f'create table airmeet."{table}" as {rows}')
        one.execute("detach loaded")
    fields = ("ACCESS_KEY", "SECRET_KEY", "API_URL", "ANALYTICS_URL", "BFF_URL")
    with pytest.MonkeyPatch.context() as patch:
        for community in agency.communities:
            for name in fields:
                patch.delenv(f"SOURCES__AIRMEET__COMMUNITIES__{community.upper()}__{name}")
        patch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(merged))
        patch.setenv("DLT_DATA_DIR", str(place.folder / "merged"))
        result = place.run("reports")
    assert result.code in (0, 3), result.out + result.err
    with duckdb.connect(str(merged), read_only=True) as one:
        return {name: _rows(one.sql(f"from airmeet_reports.{name}"), name) for name in POOLED}


def _widen(one: duckdb.DuckDBPyConnection, table: str, rows: str) -> None:
    there = set(one.sql(f'from airmeet."{table}"').columns)
    relation = one.sql(rows)
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if name not in there:
            one.execute(f'alter table airmeet."{table}" add column "{name}" {kind}')


def _rows(relation: duckdb.DuckDBPyRelation, report: str) -> list[tuple[object, ...]]:
    columns = ", ".join(f'"{column.name}"' for column in sql_files("reporting")[report].columns)
    return sorted(relation.select(columns).fetchall(), key=repr)


def test_each_report_has_the_rows_of_each_community(agency: Agency) -> None:
    agency.first_load()
    with agency.workplace.read():
        for report in sql_files("reporting").keys() - set(POOLED):
            rows = agency.sql(f"select * from airmeet_reports.{report}")
            expected = [
                (name, *row)
                for name in agency.communities
                for row in agency.sql(f"select * from airmeet_{name}_reports.{report}")
            ]
            assert sorted(rows, key=repr) == sorted(expected, key=repr), report
            assert rows or not expected


@pytest.mark.parametrize("seeds", first(1, [{"apac": 3, "emea": 3}, {"apac": 1, "emea": 2}]))
def test_people_and_accounts_are_counted_once_over_all(agency: Agency) -> None:
    """Also where both communities have the same people, and airmeets of the same ids."""
    for name, simulator in agency.communities.items():
        airmeet = next(a.uid for a in simulator.airmeets() if a.status == "FINISHED")
        for email in ("both@shared.example.com", f"{name}@alone.example.com"):
            simulator.add_registration(airmeet, email, "Somebody")
            simulator.add_row(airmeet, "event_attendance", email)
    agency.load()
    with duckdb.connect(str(agency.workplace.file), read_only=True) as loaded:
        found = {name: _rows(loaded.sql(f"from airmeet_reports.{name}"), name) for name in POOLED}
    assert found == _as_if_one(agency)
    named = agency.sql(
        "select person, community, events_attended from airmeet_reports.people "
        "where person like '%alone%' or person like '%shared%' order by 1"
    )
    assert named == [
        ("apac@alone.example.com", "apac", 1),
        ("both@shared.example.com", "apac, emea", 2),
        ("emea@alone.example.com", "emea", 1),
    ]
    domains = agency.sql(
        "select domain, community, people from airmeet_reports.accounts "
        "where domain in ('alone.example.com', 'shared.example.com') order by 1"
    )
    assert domains == [
        ("alone.example.com", "apac, emea", 2),
        ("shared.example.com", "apac, emea", 1),
    ]


@pytest.mark.long
def test_a_run_that_changes_nothing_leaves_them_as_they_are(agency: Agency) -> None:
    agency.first_load()
    builds = "select count(*) from airmeet_reports._dlt_loads"
    ((before,),) = agency.sql(builds)
    agency.load("--since", "2999-01-01")
    assert agency.sql(builds) == [(before,)]
    emea = agency.communities["emea"]
    airmeet = next(a.uid for a in emea.airmeets() if a.status == "FINISHED")
    emea.add_registration(airmeet, "late@example.com", "Late")
    agency.load("--full-refresh", "--community", "emea")
    assert agency.sql(builds) == [(before + 1,)]
    late = "select community from airmeet_reports.people where person = 'late@example.com'"
    assert agency.sql(late) == [("emea",)]


def test_a_community_that_is_gone_from_the_destination_is_gone_from_the_reports(
    agency: Agency,
) -> None:
    agency.first_load()
    for dataset in ("airmeet_apac", "airmeet_apac_reports"):
        agency.workplace.execute(f"drop schema {dataset} cascade")
    result = agency.workplace.run("reports", "--community", "emea")
    assert result.code == 0, result.out + result.err
    assert agency.sql("select distinct community from airmeet_reports.event_summary") == [("emea",)]


def test_the_published_file_holds_what_is_over_all(agency: Agency) -> None:
    agency.first_load()
    published = str(agency.workplace.folder / "reports.duckdb")
    with duckdb.connect(published, read_only=True) as file, agency.workplace.read():
        for report in sql_files("reporting"):
            found = file.sql(f"from airmeet_reports.{report}")
            assert found.columns[0] == "community"
            expected = agency.sql(f"from airmeet_reports.{report}")
            assert sorted(found.fetchall(), key=repr) == sorted(expected, key=repr)


@pytest.mark.long
def test_a_warehouse_of_a_single_pair_becomes_one_of_communities(agency: Agency) -> None:
    """The reports of the single pair were tables; they make way."""
    workplace = agency.workplace
    hosts = ("API_URL", "ANALYTICS_URL", "BFF_URL")
    with pytest.MonkeyPatch.context() as patch:
        for field in ("ACCESS_KEY", "SECRET_KEY", *hosts):
            value = os.environ[f"SOURCES__AIRMEET__COMMUNITIES__APAC__{field}"]
            patch.setenv(f"SOURCES__AIRMEET__{field}", value)
            for name in ("APAC", "EMEA"):
                patch.delenv(f"SOURCES__AIRMEET__COMMUNITIES__{name}__{field}")
        result = workplace.run("load")
        assert result.code == 0, result.out + result.err
    agency.load()
    assert agency.sql(
        "select community, count(*) from airmeet_reports.event_summary group by 1 order by 1"
    ) == [("apac", 6), ("emea", 6)]
