"""What a build makes anew, and what it leaves as it is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.build import build, read_report
from airmeet_etl.reports.checks import AS_EXPECTED, check_build, check_reports
from airmeet_etl.reports.plan import plan_of
from airmeet_etl.reports.queries import facts_of
from airmeet_etl.reports.rebuild import noted_load
from airmeet_etl.reports.sql_files import sql_files

from tests.rebuild.conftest import IDS, REPORTS, fetch_again, run
from tests.reports import community
from tests.reports.conftest import new_pipeline
from tests.reports.raw import load_raw, synced
from tests.sweeps import first


def mark(pipeline: dlt.Pipeline) -> None:
    """Leave a mark in every row of a report."""
    run(pipeline, f"update {REPORTS}.attendee_event set name = 'marked'")


def marked(pipeline: dlt.Pipeline) -> set[str]:
    rows = read_report(pipeline, "attendee_event").to_pylist()
    return {row["airmeet_id"] for row in rows if row["name"] == "marked"}


def test_airmeets_that_did_not_change_are_left_as_they_are(pipeline: dlt.Pipeline) -> None:
    everywhere = {row["airmeet_id"] for row in read_report(pipeline, "attendee_event").to_pylist()}
    mark(pipeline)
    assert build(pipeline).how == "built anew for 0 of 7 airmeets"
    assert marked(pipeline) == everywhere
    fetch_again(pipeline, "spring")
    assert build(pipeline).how == "built anew for 1 of 7 airmeets"
    assert marked(pipeline) == everywhere - {"spring"}
    assert build(pipeline, full=True).how == "all built anew (as asked)"
    assert marked(pipeline) == set()


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("update airmeet.airmeets set name = 'Renamed' where airmeet_id = 'may'", "1"),
        ("update airmeet.airmeets set status = 'CANCELLED' where airmeet_id = 'next'", "1"),
        ("update airmeet.feed_syncs set status = 'failed' where airmeet_id = 'may'", "1"),
        ("delete from airmeet.questions where airmeet_id = 'spring'", "1"),
        ("delete from airmeet.feed_syncs where airmeet_id in ('may', 'late')", "2"),
        ("update airmeet.participants set token = 'x'", "0"),
    ],
)
def test_what_changes_an_airmeet(pipeline: dlt.Pipeline, statement: str, changed: str) -> None:
    if "token" in statement:
        run(pipeline, "alter table airmeet.participants add column if not exists token varchar")
    run(pipeline, statement)
    assert build(pipeline).how == f"built anew for {changed} of 7 airmeets"


@pytest.mark.long
def test_a_column_that_the_warehouse_does_not_have_yet(pipeline: dlt.Pipeline) -> None:
    """A release brings columns: raw tables have them from the next load on."""
    run(pipeline, "alter table airmeet.registrations drop column city")
    assert build(pipeline).how.startswith("all built anew (")
    fetch_again(pipeline, "spring")
    assert build(pipeline).how == "built anew for 1 of 7 airmeets"
    changed = read_report(pipeline, "attendee_event").to_pylist()
    build(pipeline, full=True)
    whole = read_report(pipeline, "attendee_event").to_pylist()
    assert sorted(map(str, changed)) == sorted(map(str, whole))


def test_rows_changed_by_hand_are_found_where_they_are_looked_for(pipeline: dlt.Pipeline) -> None:
    run(pipeline, "update airmeet.event_attendance set name = 'Nobody' where airmeet_id = 'may'")
    assert build(pipeline).how == "built anew for 0 of 7 airmeets"
    run(pipeline, "delete from airmeet.session_attendance where airmeet_id = 'night'")
    fetch_again(pipeline, "spring")
    assert build(pipeline, compare=True).how == "built anew for 3 of 7 airmeets"
    names = {row["name"] for row in read_report(pipeline, "attendee_event").to_pylist()}
    assert "Nobody" in names
    assert build(pipeline, compare=True).how == "built anew for 0 of 7 airmeets"
    run(pipeline, f"drop table {REPORTS}._row_digests")
    assert (
        build(pipeline, compare=True).how == "all built anew (raw rows were never compared before)"
    )


def test_time_that_passes_changes_the_airmeets_that_hang_on_it(pipeline: dlt.Pipeline) -> None:
    """In july, spring is no longer among the last 90 days; june is not awaited any more."""
    later = community.FETCHED + timedelta(days=30)
    run(
        pipeline,
        f"update airmeet.feed_syncs set requested_at = '{later}' "
        "where airmeet_id = 'next' and feed = 'sessions'",
    )
    build(pipeline)
    changed = {id for (id,) in run(pipeline, f"select * from {REPORTS}._changed_airmeets")}
    assert "next" in changed
    assert changed < IDS


def test_history_is_not_looked_through_for_rows_that_were_just_built(
    pipeline: dlt.Pipeline,
) -> None:
    plan = plan_of(pipeline, facts_of(pipeline, REPORTS), changes=True)
    [people] = [step for step in plan.steps if step.name == "attendee_event"]
    assert people.rows == "_rows_of_attendee_event"
    by_airmeet = re.compile(r'"(\w+)"(?: AS \w+)? WHERE rowid IN', re.IGNORECASE)
    looked_through = {
        table for step in plan.steps for table in by_airmeet.findall(step.query) if table[0] != "_"
    }
    assert not looked_through & {*sql_files("reporting")}
    readers = [step.name for step in plan.steps if people.rows in step.query]
    assert {"follow_up", "certificates", "event_summary"} <= {*readers}
    fetch_again(pipeline, "spring")
    build(pipeline)
    left = run(pipeline, "select table_name from duckdb_tables() where table_name ^@ '_rows_of_'")
    assert left == []


def test_as_many_statements_for_many_airmeets_as_for_one(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(*airmeets: str) -> int:
        fetch_again(pipeline, *airmeets)
        counted: list[str] = []
        with monkeypatch.context() as patch:
            from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

            execute = DuckDbSqlClient.execute_sql

            def counting(client: Any, sql: str, *values: Any) -> Any:
                counted.append(sql)
                return execute(client, sql, *values)

            patch.setattr(DuckDbSqlClient, "execute_sql", counting)
            build(pipeline)
        return len(counted)

    assert statements("spring") == statements(*IDS)


@pytest.mark.long
def test_where_most_airmeets_changed_all_are_built_anew(tmp_path: Path) -> None:
    many = [f"a{number}" for number in range(21)]
    pipeline = new_pipeline(tmp_path)
    ledger = [row for airmeet in many for row in synced(airmeet, community.FETCHED)]
    listed = [{"airmeet_id": airmeet} for airmeet in many]
    load_raw(pipeline, {"airmeets": listed, "feed_syncs": ledger})
    build(pipeline)
    fetch_again(pipeline, *many[:10])
    assert build(pipeline).how == "built anew for 10 of 21 airmeets"
    fetch_again(pipeline, *many[:11])
    assert build(pipeline).how == "all built anew (most airmeets changed)"


@pytest.mark.long
def test_a_setting_that_changes_builds_all_anew(
    pipeline: dlt.Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domains = tmp_path / "domains.csv"
    domains.write_text("domain\nacme.example.com\n")
    monkeypatch.setenv("REPORTS__FREE_MAIL_DOMAINS", str(domains))
    changed = "all built anew (the SQL, a seed, a setting, the time zones or the version changed)"
    assert build(pipeline).how == changed
    assert build(pipeline).how == "built anew for 0 of 7 airmeets"
    domains.write_text("domain\nbirch.example.com\n")
    assert build(pipeline).how == changed


def test_a_load_that_was_killed_builds_all_anew(pipeline: dlt.Pipeline) -> None:
    with noted_load(pipeline, REPORTS):
        pass
    assert build(pipeline).how == "built anew for 0 of 7 airmeets"
    left = noted_load(pipeline, REPORTS)
    left.__enter__()  # and never ended
    with noted_load(pipeline, REPORTS):
        pass
    assert build(pipeline).how == "all built anew (a load was cut off)"
    assert build(pipeline).how == "built anew for 0 of 7 airmeets"


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("alter table {}.people drop column name", "people was changed by hand"),
        ("drop table {}.accounts", "accounts was changed by hand"),
        ("drop table {}._part_segment_counts", "_part_segment_counts is gone"),
        ("drop table {}._airmeet_states", "_airmeet_states is gone"),
        ("drop table {}._report_builds", "no earlier build is known"),
    ],
)
def test_tables_that_somebody_changed(pipeline: dlt.Pipeline, statement: str, why: str) -> None:
    run(pipeline, statement.format(REPORTS))
    assert build(pipeline).how == f"all built anew ({why})"


def test_statements_are_compiled_once(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_again(pipeline, "spring")
    build(pipeline)
    fetch_again(pipeline, "spring")
    monkeypatch.setattr("airmeet_etl.reports.plan._compiled", None)
    assert build(pipeline).how == "built anew for 1 of 7 airmeets"
    monkeypatch.setattr("airmeet_etl.reports.queries.sql_of", None)
    assert check_reports(pipeline, {AS_EXPECTED}) == {}


@pytest.mark.parametrize("nonsense", first(1, ["{", "null", '"text"', "[]", '{"steps": 1}']))
def test_what_was_kept_and_cannot_be_read_is_compiled_again(
    pipeline: dlt.Pipeline, tmp_path: Path, nonsense: str
) -> None:
    build(pipeline)
    kept = [*(tmp_path / "dlt").glob("*.reports_sql")]
    assert len(kept) == 2  # for all, and for changes
    for file in kept:
        file.write_text(nonsense)
    assert build(pipeline).how == "built anew for 0 of 7 airmeets"
    assert build(pipeline, full=True).how == "all built anew (as asked)"


@pytest.mark.long
def test_a_finding_stays_until_its_airmeet_is_mended(pipeline: dlt.Pipeline) -> None:
    before = check_build(pipeline)
    run(
        pipeline,
        "insert into airmeet.event_attendance "
        "from airmeet.event_attendance where airmeet_id = 'may' limit 1",
    )
    build(pipeline)
    found = check_build(pipeline)
    assert "raw_keys_unique" in found.keys() - before.keys()
    fetch_again(pipeline, "spring")
    assert build(pipeline).how == "built anew for 1 of 7 airmeets"
    assert check_build(pipeline) == found
    assert check_build(pipeline, full=True) == found
    load_raw(pipeline, community.TABLES)
    build(pipeline)
    assert "raw_keys_unique" not in check_build(pipeline)


def test_checks_that_run_over_midnight_are_those_of_the_day_on_which_they_began(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_build(pipeline)
    evening = datetime.now(UTC)

    class Clock(datetime):
        moments = iter((evening,))

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return next(cls.moments, evening + timedelta(days=1))

    fetch_again(pipeline, "spring")
    build(pipeline)
    monkeypatch.setattr("airmeet_etl.reports.checks.datetime", Clock)
    check_build(pipeline)
    noted = run(pipeline, f"select checked_on from {REPORTS}._report_builds")
    assert noted == [(evening.date(),)]


@pytest.mark.long
def test_two_rows_of_a_person_are_found_where_the_person_was_built_anew(
    pipeline: dlt.Pipeline,
) -> None:
    def found() -> bool:
        fetch_again(pipeline, "spring")
        build(pipeline)
        return "keys_unique" in check_build(pipeline)

    def twice(which: str) -> None:
        people = (
            f"{REPORTS}.people where person {which} (select person from {REPORTS}._changed_people)"
        )
        run(pipeline, f"insert into {REPORTS}.people from {people} limit 1")

    assert not found()
    twice("not in")
    assert not found()
    run(pipeline, f"update {REPORTS}._report_builds set checked_on = checked_on - 1")
    assert found()
    assert found()
    run(
        pipeline,
        f"delete from {REPORTS}.people where rowid not in "
        f"(select min(rowid) from {REPORTS}.people group by person)",
    )
    assert not found()


@pytest.mark.long
def test_a_check_of_all_airmeets_runs_once_a_day_and_until_what_it_found_is_mended(
    pipeline: dlt.Pipeline,
) -> None:
    def check() -> set[str]:
        build(pipeline)
        return {*check_build(pipeline)} & {"airmeets_present", AS_EXPECTED}

    gone = r"o''clock \ 100% %s E'' ✓"
    assert check() == set()
    run(
        pipeline,
        f"insert into airmeet.event_attendance by name (select * replace ('{gone}' as airmeet_id) "
        "from airmeet.event_attendance where airmeet_id = 'may' limit 1)",
    )
    assert check() == set()
    run(pipeline, f"update {REPORTS}._report_builds set checked_on = checked_on - 1")
    assert check() == {"airmeets_present"}
    run(pipeline, "update airmeet.feed_syncs set \"rows\" = 999 where airmeet_id = 'spring'")
    assert check() == {"airmeets_present", AS_EXPECTED}
    assert gone.replace("''", "'") in check_build(pipeline)["airmeets_present"].airmeets
    run(pipeline, f"delete from airmeet.event_attendance where airmeet_id = '{gone}'")
    assert check() == {AS_EXPECTED}


def test_a_build_that_was_not_checked_is_checked_by_the_next(pipeline: dlt.Pipeline) -> None:
    check_build(pipeline)
    run(
        pipeline,
        "insert into airmeet.event_attendance "
        "from airmeet.event_attendance where airmeet_id = 'may' limit 1",
    )
    build(pipeline)
    fetch_again(pipeline, "spring")
    build(pipeline)
    assert "raw_keys_unique" in check_build(pipeline)


def test_engines_that_were_not_tried_are_built_whole(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airmeet_etl.reports.rebuild.ENGINES", set())
    assert build(pipeline).how == "all built anew (at this destination they always are)"
