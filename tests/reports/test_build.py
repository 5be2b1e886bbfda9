"""How reports are built: out of whatever is loaded, all at once, and again after a crash."""

import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from airmeet_etl.reports import rebuild as report_rebuild
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.plan import Step
from airmeet_etl.reports.sql_files import SqlFile, sql_files

from tests.reports.conftest import new_pipeline, report
from tests.reports.raw import at, load_raw, synced

NOW = at("2026-03-20 06:00")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dlt.Pipeline:
    """A pipeline with nothing loaded, and a few reports only, so that they are built quickly."""

    def few(folder: str) -> Mapping[str, SqlFile]:
        found = sql_files(folder)
        few = ("attendee_event", "session_attendee", "attendance_curve", "event_summary")
        return {n: found[n] for n in few} if folder == "reporting" else found

    monkeypatch.setattr("airmeet_etl.reports.sql_files.sql_files", few)
    return new_pipeline(tmp_path)


def load_registrations(pipeline: dlt.Pipeline, people: int) -> None:
    load_raw(
        pipeline,
        {
            "airmeets": [{"airmeet_id": "a"}],
            "registrations": [
                {"airmeet_id": "a", "email": f"p{n}@example.com"} for n in range(people)
            ],
            "feed_syncs": synced("a", NOW),
        },
    )


def registered(pipeline: dlt.Pipeline) -> list[tuple[Any, ...]]:
    return report(pipeline, "event_summary", "registered")


@contextmanager
def connection(pipeline: dlt.Pipeline) -> Any:
    with pipeline.sql_client() as client:
        yield client.native_connection


@pytest.mark.slow
def test_nothing_loaded_gives_empty_reports(tmp_path: Path) -> None:
    fresh = new_pipeline(tmp_path)
    assert build_reports(fresh) == dict.fromkeys(sql_files("reporting"), 0)
    assert read_report(fresh, "event_summary").num_rows == 0


@pytest.mark.slow
def test_missing_tables_and_columns_read_as_empty(fresh: dlt.Pipeline) -> None:
    fresh.run(
        [{"airmeet_id": "a"}, {"airmeet_id": "b"}], table_name="airmeets"
    )  # no name, no times
    load_raw(fresh, {"feed_syncs": synced("a", NOW)})
    build_reports(fresh)
    columns = ("airmeet_id", "name", "registered", "attended", "sessions", "is_final")
    assert report(fresh, "event_summary", *columns) == [
        ("a", None, 0, None, 0, True),  # nothing says that it has begun
        ("b", None, None, None, None, False),
    ]


def test_the_callers_pipeline_stays_the_active_one(fresh: dlt.Pipeline) -> None:
    build_reports(fresh)
    assert dlt.current.pipeline().pipeline_name == "airmeet"


def test_nothing_is_left_but_the_reports(fresh: dlt.Pipeline) -> None:
    build_reports(fresh)
    with connection(fresh) as database:
        schemas = database.execute("select distinct table_schema from information_schema.tables")
        assert schemas.fetchall() == [("airmeet_reports",)]


@pytest.mark.slow
def test_dlt_can_read_the_reports_as_a_dataset(fresh: dlt.Pipeline) -> None:
    load_registrations(fresh, 2)
    build_reports(fresh)
    dataset = dlt.dataset(fresh.destination, "airmeet_reports")
    described = dataset.schema.tables["event_summary"]["columns"]["walk_ins"]["description"]
    assert described == "attended − attended_registered."
    assert dataset.table("event_summary").select("registered").fetchall() == [(2,)]


@pytest.mark.slow
def test_a_crash_leaves_the_old_reports_and_the_next_run_heals(
    fresh: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_registrations(fresh, 1)
    build_reports(fresh)
    load_registrations(fresh, 2)
    with monkeypatch.context() as patch:
        patch.setattr("airmeet_etl.reports.rebuild.rebuild", crash)
        with pytest.raises(RuntimeError):
            build_reports(fresh)
    assert registered(fresh) == [(1,)]
    build_reports(fresh)
    assert registered(fresh) == [(2,)]


def crash(*_: object) -> None:
    raise RuntimeError("the machine went down")


@pytest.mark.slow
def test_a_build_that_fails_half_way_changes_nothing(
    fresh: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_registrations(fresh, 1)
    build_reports(fresh)
    load_registrations(fresh, 2)
    fill = report_rebuild.fill

    def failing(client: Any, step: Step, *rest: Any) -> None:
        fill(client, step, *rest)
        if step.name == "event_summary":  # the last of the tables
            raise RuntimeError("the connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr("airmeet_etl.reports.rebuild.fill", failing)
        with pytest.raises(RuntimeError):
            build_reports(fresh)
    assert registered(fresh) == [(1,)]
    assert report(fresh, "attendee_event", "person") == [("p0@example.com",)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "alter table airmeet_reports.event_summary add column retired_metric bigint",
        "alter table airmeet_reports.event_summary drop column walk_ins",
        "alter table airmeet_reports.event_summary alter registered type varchar",
        "drop table airmeet_reports.event_summary",
    ],
)
def test_reports_of_another_version_are_made_anew(fresh: dlt.Pipeline, change: str) -> None:
    load_registrations(fresh, 1)
    build_reports(fresh)
    columns = read_report(fresh, "event_summary").schema
    with connection(fresh) as database:
        database.execute(change)
    build_reports(fresh)
    assert read_report(fresh, "event_summary").schema == columns
    assert registered(fresh) == [(1,)]


@pytest.mark.slow
def test_a_reader_never_sees_reports_missing_empty_or_mixed(fresh: dlt.Pipeline) -> None:
    """Each build changes two reports alike: a reader must find both old or both new."""
    load_registrations(fresh, 1)
    build_reports(fresh)
    seen: list[tuple[Any, ...]] = []
    faults: list[Exception] = []
    with watching(fresh, seen, faults):
        for people in (2, 3, 4):
            load_registrations(fresh, people)
            build_reports(fresh)
    assert not faults
    assert {(1, n, n) for n in (1, 2, 3)} <= set(seen) <= {(1, n, n) for n in (1, 2, 3, 4)}


READ = """
    select count(*), max(registered), (select count(*) from airmeet_reports.attendee_event)
    from airmeet_reports.event_summary
"""


@contextmanager
def watching(pipeline: dlt.Pipeline, seen: list[tuple[Any, ...]], faults: list[Exception]) -> Any:
    """Reads every 10 ms."""
    done = threading.Event()
    with connection(pipeline) as database:
        reader: duckdb.DuckDBPyConnection = database.cursor()

        def read() -> None:
            while not done.is_set():
                try:
                    seen.extend(reader.execute(READ).fetchall())
                except duckdb.Error as fault:
                    faults.append(fault)
                time.sleep(0.01)

        thread = threading.Thread(target=read)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@pytest.mark.slow
def test_views_on_a_report_stay(fresh: dlt.Pipeline) -> None:
    load_registrations(fresh, 1)
    build_reports(fresh)
    with connection(fresh) as database:
        database.execute(
            "create view airmeet_reports.mine as "
            "select registered from airmeet_reports.event_summary"
        )
    load_registrations(fresh, 3)
    build_reports(fresh)
    with connection(fresh) as database:
        assert database.execute("from airmeet_reports.mine").fetchall() == [(3,)]
