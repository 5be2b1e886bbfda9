"""`airmeet erase`: a person is gone from every file, and stays away."""

import io
from collections import Counter
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.publish import publish
from airmeet_etl.warehouse.warehouse import open_pipeline
from airmeet_simulator.simulator import Simulator

from tests.privacy.conftest import KEY, Alter
from tests.privacy.traces import traces
from tests.sweeps import first
from tests.workplace import TABLES, Workplace, assert_same_rows, first_load, truth_of

PEOPLE_TABLES = (
    "registrations",
    "participants",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
    "poll_responses",
    "questions",
)


def is_of(row: dict[str, Any], address: str) -> bool:
    return str(row.get("email") or "").strip().lower() == address


def a_speaker(simulator: Simulator) -> tuple[str, str]:
    """Address and name of a speaker who attended, under a name of his own."""
    speakers = {
        row["email"]: row["name"]
        for row in truth_of(simulator, "session_people")
        if row["role"] == "speaker"
    }
    there = {str(row["email"]).strip().lower() for row in truth_of(simulator, "event_attendance")}
    names = Counter(
        name
        for name, _ in {
            (row["name"], str(row["email"]).strip().lower())
            for table in PEOPLE_TABLES
            for row in truth_of(simulator, table)
        }
    )
    return next((a, n) for a, n in speakers.items() if a in there and n and names[n] == 1)


def somebody(simulator: Simulator) -> tuple[str, str]:
    """Address and name of the registrant with the most rows, under a name of their own."""
    rows = Counter(
        (row["email"].strip().lower(), row["name"])
        for table in PEOPLE_TABLES
        for row in truth_of(simulator, table)
        if row["email"]
    )
    names = Counter(name for _, name in rows)
    registered = {(r["email"] or "").strip().lower() for r in truth_of(simulator, "registrations")}
    return next(
        (address, name)
        for (address, name), _ in rows.most_common()
        if name and names[name] == 1 and address in registered
    )


def load(workplace: Workplace, *arguments: str, reports: bool = False) -> str:
    result = workplace.run("load", *arguments, *(() if reports else ("--no-reports",)))
    assert result.code == 0, result.out + result.err
    return result.out


def erase(workplace: Workplace, address: str, *arguments: str) -> str:
    result = workplace.run("erase", "--email", address, *arguments)
    assert result.code == 0, result.out + result.err
    return result.out


def assert_others_are_whole(workplace: Workplace, simulator: Simulator, address: str) -> None:
    """All tables hold the truth but for one person."""
    for table in set(TABLES) - {"session_people"}:
        truth = [row for row in truth_of(simulator, table) if not is_of(row, address)]
        assert_same_rows(workplace.rows(table), truth)


