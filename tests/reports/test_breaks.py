"""What is broken in the raw tables by hand is found by a check, or docs/checks.md says why not."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest
from airmeet.feeds import FEED_NAMES, TABLE_FEEDS
from airmeet.schemas import TABLES
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.checks import CheckResults, check_reports, failed_checks
from airmeet_etl.reports.sql_files import sql_files
from airmeet_etl.warehouse.connection import hold_connection

from tests.made_once import made_once
from tests.reports import community
from tests.reports.conftest import building, loaded_and_built, new_pipeline
from tests.reports.raw import Row, Tables, at, load_raw, rows
from tests.sweeps import first, first_of_each
from tools.checks_docs import UNSEEN

GATEWAY: Tables = {
    "tracks": rows("airmeet_id", "track_id", "name")(("spring", "t1", "Main")),
    "track_sessions": rows("airmeet_id", "track_id", "session_id")(
        ("spring", "t1", "s1"), ("spring", "t1", "s2")
    ),
    "session_recordings": rows("airmeet_id", "session_id", "position")(("spring", "s1", 0)),
    "replay_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("spring", "s1", 1, community.ANN), ("spring", "s1", 2, community.DAN)
    ),
    "registration_utms": rows("airmeet_id", "id", "email", "utm_source")(
        ("spring", 1, community.ANN, "letter"), ("spring", 2, community.BOB, "letter")
    ),
}

STAY = {"time_stamp": at("2026-03-01 04:10"), "time_spent": 60_000}
"""Of those who attended in spring."""


def _tables() -> Tables:
    """The community as a load leaves it: with the gateway's feeds, and rows counted."""
    tables = {**community.TABLES, **GATEWAY}
    tables["airmeets"] = [
        {**row, "last_listed_at": community.FETCHED} for row in tables["airmeets"]
    ]
    tables["event_attendance"] = [
        {**row, **(STAY if row["airmeet_id"] == "spring" else {})}
        for row in tables["event_attendance"]
    ]
    ledger = [*tables["feed_syncs"]]
    known = {(line["airmeet_id"], line["feed"]) for line in ledger}
    ledger += [
        {**line, "feed": feed}
        for line in ledger
        if line["feed"] == "sessions"
        for feed in FEED_NAMES[1:]
        if feed not in TABLE_FEEDS and (line["airmeet_id"], feed) not in known
        if TABLES[feed].owner == "airmeet_id"
    ]
    tables["feed_syncs"] = [_counted(line, tables) for line in ledger]
    return tables


