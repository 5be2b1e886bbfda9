"""What the commands say and do where several communities are configured."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from airmeet_simulator.simulator import Simulator

from tests.communities.conftest import Agency, variable
from tests.workplace import Workplace, assert_loaded


def _finished(simulator: Simulator) -> str:
    return next(a.uid for a in simulator.airmeets() if a.status == "FINISHED")


def test_each_community_is_loaded_into_a_dataset_of_its_own(agency: Agency) -> None:
    agency.first_load()
    for name, simulator in agency.communities.items():
        assert_loaded(agency.workplace, simulator, f"airmeet_{name}")
    schemas = agency.sql("select distinct schema_name from duckdb_tables() order by 1")
    assert [name for (name,) in schemas] == [
        "airmeet_apac",
        "airmeet_apac_reports",
        "airmeet_emea",
        "airmeet_emea_reports",
        "airmeet_reports",
    ]


def test_one_that_fails_does_not_stop_the_others(agency: Agency, tmp_path: Path) -> None:
    agency.first_load()
    agency.revoke("apac")
    emea = agency.communities["emea"]
    emea.add_registration(_finished(emea), "late@example.com", "Late")
    summary = tmp_path / "summary.json"
    result = agency.load("--full-refresh", "--summary", str(summary), code=3)
    assert "community apac: Airmeet does not accept the keys" in result.err
    assert_loaded(agency.workplace, emea, "airmeet_emea")
    counts = "select community, count(*) from airmeet_reports.event_summary group by 1 order by 1"
    assert agency.sql(counts) == [("apac", 6), ("emea", 6)]
    written = json.loads(summary.read_text())
    assert written["exit_code"] == 3 and written["error"].startswith("community apac: ")
    codes = {name: of["exit_code"] for name, of in written["communities"].items()}
    assert codes == {"apac": 1, "emea": 0}
    assert written["rows"] == written["communities"]["emea"]["rows"]
    agency.restore("apac")
    agency.load()


def test_where_all_fail_nothing_is_done(agency: Agency) -> None:
    agency.revoke("apac")
    agency.revoke("emea")
    result = agency.load(code=1)
    assert "community apac: " in result.err and "community emea: " in result.err


@pytest.mark.long
def test_one_community_alone(agency: Agency) -> None:
    agency.load("--community", "emea")
    assert agency.communities["apac"].requests.total == 0
    assert agency.sql("select distinct community from airmeet_reports.event_summary") == [("emea",)]
    agency.load("--community", "apac", "--community", "emea")
    assert agency.sql("select count(distinct community) from airmeet_reports.people") != [(0,)]


def test_a_community_that_is_not_there(agency: Agency) -> None:
    result = agency.load("--community", "emae", code=2)
    assert "no community emae: did you mean emea?" in result.err
    assert not agency.workplace.file.exists()


@pytest.mark.long
def test_a_community_has_settings_over_the_common_ones(agency: Agency) -> None:
    agency.workplace.setting(privacy="minimal", privacy_key="0123456789abcdef")
    agency.set("emea", privacy="plain")
    agency.load()
    for name, has_names in (("apac", False), ("emea", True)):
        ((named,),) = agency.sql(
            f"select count(*) from airmeet_{name}.registrations where name is not null"
        )
        assert bool(named) is has_names, name


@pytest.mark.long
def test_a_file_of_settings(agency: Agency) -> None:
    """Sections of dlt's files, with keys among the secrets."""
    lines = []
    for name in agency.communities:
        lines.append(f"[sources.airmeet.communities.{name}]")
        for field in ("access_key", "secret_key", "api_url", "analytics_url", "bff_url"):
            lines.append(f'{field} = "{os.environ[variable(name, field)]}"')
            agency.workplace.unset(variable(name, field))
    folder = agency.workplace.folder / ".dlt"
    folder.mkdir()
    (folder / "secrets.toml").write_text("\n".join(lines))
    command = [sys.executable, "-m", "airmeet_etl", "load"]
    ended = subprocess.run(command, cwd=agency.workplace.folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    for name, simulator in agency.communities.items():
        assert_loaded(agency.workplace, simulator, f"airmeet_{name}")


def test_keys_are_never_another_communitys(agency: Agency) -> None:
    agency.workplace.setting(access_key="common", secret_key="common")
    agency.workplace.unset(variable("apac", "secret_key"))
    result = agency.load(code=3)
    assert "the community apac has no secret_key of its own" in result.err
    assert variable("apac", "secret_key") in result.err
    assert agency.communities["apac"].requests.total == 0


@pytest.mark.parametrize("name", ["my_reports", "my_staging", "reports", "1st"])
def test_a_name_that_cannot_be_part_of_a_datasets(agency: Agency, name: str) -> None:
    agency.set(name, access_key="x", secret_key="x")
    result = agency.load(code=1)
    assert "a community cannot be named" in result.err


def test_a_setting_misspelt(agency: Agency) -> None:
    agency.set("emea", regoin="eu")
    result = agency.workplace.run("check")
    assert f"did you mean {variable('emea', 'region')}?" in result.err


def test_check_and_status_speak_of_each(agency: Agency) -> None:
    agency.first_load()
    for command in ("check", "status"):
        result = agency.workplace.run(command)
        assert result.code == 0, result.out + result.err
        assert [line for line in result.out.splitlines() if line.startswith("community")] == [
            "community apac",
            "community emea",
        ]
    one = agency.workplace.run("status", "--community", "emea")
    assert "community apac" not in one.out and "community emea" in one.out
    agency.revoke("emea")
    result = agency.workplace.run("check")
    assert result.code == 3
    assert "FAILED  keys" in result.out


def test_explain_finds_the_community(agency: Agency) -> None:
    agency.first_load()
    airmeet = _finished(agency.communities["emea"])
    result = agency.workplace.run("explain", airmeet)
    assert result.code == 0 and "community emea" in result.out
    assert "community apac" not in result.out
    nowhere = agency.workplace.run("explain", "nowhere")
    assert nowhere.code == 1 and "no airmeet nowhere" in nowhere.err


def test_export_over_all_and_of_one(agency: Agency) -> None:
    agency.first_load()
    for arguments, expected in (((), 12), (("--community", "emea"), 6)):
        result = agency.workplace.run(
            "export", "event_summary", "--output", "events.csv", *arguments
        )
        assert result.code == 0, result.err
        with (agency.workplace.folder / "events.csv").open(
            newline="", encoding="utf-8-sig"
        ) as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == expected and ("community" in rows[0]) is (not arguments)


def test_publish_over_all_and_of_one(agency: Agency) -> None:
    agency.first_load()
    result = agency.workplace.run("publish")
    assert result.code == 0 and "reports.duckdb" in result.out
    one = agency.workplace.run("publish", "--community", "emea")
    assert one.code == 0 and "reports_airmeet_emea.duckdb" in one.out


@pytest.mark.long
def test_reports_of_one_and_over_all(agency: Agency) -> None:
    agency.load("--no-reports")
    result = agency.workplace.run("reports")
    assert result.code == 0, result.err
    assert "over 2 communities: apac, emea" in result.out
    assert agency.sql("select count(*) from airmeet_reports.event_summary") == [(12,)]


def test_push_says_to_which(agency: Agency) -> None:
    agency.first_load()
    file = agency.workplace.folder / "people.csv"
    file.write_text("email,first_name,last_name\nann@example.com,Ann,Example\n")
    airmeet = _finished(agency.communities["emea"])
    push = ("push", "attendees", str(file), "--airmeet", airmeet)
    unsaid = agency.workplace.run(*push)
    assert unsaid.code == 2 and "--community" in unsaid.err
    said = agency.workplace.run(*push, "--community", "emea")
    assert said.code == 0, said.out + said.err


def _with_person(agency: Agency, email: str) -> None:
    for simulator in agency.communities.values():
        airmeet = _finished(simulator)
        simulator.add_registration(airmeet, email, "Ann")
        simulator.add_row(airmeet, "event_attendance", email)
    agency.load()


def _found(workplace: Workplace, email: str) -> set[str]:
    found = set()
    with workplace.read():
        tables = workplace.sql(
            "select table_schema, table_name from information_schema.columns "
            "where column_name = 'person'"
        )
        for schema, table in tables:
            query = f"select count(*) from {schema}.{table} where person = '{email}'"
            if workplace.sql(query) != [(0,)]:
                found.add(schema)
    return found


@pytest.mark.long
def test_erase_from_all(agency: Agency) -> None:
    email = "ann@example.com"
    _with_person(agency, email)
    assert _found(agency.workplace, email) == {
        "airmeet_apac",
        "airmeet_apac_reports",
        "airmeet_emea",
        "airmeet_emea_reports",
        "airmeet_reports",
    }
    result = agency.workplace.run("erase", "--email", email)
    assert result.code == 0, result.out + result.err
    assert _found(agency.workplace, email) == set()
    for file in agency.workplace.folder.glob("*.duckdb"):
        assert email.encode() not in file.read_bytes(), file
    agency.load("--full-refresh")
    assert _found(agency.workplace, email) == set()


@pytest.mark.long
def test_erase_from_one_leaves_the_other_as_it_is(agency: Agency) -> None:
    email = "ann@example.com"
    _with_person(agency, email)
    result = agency.workplace.run("erase", "--email", email, "--community", "apac")
    assert result.code == 0, result.out + result.err
    assert _found(agency.workplace, email) == {
        "airmeet_emea",
        "airmeet_emea_reports",
        "airmeet_reports",
    }
    people = f"select community from airmeet_reports.people where person = '{email}'"
    assert agency.sql(people) == [("emea",)]
