"""Checks find nothing in reports that are right, and find what is broken on purpose."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.checks import check_reports, failed_checks
from airmeet_etl.reports.sql_files import sql_files

from tests.reports.conftest import new_pipeline


@pytest.fixture
def broken(built: dlt.Pipeline, tmp_path: Path) -> Iterator[dlt.Pipeline]:
    """A copy of the community's database, to be broken."""
    with built.sql_client() as client:
        client.execute_sql("CHECKPOINT")
        file = client.native_connection.execute("select path from duckdb_databases()").fetchall()
    source = next(path for (path,) in file if path)
    shutil.copy(source, tmp_path / "warehouse.duckdb")
    yield new_pipeline(tmp_path)


def test_reports_that_are_right_pass(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}


@pytest.mark.slow
def test_empty_reports_pass(tmp_path: Path) -> None:
    pipeline = new_pipeline(tmp_path)
    build_reports(pipeline)
    assert check_reports(pipeline) == {}


def test_without_reports_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="build them first"):
        check_reports(new_pipeline(tmp_path))


def test_keys_of_all_reports_are_checked() -> None:
    assert sql_files("checks")["keys_unique"].reads == sql_files("reporting").keys()


BREAKAGES = [
    ("insert into airmeet_reports.people select * from airmeet_reports.people limit 1",
     {"keys_unique": 1}),
    ("update airmeet_reports.event_funnel set people = 5 where stage = 'visited_booth'"
     " and airmeet_id = 'spring'", {"stages_monotone": 1}),
    ("update airmeet_reports.event_summary set registered = 6 where airmeet_id = 'spring'",
     {"raw_to_report": 1, "totals_tie": 7, "people_add_up": 1}),
    ("update airmeet_reports.attendee_event set attended = 0 where person = 'ann@acme.example.com'"
     " and airmeet_id = 'night'", {"totals_tie": 3}),
    ("delete from airmeet_reports.registration_daily where cumulative_registrations = 4"
     " and registrations = 2", {"totals_tie": 1}),
    ("delete from airmeet_reports.question_log where user_id = 'u-x'", {"totals_tie": 1}),
    ("delete from airmeet_reports.session_engagement where session_id = 's5'", {"totals_tie": 1}),
    ("update airmeet_reports.booth_leads set visits = 9 where booth_id = 'b2'", {"totals_tie": 1}),
    ("delete from airmeet_reports.segments where airmeet_id = 'spring' and value = 'India'",
     {"totals_tie": 2}),
    ("delete from airmeet_reports.segments where airmeet_id = 'off' and dimension = 'role_group'",
     {"totals_tie": 1}),
    ("delete from airmeet_reports.session_flow where from_session = '(start)'"
     " and airmeet_id = 'late'", {"totals_tie": 1}),
    ("update airmeet_reports.session_flow set people = 3 where to_session = '(end)'"
     " and airmeet_id = 'night'", {"totals_tie": 1}),
    ("delete from airmeet_reports.event_summary where airmeet_id = 'may'", {"raw_to_report": 1}),
    ("update airmeet_reports.event_summary set booth_visits = 11 where airmeet_id = 'spring'",
     {"raw_to_report": 1, "booth_visits_tie": 1}),
    ("update airmeet_reports.event_summary set poll_respondents = 2 where airmeet_id = 'spring'",
     {"raw_to_report": 1}),
    ("update airmeet_reports.people set show_rate = 1.5 where person = 'bob@acme.example.com'",
     {"values_in_bounds": 1}),
    ("update airmeet_reports.attendee_event set score = -1 where score = 77.5",
     {"values_in_bounds": 1}),
    ("update airmeet.feed_syncs set rows = 12 where airmeet_id = 'spring'"
     " and feed = 'registrations'", {"loaded_as_expected": 1}),
    ("update airmeet.feed_syncs set rows = 6, expected_rows = 7 where airmeet_id = 'spring'"
     " and feed = 'registrations'", {"loaded_as_expected": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "found"), BREAKAGES)
def test_what_is_broken_is_found(broken: dlt.Pipeline, change: str, found: dict[str, int]) -> None:
    with broken.sql_client() as client:
        client.execute_sql(change)
    failed = failed_checks(check_reports(broken))
    assert {name: result.rows for name, result in failed.items()} == found