def _counted(line: Row, tables: Tables) -> Row:
    owner = TABLES[line["feed"]].owner
    of_airmeet = (row for row in tables.get(line["feed"], []) if row[owner] == line["airmeet_id"])
    return {**line, "rows": sum(1 for _ in of_airmeet), "loaded_at": community.FETCHED}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a warehouse that nobody has touched."""
    folder = tmp_path_factory.mktemp("untouched")
    made_once("untouched", folder, lambda folder: load_raw(new_pipeline(folder), _tables()))
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> CheckResults:
    """What is worth a look in the community."""
    return check_reports(loaded_and_built(tmp_path_factory.mktemp("before"), _tables()))


@pytest.fixture
def copy(loaded: Path, tmp_path: Path) -> Iterator[dlt.Pipeline]:
    """A copy of the warehouse, to be broken."""
    shutil.copy(loaded / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    yield new_pipeline(tmp_path)


def test_what_nobody_touched_has_no_failure(before: CheckResults) -> None:
    assert failed_checks(before) == {}
    assert before.keys() == {"nobody_registered", "ids_known"}


SPRING = "where airmeet_id = 'spring'"
LEDGER = f"update airmeet.feed_syncs set {{}} {SPRING} and feed = '{{}}'"
SEEN: dict[str, tuple[str, str]] = {
    # rows gone
    "one registration gone": (
        f"delete from airmeet.registrations {SPRING} and name = 'Bob'", "loaded_as_expected"),
    "half of a feed gone": (
        f"delete from airmeet.event_attendance {SPRING} and id > 4", "loaded_as_expected"),
    "all rows of a table gone": ("delete from airmeet.questions", "loaded_as_expected"),
    "a whole table gone": ("drop table airmeet.booth_attendance", "loaded_as_expected"),
    "sessions gone": (f"delete from airmeet.sessions {SPRING}", "loaded_as_expected"),
    "a session gone, and counted": (
        "delete from airmeet.sessions where session_id = 's1';"
        + LEDGER.format("rows = rows - 1", "sessions"), "rows_have_parents"),
    "a booth gone, and counted": (
        "delete from airmeet.booths where booth_id = 'b1';"
        + LEDGER.format("rows = rows - 1", "booths"), "rows_have_parents"),
    "a form's field gone, and counted": (
        "delete from airmeet.custom_fields where field_id = 'f1';"
        + LEDGER.format("rows = rows - 1", "custom_fields"), "rows_have_parents"),
    "a track gone, and counted": (
        "delete from airmeet.tracks;" + LEDGER.format("rows = 0", "tracks"), "rows_have_parents"),
    "an answered field gone, and counted": (
        "delete from airmeet.custom_fields where field_id = 'f3';"
        + LEDGER.format("rows = rows - 1", "custom_fields"), "ids_known"),
    "an airmeet gone": (f"delete from airmeet.airmeets {SPRING}", "airmeets_present"),
    "an airmeet without rows gone": (
        "delete from airmeet.airmeets where airmeet_id = 'off';"
        " delete from airmeet.registrations where airmeet_id = 'off'", "airmeets_present"),
    "all airmeets gone": ("delete from airmeet.airmeets", "airmeets_present"),
    "registrations gone, and counted": (
        f"delete from airmeet.registrations {SPRING};"
        + LEDGER.format("rows = 0", "registrations"), "nobody_registered"),
    "attendance gone, and counted": (
        f"delete from airmeet.event_attendance {SPRING};"
        f" delete from airmeet.session_attendance {SPRING};"
        + LEDGER.format("rows = 0", "event_attendance") + ";"
        + LEDGER.format("rows = 0", "session_attendance"), "traces_without_attendance"),
    # rows twice
    "a registration twice": (
        f"insert into airmeet.registrations select * from airmeet.registrations {SPRING}"
        " and name = 'Bob'", "raw_keys_unique"),
    "a registration twice in another spelling, and counted": (
        "insert into airmeet.registrations select * replace (upper(email) as email)"
        f" from airmeet.registrations {SPRING} and name = 'Bob';"
        + LEDGER.format("rows = rows + 1", "registrations"), "people_add_up"),
    "attendance twice, and counted": (
        "insert into airmeet.event_attendance select * from airmeet.event_attendance;"
        "update airmeet.feed_syncs set rows = 2 * rows where feed = 'event_attendance'",
        "raw_keys_unique"),
    "a participant twice, and counted": (
        f"insert into airmeet.participants select * from airmeet.participants {SPRING};"
        + LEDGER.format("rows = 2 * rows", "participants"), "people_add_up"),
    "a visitor twice, and counted": (
        "insert into airmeet.booth_attendance select * from airmeet.booth_attendance where id = 1;"
        + LEDGER.format("rows = rows + 1", "booth_attendance"), "raw_keys_unique"),
    "an airmeet twice": (
        f"insert into airmeet.airmeets select * from airmeet.airmeets {SPRING}",
        "raw_keys_unique"),
    "an exhibitor twice, and counted": (
        "insert into airmeet.booth_exhibitors select * from airmeet.booth_exhibitors;"
        + LEDGER.format("rows = 2 * rows", "booth_exhibitors"), "raw_keys_unique"),
    "an answer to a poll twice, and counted": (
        "insert into airmeet.poll_responses select * from airmeet.poll_responses"
        " where user_id = 'u-bob';"
        + LEDGER.format("rows = rows + 2", "poll_responses"), "raw_keys_unique"),
    # columns
    "addresses of a table null": (
        "update airmeet.registrations set email = null, person = null", "addresses_given"),
    "addresses of a feed null": (
        f"update airmeet.registrations set email = null, person = null {SPRING}",
        "addresses_missing"),
    "addresses null, people kept": (
        f"update airmeet.registrations set email = null {SPRING}", "people_from_addresses"),
    "people null, addresses kept": (
        f"update airmeet.event_attendance set person = null {SPRING}", "people_from_addresses"),
    "a person of another address": (
        "update airmeet.event_attendance set person = 'zed@acme.example.com' where id = 2",
        "people_match_addresses"),
    "sessions of attendance null": (
        "update airmeet.session_attendance set session_id = 'gone'", "rows_have_parents"),
    "an airmeet's id changed": (
        f"update airmeet.registrations set airmeet_id = 'autumn' {SPRING}", "airmeets_present"),
    "a booth's id changed": (
        "update airmeet.booths set booth_id = 'b9' where booth_id = 'b1'", "rows_have_parents"),
    "the session of a question unknown": (
        f"update airmeet.questions set session_id = 's77' {SPRING}", "ids_known"),
    "rows of two airmeets swapped": (
        "update airmeet.event_attendance set airmeet_id = case airmeet_id"
        " when 'spring' then 'night' when 'night' then 'spring' else airmeet_id end",
        "loaded_as_expected"),
    "two tables swapped": (
        "alter table airmeet.participants rename to other;"
        " alter table airmeet.registrations rename to participants;"
        " alter table airmeet.other rename to registrations", "loaded_as_expected"),
    # the ledger
    "a ledger line gone": (
        f"delete from airmeet.feed_syncs {SPRING} and feed = 'registrations'", "ledger_in_order"),
    "the ledger emptied": ("delete from airmeet.feed_syncs", "ledger_in_order"),
    "a ledger line twice": (
        f"insert into airmeet.feed_syncs select * from airmeet.feed_syncs {SPRING}"
        " and feed = 'polls' or feed = 'booths'", "raw_keys_unique"),
    "rows and no data by the ledger": (
        LEDGER.format("status = 'unavailable', rows = null", "questions"), "loaded_as_expected"),
    "a status that there is not": (
        LEDGER.format("status = 'done'", "questions"), "ledger_in_order"),
    "final, and failed": (LEDGER.format("status = 'failed'", "questions"), "ledger_in_order"),
    "rows below zero": (LEDGER.format("rows = -1", "tracks"), "ledger_in_order"),
    "less than announced": (
        LEDGER.format("expected_rows = 9", "questions"), "loaded_as_expected"),
    "the last fetch years ago": (
        "update airmeet.feed_syncs set requested_at = '2012-01-01'", "dates_plausible"),
    # numbers and times
    "time spent below zero": (
        f"update airmeet.event_attendance set time_spent = -time_spent {SPRING}",
        "numbers_plausible"),
    "seconds for milliseconds": (
        "update airmeet.event_attendance set time_spent = 1000000 * time_spent",
        "numbers_plausible"),
    "visits below zero": ("update airmeet.booth_attendance set visits = -3", "numbers_plausible"),
    "votes below zero": ("update airmeet.questions set upvote_count = -1", "numbers_plausible"),
    "a session of years": ("update airmeet.sessions set duration = 1e9", "numbers_plausible"),
    "a place below zero": (
        "update airmeet.poll_responses set \"position\" = -1 - \"position\"", "numbers_plausible"),
    "registered in 1970": (
        "update airmeet.registrations set registration_date = '1970-01-01'", "dates_plausible"),
    "registered tomorrow": (
        f"update airmeet.registrations set registration_date = '2026-07-30' {SPRING}",
        "dates_plausible"),
    "an airmeet a century ahead": (
        "update airmeet.airmeets set start_time = start_time + interval 100 year",
        "dates_plausible"),
    "an end before the start": (
        "update airmeet.airmeets set end_time = start_time - interval 1 day", "times_agree"),
    "sessions a year later": (
        "update airmeet.sessions set start_time = start_time + interval 1 year", "times_agree"),
    "an airmeet a year earlier": (
        "update airmeet.airmeets set start_time = start_time - interval 1 year,"
        " end_time = end_time - interval 1 year", "times_agree"),
    "attendance a year earlier": (
        "update airmeet.event_attendance set time_stamp = time_stamp - interval 1 year",
        "times_agree"),
    "everybody is staff": (
        "update airmeet.session_people set role = 'speaker', id = 'u-ann';"
        " insert into airmeet.session_people select * replace ('u-bob' as id) from"
        " airmeet.session_people limit 1;"
        " insert into airmeet.session_people select * replace ('u-cyd' as id) from"
        " airmeet.session_people limit 1", "staff_majority"),
}  # fmt: skip
"""What is broken, how, and the check that finds it."""

BREAKS_UNSEEN: dict[str, str] = {
    "a row replaced by another plausible one":
        "update airmeet.registrations set email = 'zoe@acme.example.com',"
        f" person = 'zoe@acme.example.com', name = 'Zoe' {SPRING} and name = 'Dan'",
    "an answer, a name, a city or a title changed":
        f"update airmeet.poll_responses set answer = 'No' {SPRING} and user_id = 'u-wes';"
        " update airmeet.airmeets set name = 'Other'",
    "one address changed to another, with its person":
        "update airmeet.event_attendance set email = 'eve@acme.example.com',"
        " person = 'eve@acme.example.com' where id = 13",
    "addresses of two rows swapped":
        "update airmeet.event_attendance set email = case id when 10 then email when 13"
        " then 'dan@birch.example.com' when 14 then 'bob@acme.example.com' else email end,"
        " person = case id when 13 then 'dan@birch.example.com' when 14"
        " then 'bob@acme.example.com' else person end",
    "a person moved from one session to another":
        "update airmeet.session_attendance set session_id = 's2' where id = 6",
    "rows deleted and their number in the ledger with them":
        "delete from airmeet.session_attendance where id in (3, 4, 5);"
        + LEDGER.format("rows = rows - 3", "session_attendance"),
    "a row added and its number in the ledger with it":
        "insert into airmeet.session_attendance select * replace (99 as id, 's2' as session_id)"
        " from airmeet.session_attendance where id = 6;"
        + LEDGER.format("rows = rows + 1", "session_attendance"),
    "an airmeet gone from all tables and the ledger":
        "delete from airmeet.airmeets where airmeet_id = 'next';"
        " delete from airmeet.registrations where airmeet_id = 'next';"
        " delete from airmeet.feed_syncs where airmeet_id = 'next'",
    "a ledger line gone of a feed without rows":
        "delete from airmeet.feed_syncs where airmeet_id = 'night' and feed = 'questions'",
    "registrations a few days earlier":
        "update airmeet.registrations set registration_date = registration_date - interval 3 day",
    "a flag or a number changed within what is possible":
        "update airmeet.booth_attendance set interested_in_being_contacted = true, visits = 7",
    "a time zone changed": "update airmeet.airmeets set timezone = 'Asia/Tokyo'",
    "contents of two columns of words swapped":
        "update airmeet.registrations set name = organisation, organisation = name",
}  # fmt: skip


def _checked(pipeline: dlt.Pipeline, change: str, *checks: str) -> CheckResults:
    """What these checks find, or all, once something is changed and what they read is built."""
    names = checks or sql_files("checks").keys()
    read = set().union(*(sql_files("checks")[name].reads for name in names))
    with hold_connection(pipeline), building(*read & sql_files("reporting").keys()):
        with pipeline.sql_client() as client:
            client.execute_sql(change)
        build_reports(pipeline, full=True)
        return check_reports(pipeline, names)


def _counts(results: CheckResults) -> dict[str, int]:
    return {name: result.rows for name, result in results.items()}


@pytest.mark.slow
@pytest.mark.parametrize("what", first_of_each(SEEN, lambda what: SEEN[what][1]))
def test_a_break_is_found(copy: dlt.Pipeline, before: CheckResults, what: str) -> None:
    change, check = SEEN[what]
    found = _counts(_checked(copy, change, check))
    assert found.get(check, 0) > _counts(before).get(check, 0), found


@pytest.mark.slow
@pytest.mark.parametrize("what", first(3, BREAKS_UNSEEN))
def test_what_no_check_can_see_is_said(copy: dlt.Pipeline, before: CheckResults, what: str) -> None:
    assert _counts(_checked(copy, BREAKS_UNSEEN[what])) == _counts(before)


def test_the_page_lists_what_no_check_can_see() -> None:
    assert BREAKS_UNSEEN.keys() == UNSEEN.keys()


def test_each_check_of_raw_tables_has_a_break() -> None:
    """Those of reports alone are broken in test_checks.py."""
    of_reports = {
        "keys_unique", "raw_to_report", "stages_monotone", "totals_tie", "values_in_bounds",
        "booth_visits_tie", "more_than_attended",
    }  # fmt: skip
    assert {check for _, check in SEEN.values()} == sql_files("checks").keys() - of_reports
