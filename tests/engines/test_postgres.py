"""A real Postgres server gives the same reports as DuckDB, and swaps them all at once."""

import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports import rebuild as report_rebuild
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.checks import check_reports, failed_checks
from airmeet_etl.reports.sql_files import sql_files

from tests.postgres_server import create_database
from tests.reports import community
from tests.reports.raw import Tables, load_raw
from tests.reports.table_text import as_csv

psycopg2 = pytest.importorskip("psycopg2")

EXPECTED = Path(__file__).parent.parent / "reports" / "expected"


@pytest.fixture(scope="module")
def url(postgres_server: str) -> str:
    return create_database(postgres_server)


def pipeline_to(url: str, dataset: str, folder: Path) -> dlt.Pipeline:
    return dlt.pipeline(
        "airmeet",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.postgres(url),
        dataset_name=dataset,
    )


@pytest.fixture(scope="module")
def built(url: str, tmp_path_factory: pytest.TempPathFactory) -> dlt.Pipeline:
    folder = tmp_path_factory.mktemp("community")
    free_mail = folder / "free_mail.csv"
    free_mail.write_text("domain\nmail.example.com\n")
    pipeline = pipeline_to(url, "airmeet", folder)
    load_raw(pipeline, community.TABLES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTS__FREE_MAIL_DOMAINS", str(free_mail))
        build_reports(pipeline)
    return pipeline


@pytest.mark.parametrize("name", sql_files("reporting"))
def test_reports_are_the_same_as_on_duckdb(built: dlt.Pipeline, name: str) -> None:
    expected = (EXPECTED / f"{name}.csv").read_text(encoding="utf-8")
    assert as_csv(read_report(built, name)).splitlines() == expected.splitlines()


def test_checks_pass(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}


def test_nothing_loaded_gives_empty_reports(url: str, tmp_path: Path) -> None:
    pipeline = pipeline_to(url, "nothing", tmp_path)
    assert build_reports(pipeline) == dict.fromkeys(sql_files("reporting"), 0)
    assert check_reports(pipeline) == {}


def test_a_reader_never_sees_reports_missing_empty_or_mixed(url: str, tmp_path: Path) -> None:
    """Each build changes two reports alike: a reader must find both old or both new."""
    pipeline = pipeline_to(url, "watched", tmp_path)
    load(pipeline, 1)
    build_reports(pipeline)
    seen: list[Any] = []
    done = threading.Event()
    reader = threading.Thread(target=watch, args=(url, seen, done))
    reader.start()
    try:
        for people in (2, 3):
            load(pipeline, people)
            build_reports(pipeline)
    finally:
        done.set()
        reader.join()
    assert {(1, n, n) for n in (1, 2)} <= set(seen) <= {(1, n, n) for n in (1, 2, 3)}


def test_between_two_tables_a_reader_is_neither_kept_waiting_nor_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader that polls may miss a moment; this one looks at each."""
    pipeline = pipeline_to(url, "watched", tmp_path)
    load(pipeline, 1)
    build_reports(pipeline)
    load(pipeline, 2)
    seen: list[Any] = []
    fill = report_rebuild.fill
    with closing(psycopg2.connect(url, options="-c statement_timeout=20000")) as connection:
        connection.autocommit = True

        def looked_at(*arguments: Any) -> None:
            fill(*arguments)
            with connection.cursor() as cursor:
                cursor.execute(READ)
                seen.extend(cursor.fetchall())

        monkeypatch.setattr("airmeet_etl.reports.rebuild.fill", looked_at)
        build_reports(pipeline)
        assert seen == [(1, 1, 1)] * len({**sql_files("reporting"), **sql_files("parts")})
        with connection.cursor() as cursor:
            cursor.execute(READ)
            assert cursor.fetchall() == [(1, 2, 2)]


READ = """
    select count(*), max(registered), (select count(*) from watched_reports.attendee_event)
    from watched_reports.event_summary
"""


def load(pipeline: dlt.Pipeline, people: int) -> None:
    tables: Tables = {
        "airmeets": [{"airmeet_id": "a"}],
        "registrations": [{"airmeet_id": "a", "email": f"p{n}@example.com"} for n in range(people)],
        "feed_syncs": [{"airmeet_id": "a", "feed": "registrations", "status": "loaded"}],
    }
    load_raw(pipeline, tables)


def watch(url: str, seen: list[Any], done: threading.Event) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        while not done.is_set():
            try:
                cursor.execute(READ)
                seen.extend(cursor.fetchall())
            except psycopg2.Error as fault:
                seen.append(str(fault))
            time.sleep(0.01)
    connection.close()
