"""What leaves the warehouse in which privacy mode, and that erasing a person finds it."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from airmeet_etl.export.small_groups import GROUPS, Groups
from airmeet_etl.reports.sql_files import sql_files
from airmeet_simulator.simulator import Simulator

from tests.privacy.conftest import KEY
from tests.privacy.conftest import service as service
from tests.privacy.conftest import simulator as simulator
from tests.sweeps import first
from tests.workplace import Workplace, first_load

REPORTS = sql_files("reporting")
ABOUT_PEOPLE = {
    name for name, file in REPORTS.items() if "person" in {column.name for column in file.columns}
}


def test_reports_about_people_are_these() -> None:
    """A report that is new here has a row a person: is it meant to leave the warehouse?"""
    known = {"attendee_event", "booth_leads", "people", "question_log", "registration_answers"}
    assert known <= ABOUT_PEOPLE
    assert ABOUT_PEOPLE - known <= {"certificates", "follow_up", "session_attendee"}


@pytest.mark.slow
@pytest.mark.parametrize("mode", first(1, ["minimal", "pseudonymised"]))
def test_a_stricter_mode_lets_no_person_out(loaded: Workplace, mode: str) -> None:
    loaded.setting(privacy=mode, privacy_key=KEY)
    for name in REPORTS:
        result = loaded.run("export", name, "--output", "-")
        if name in ABOUT_PEOPLE:
            assert (result.code, result.out, result.err.count("\n")) == (1, "", 1), name
            assert f"{name} has a row a person, and privacy = '{mode}' lets none" in result.err
            assert "export a report without people" in result.err
        else:
            assert result.code == 0, name


def test_a_mode_that_is_misspelt_is_no_plain_one(loaded: Workplace) -> None:
    loaded.setting(privacy="pseudonymized")
    result = loaded.run("export", "people")
    assert (result.code, result.out) == (1, "")
    assert "privacy 'pseudonymized' is unknown" in result.err


@pytest.mark.parametrize(("mode", "is_pooled"), [("plain", False), ("minimal", True)])
def test_small_groups_are_pooled_where_privacy_is_not_plain(
    loaded: Workplace, monkeypatch: pytest.MonkeyPatch, mode: str, is_pooled: bool
) -> None:
    by_domain = Groups(("is_free_mail",), "domain", ("people",), ("people", "attendees"))
    monkeypatch.setitem(GROUPS, "accounts", by_domain)
    loaded.setting(privacy=mode, privacy_key=KEY)
    out = loaded.run("export", "accounts", "--output", "-").out
    domains = [row["domain"] for row in csv.DictReader(StringIO(out))]
    assert ("(small groups)" in domains) is is_pooled
    ((people,),) = loaded.sql("select sum(people) from airmeet_reports.accounts")
    assert sum(int(row["people"]) for row in csv.DictReader(StringIO(out))) == people


@pytest.mark.long
def test_erasing_a_person_removes_the_exports_that_hold_them(
    workplace: Workplace, simulator: Simulator
) -> None:
    first_load(workplace, simulator)
    [(person,)] = workplace.sql(
        "select min(person) from airmeet_reports.people where person like '%@%'"
    )
    holding = ["people.csv", "people.xlsx", "people.json", "all.pq"]
    for file in holding:
        format = "parquet" if file.endswith("pq") else file.rpartition(".")[2]
        assert workplace.run("export", "people", "--format", format, "--output", file).code == 0
    for file in ("event_summary.csv", "event_summary.xlsx"):
        assert workplace.run("export", "event_summary", "--output", file).code == 0
    # Somebody's own, which happens to lie beside.
    own = workplace.folder / "people" / "mine.parquet"
    own.parent.mkdir()
    own.write_bytes((workplace.folder / "all.pq").read_bytes())
    left_by_a_killed_run = workplace.folder / ".people.xlsx.k1ll3d.draft"
    left_by_a_killed_run.mkdir()
    (left_by_a_killed_run / "rows").write_text(person)

    result = workplace.run("erase", "--email", person)
    assert result.code == 0, result.out
    for file in holding:
        assert f"removed: {workplace.folder / file}" in result.out
        assert not Path(file).exists()
    assert Path("event_summary.csv").exists() and Path("event_summary.xlsx").exists()
    assert own.exists() and not left_by_a_killed_run.exists()
