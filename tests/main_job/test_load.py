"""The main job: a simulated Airmeet into DuckDB with one command, every row of it."""

from typing import Any

import pytest
from airmeet_simulator.airmeets import STARTED
from airmeet_simulator.simulator import Simulator

from tests.people import named_by
from tests.sweeps import first
from tests.workplace import TABLES, Workplace, assert_loaded, first_load, simulated, truth_of

FIELD = [
    {"token_at_top": True},
    {"participants_key": "participants"},
    {"pending": "body"},
    {"refusal": "body"},
    {"attendance_page_max": 50, "participants_page_max": 7},
    {"last_page": "last_id", "attendance_page_max": 5},
    {"last_page": "loop", "attendance_page_max": 5},
    {"last_page": "missing"},
    {"airmeets_after": "ignored"},
    {"airmeets_after": "newest_first"},
    {"booths_null": True},
    {"null_durations": False},
    {"extra_fields": True},
    {"new_field": "shoe_size"},
    {"attendance": "any"},
    {"token_requests": 20},
]
"""Each line of the field notes, as an option of the simulator."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", first(8, FIELD), ids=lambda options: "-".join(map(str, options.items()))
)
def test_every_way_of_the_field_gives_every_row(
    workplace: Workplace, options: dict[str, Any]
) -> None:
    with simulated(**options) as (simulator, address):
        workplace.point_at(address.v1)
        result = workplace.run("load", "--no-reports")
        assert (result.code, result.err.count("Traceback")) == (0, 0), result.err
        assert_loaded(workplace, simulator)


@pytest.mark.slow
def test_an_account_without_airmeets_has_empty_tables_and_reports(workplace: Workplace) -> None:
    with simulated(airmeets=0) as (_, address):
        workplace.point_at(address.v1)
        for _ in range(2):
            result = workplace.run("load")
            assert (result.code, "0 airmeets are listed" in result.out) == (0, True), result
            assert [workplace.rows(table) for table in TABLES] == [[] for _ in TABLES]
            assert workplace.rows("event_summary", "airmeet_reports") == []
        assert workplace.run("status").code == 0


@pytest.mark.parametrize("way", ["works", "ignored", "newest_first"])
def test_the_list_is_read_whole_whatever_after_does(workplace: Workplace, way: str) -> None:
    with simulated(airmeets=620, registrations=0, airmeets_after=way) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--only", "airmeets", "--no-reports").code == 0
        assert workplace.sql("select count(*) from airmeet.airmeets") == [
            (len(simulator.airmeets()),)
        ]


@pytest.mark.slow
def test_the_gateway_gives_the_same_tables(workplace: Workplace) -> None:
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
        workplace.point_at(address.gateway, region="global")
        assert workplace.run("load", "--no-reports", "--dataset", "by_gateway").code == 0
        assert_loaded(workplace, simulator)
        assert_loaded(workplace, simulator, "by_gateway", "gateway")


@pytest.mark.slow
def test_the_summary_equals_sets_of_the_truth(workplace: Workplace) -> None:
    with simulated(airmeets=30, registrations=25) as (simulator, address):
        workplace.point_at(address.v1)
        result = workplace.run("load")
        assert result.code == 0, result.err
        rows = workplace.rows("event_summary", "airmeet_reports")
        summary = {row["airmeet_id"]: row for row in rows}
        people: dict[str, dict[str, set[str]]] = {}
        for table in ("registrations", "event_attendance", "session_attendance"):
            for row in truth_of(simulator, table):
                if person := named_by(row):
                    sets = people.setdefault(row["airmeet_id"], {})
                    sets.setdefault(table, set()).add(person)
        assert summary.keys() == {airmeet.uid for airmeet in simulator.airmeets()}
        for airmeet_id, row in summary.items():
            sets = people.get(airmeet_id, {})
            registered = sets.get("registrations", set())
            present = sets.get("event_attendance", set()) | sets.get("session_attendance", set())
            attended = present - _staff(simulator, airmeet_id)
            assert row["registered"] == len(registered)
            if row["status"] in STARTED:
                came = len(attended), len(attended & registered)
                assert (row["attended"], row["attended_registered"]) == came


@pytest.mark.long
def test_the_summary_of_what_is_over_is_the_truths(workplace: Workplace) -> None:
    with simulated(airmeets=30, registrations=25) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator)
        rows = workplace.rows("event_summary", "airmeet_reports")
        summary = {row["airmeet_id"]: row for row in rows if row["status"] == "FINISHED"}
        totals = [t for t in simulator.truth("event_totals") if t["airmeet_id"] in summary]
    assert len(totals) > 20
    for expected in totals:
        found = summary[str(expected["airmeet_id"])]
        assert {name: found[name] for name in expected} == expected


def _staff(simulator: Simulator, airmeet_id: str) -> set[str]:
    """Hosts, cohosts, speakers and exhibitors of an airmeet, as far as their address is known:
    by itself, or through the user id in attendance, or by what kind of participant they are."""

    def rows(table: str) -> list[dict[str, Any]]:
        return [r for r in truth_of(simulator, table) if r["airmeet_id"] == airmeet_id]

    addresses = {row["email"] for row in rows("booth_exhibitors")}
    listed = rows("session_people")
    addresses |= {row["email"] for row in listed if "email" in row}
    users = {row["id"] for row in listed}
    for table in ("event_attendance", "session_attendance"):
        addresses |= {row["email"] for row in rows(table) if row["user_id"] in users}
    roles = {"host", "cohost", "speaker", "exhibitor", "organizer", "moderator", "team"}
    people = rows("participants")
    addresses |= {row["email"] for row in people if row["user_type"].lower() in roles}
    return {address.strip().lower() for address in addresses if address}


def test_a_load_says_what_it_did_and_where(workplace: Workplace) -> None:
    with simulated() as (simulator, address):
        workplace.point_at(address.v1)
        result = workplace.run("load", "--no-reports")
    for table in TABLES:
        count = f"{simulator.counts()[table]:,}"
        assert any(line.split() == [table, count] for line in result.out.splitlines()), table
    assert str(workplace.file) in result.out


@pytest.mark.slow
@pytest.mark.parametrize("file", first(2, [None, "mine.duckdb", "duckdb:///mine.duckdb"]))
def test_a_relative_file_lies_in_the_folder_one_is_in(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, file: str | None
) -> None:
    """Though dlt's working folder, which remembers the first one, is shared by all folders."""
    workplace.unset("DESTINATION__DUCKDB__CREDENTIALS")
    if file is not None:
        workplace.set(DESTINATION__DUCKDB__CREDENTIALS=file)
    name = "mine.duckdb" if file else "warehouse.duckdb"
    with simulated(airmeets=2) as (_, address):
        workplace.point_at(address.v1)
        for folder in (workplace.folder / "one", workplace.folder / "two"):
            folder.mkdir()
            monkeypatch.chdir(folder)
            result = workplace.run("load", "--no-reports")
            assert result.code == 0, result.err
            assert str(folder / name) in result.out
            assert (folder / name).exists()
            assert "2 airmeets" in workplace.run("status").out