def test_nothing_of_the_person_is_left_in_any_file(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, name = somebody(simulator)
    first_load(workplace, simulator)
    before = traces(workplace.folder, (address, name))
    assert {word.split(": ")[0].rpartition(".")[2] for word in before} >= {"duckdb", "parquet"}
    assert f"warehouse.duckdb: {address}" in before

    said = erase(workplace, f"  {address.upper()} ")
    assert traces(workplace.folder, (address, name)) == set()
    assert_others_are_whole(workplace, simulator, address)
    for table in PEOPLE_TABLES:
        gone = sum(is_of(row, address) for row in truth_of(simulator, table))
        assert not gone or f"{table} {gone}" in " ".join(said.split())
    assert workplace.run("reports").code == 0  # and its checks: loaded is what is expected

    load(workplace, "--full-refresh")
    assert traces(workplace.folder, (address, name)) == set()
    assert_others_are_whole(workplace, simulator, address)
    assert workplace.run("reports").code == 0


def test_a_speaker_goes_from_the_lists(workplace: Workplace, simulator: Simulator) -> None:
    address, name = a_speaker(simulator)
    first_load(workplace, simulator, "--no-reports")
    erase(workplace, address)
    assert traces(workplace.folder, (address, name)) == set()
    load(workplace, "--full-refresh")
    assert traces(workplace.folder, (address, name)) == set()
    whole = [row["session_id"] for row in truth_of(simulator, "sessions")]
    assert sorted(row["session_id"] for row in workplace.rows("sessions")) == sorted(whole)


@pytest.mark.long
def test_a_speaker_goes_from_what_the_gateway_adds(
    workplace: Workplace, gateway: Simulator
) -> None:
    address, name = a_speaker(gateway)
    first_load(workplace, gateway, "--no-reports")
    assert address in {row["email"] for row in workplace.rows("session_people")}
    erase(workplace, address)
    load(workplace, "--full-refresh")
    assert traces(workplace.folder, (address, name)) == set()
    assert workplace.rows("session_people") and workplace.rows("replay_attendance")


def test_rows_without_an_address_go_by_the_user_id(
    workplace: Workplace, simulator: Simulator, alter: Alter
) -> None:
    address, _ = somebody(simulator)
    [user] = {
        row["user_id"] for row in truth_of(simulator, "event_attendance") if is_of(row, address)
    }
    alter("/attendees", lambda rows: [r.update(email=None) for r in rows if r["id"] % 2])
    alter("/polls", lambda rows: [r.update(email="") for r in rows])
    load(workplace)
    erase(workplace, address)
    load(workplace, "--full-refresh")
    for table in ("event_attendance", "session_attendance", "poll_responses", "questions"):
        assert user not in {row["user_id"] for row in workplace.rows(table)}
    others = {row["user_id"] for row in truth_of(simulator, "poll_responses")} - {user}
    assert {row["user_id"] for row in workplace.rows("poll_responses")} == others


def test_an_address_within_a_text_goes(
    workplace: Workplace, simulator: Simulator, alter: Alter
) -> None:
    address, _ = somebody(simulator)
    text = f"Ask {address.title()}, or m{address}."
    alter("/info", lambda rows: [r.update(summary=text) for r in rows])
    alter("/registrations", lambda rows: [r.update(invitedBy={"by": address}) for r in rows])
    load(workplace)
    erase(workplace, address)
    load(workplace, "--full-refresh")
    assert workplace.sql("select distinct summary from airmeet.sessions") == [
        (f"Ask (erased), or m{address}.",)
    ]
    assert workplace.sql("select distinct invited_by from airmeet.registrations") == [
        ('{"by":"(erased)"}',)
    ]


def test_a_dry_run_changes_nothing(workplace: Workplace, simulator: Simulator) -> None:
    address, _ = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    before = workplace.file.read_bytes()
    said = erase(workplace, address, "--dry-run")
    assert "Would be removed" in said and "registrations" in said
    assert address not in said
    assert workplace.file.read_bytes() == before


@pytest.mark.long
def test_a_package_that_waits_is_loaded_first(
    workplace: Workplace, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, name = somebody(simulator)
    load(workplace, "--only", "airmeets")
    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "load", _interrupted)
        assert workplace.run("load", "--no-reports").code == 130
    assert traces(workplace.folder / "dlt", (address, name))
    erase(workplace, address)
    assert traces(workplace.folder, (address, name)) == set()
    load(workplace)
    assert_others_are_whole(workplace, simulator, address)
    assert traces(workplace.folder, (address, name)) == set()


def _interrupted(*arguments: Any, **named: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.long
def test_published_files_are_made_anew(workplace: Workplace, simulator: Simulator) -> None:
    address, name = somebody(simulator)
    first_load(workplace, simulator)
    publish(open_pipeline(), parquet=True)
    found = traces(workplace.folder, (address,))
    assert f"reports.duckdb: {address}" in found
    assert f"reports/people.parquet: {address}" in found
    erase(workplace, address)
    assert traces(workplace.folder, (address, name)) == set()
    assert (workplace.folder / "reports.duckdb").exists()


@pytest.mark.parametrize("mode", first(1, ["pseudonymised", "minimal"]))
def test_a_pseudonym_is_found_by_its_key(
    mode: str, workplace: Workplace, simulator: Simulator
) -> None:
    address, _ = somebody(simulator)
    workplace.setting(privacy=mode, privacy_key=KEY)
    first_load(workplace, simulator, "--no-reports")
    before = workplace.sql("select count(*) from airmeet.registrations")[0][0]
    erase(workplace, address)
    load(workplace, "--full-refresh")
    gone = sum(is_of(row, address) for row in truth_of(simulator, "registrations"))
    assert gone and workplace.sql("select count(*) from airmeet.registrations") == [
        (before - gone,)
    ]
    assert workplace.run("reports").code == 0


def test_a_second_person_is_kept_out_with_the_first(
    workplace: Workplace, simulator: Simulator
) -> None:
    first, _ = somebody(simulator)
    second, _ = a_speaker(simulator)
    first_load(workplace, simulator, "--no-reports")
    erase(workplace, first)
    erase(workplace, second)
    again = erase(workplace, first)
    assert "nothing of this person" in again
    load(workplace, "--full-refresh")
    assert traces(workplace.folder, (first, second)) == set()
    assert len(workplace.sql("select distinct salt from airmeet.erased_people")) == 1
    digests = [digest for (digest,) in workplace.sql("select digest from airmeet.erased_people")]
    assert len(digests) == len(set(digests)) >= 3


def test_the_address_may_come_from_standard_input(
    workplace: Workplace, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, name = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{address}\n"))
    assert workplace.run("erase").code == 0
    assert traces(workplace.folder, (address, name)) == set()


def test_views_and_other_tables_outlive_the_new_file(
    workplace: Workplace, simulator: Simulator
) -> None:
    address, _ = somebody(simulator)
    first_load(workplace, simulator, "--no-reports")
    workplace.execute("create view mine as select count(*) as n from airmeet.registrations")
    workplace.execute(
        "create table airmeet.notes as select 'about ' || ? as note".replace("?", f"'{address}'")
    )
    workplace.execute("comment on column airmeet.sessions.name is 'what it is called'")
    result = workplace.run("erase", "--email", address)
    assert result.code == 3
    assert "still there: airmeet.notes.note (address, in 1 value)" in result.out
    rows = workplace.sql("select count(*) from airmeet.registrations")
    assert workplace.sql("from mine") == rows
    assert workplace.sql("select count(*) from airmeet.notes") == [(1,)]
    load(workplace, "--full-refresh")


@pytest.mark.parametrize("given", ["", "ada", "ada@", "a b@c"])
def test_what_is_no_address_is_refused(given: str, workplace: Workplace) -> None:
    result = workplace.run("erase", "--email", given)
    assert result.code == 2
    assert result.err == "airmeet: that is no address; write it as name@example.com\n"


def test_where_nothing_is_loaded_there_is_nothing_to_erase(workplace: Workplace) -> None:
    result = workplace.run("erase", "--email", "ada@example.com")
    assert result.code == 1
    assert "nothing is loaded" in result.err
