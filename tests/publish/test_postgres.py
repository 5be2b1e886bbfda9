"""Another destination: published on request, and the dashboard over it."""

import json
from pathlib import Path

import dlt
import duckdb
import pytest
from airmeet_dashboard.event import event_page
from airmeet_dashboard.health import health_page
from airmeet_dashboard.people import people_page
from airmeet_dashboard.portfolio import portfolio_page
from airmeet_dashboard.reading import EventFilter, open_reports, rows_of
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.publish import publish, publish_after_load

from tests.dashboard.pages import draw, figures
from tests.reports import community
from tests.reports.raw import load_raw
from tests.workplace import Workplace


@pytest.fixture
def asked(workplace: Workplace, database: str) -> Workplace:
    """Reports on Postgres, to be asked by the command."""
    workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    pipeline = dlt.pipeline("airmeet", destination="postgres", dataset_name="airmeet")
    load_raw(pipeline, community.TABLES)
    build_reports(pipeline)
    with pipeline.sql_client() as client:
        client.execute_sql("create sequence airmeet.numbers")
    return workplace


def test_postgres_is_published_on_request_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", database)
    pipeline = dlt.pipeline("airmeet", destination="postgres", dataset_name="airmeet")
    load_raw(pipeline, community.TABLES)
    build_reports(pipeline)

    assert publish_after_load(pipeline) is None
    published = publish(pipeline)
    assert published.file == Path("reports.duckdb")
    report = read_report(pipeline, "event_summary")
    with duckdb.connect(str(published.file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        copied = connection.sql("from airmeet_reports.event_summary order by airmeet_id")
        names = copied.columns
        assert copied.fetchall() == [
            tuple(row.values()) for row in report.select(names).to_pylist()
        ]

    with open_reports("postgres") as reports:
        events = reports.events()
        cards = figures(portfolio_page(events, draw))
        assert (cards["events"], cards["registered"], cards["attended"]) == ("7", "12", "14")
        (spring,) = rows_of(EventFilter(airmeet_id="spring").apply(events))
        assert figures(event_page(reports, spring, draw))["registered"] == "5"
        people = figures(people_page(reports, EventFilter(), draw, search="acme"))
        assert people["people"] == str(read_report(pipeline, "people").num_rows)
        assert figures(health_page(reports, EventFilter()))["failed"] == "1"


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("select nextval('airmeet.numbers')", "read-only transaction"),
        ("with gone as (delete from airmeet.airmeets returning 1) select * from gone", "reads"),
        ("drop table airmeet.airmeets", "reads"),
        ("select 1; select 2", "reads"),
        ("select * from event_sumary", "Did you mean event_summary?"),
        ("select regstered from event_summary", "Did you mean registered?"),
        ("select e.regstered from event_summary e", "Did you mean registered?"),
    ],
)
def test_sql_on_postgres_reads_and_nothing_else(
    asked: Workplace, statement: str, refusal: str
) -> None:
    result = asked.run("sql", statement, "--destination", "postgres")
    assert (result.code, result.out) == (1, "")
    assert refusal in result.err and result.err.count("\n") == 1


def test_sql_on_postgres_finds_tables_and_takes_a_percent_sign(asked: Workplace) -> None:
    query = "select count(*) as n from event_summary where name like 'S%'"
    result = asked.run("sql", query, "--destination", "postgres", "--format", "json")
    assert json.loads(result.out) == [{"n": 1}], result.err
    query = "select count(*) as n from airmeet.airmeets"
    result = asked.run("sql", query, "--destination", "postgres", "--format", "json")
    assert json.loads(result.out) == [{"n": len(list(community.TABLES["airmeets"]))}]
