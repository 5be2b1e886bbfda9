"""Ends of a run over several communities, and options that are for some of them alone."""

import pytest
from airmeet.source import engine_for
from airmeet_etl.exit_codes import Exit, Stopped
from airmeet_simulator.simulator import Simulator

from tests.communities.conftest import Agency


def _finished(simulator: Simulator) -> str:
    return next(a.uid for a in simulator.airmeets() if a.status == "FINISHED")


@pytest.mark.long
def test_an_airmeet_of_one_community(agency: Agency) -> None:
    airmeet = _finished(agency.communities["emea"])
    agency.load("--airmeet", airmeet)
    found = agency.sql("select airmeet_id from airmeet_emea.registrations group by 1")
    assert found == [(airmeet,)]


@pytest.mark.long
def test_airmeets_of_several_communities_and_of_none(agency: Agency) -> None:
    wanted = [_finished(simulator) for simulator in agency.communities.values()]
    agency.load(*(word for id in wanted for word in ("--airmeet", id)))
    for name, airmeet in zip(agency.communities, wanted, strict=True):
        found = agency.sql(f"select airmeet_id from airmeet_{name}.registrations group by 1")
        assert found == [(airmeet,)]
    result = agency.load("--airmeet", "nowhere", code=2)
    assert "no airmeet nowhere is listed in any of the communities" in result.err
    result = agency.load("--airmeet", "nowhere", "--airmeet", wanted[0], code=3)
    one = agency.load("--airmeet", wanted[0], "--community", "emea", code=2)
    assert wanted[0] in one.err


def test_without_reports_nothing_is_combined(agency: Agency) -> None:
    agency.load("--no-reports")
    schemas = agency.sql("select distinct schema_name from duckdb_tables() order by 1")
    assert [name for (name,) in schemas] == ["airmeet_apac", "airmeet_emea"]


def test_stopped_in_the_second(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def dying(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise Stopped(Exit.TERMINATED)
        return engine_for(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("airmeet_etl.load.load.engine_for", dying)
    result = agency.load(code=143)
    assert "stopped" in result.err and "Traceback" not in result.err


@pytest.mark.long
def test_the_setting_of_the_published_file_is_over_all(agency: Agency) -> None:
    file = agency.workplace.folder / "for_bi.duckdb"
    agency.workplace.set(REPORTS__FILE=file)
    agency.load()
    assert file.exists()
    emea = agency.communities["emea"]
    emea.add_registration(_finished(emea), "ann@example.com", "Ann")
    agency.load("--full-refresh")
    assert b"ann@example.com" in file.read_bytes()
    result = agency.workplace.run("erase", "--email", "ann@example.com")
    assert result.code == 0, result.out + result.err
    assert b"ann@example.com" not in file.read_bytes()
    from duckdb import connect

    with connect(str(file), read_only=True) as published:
        (count,) = published.sql(
            "select count(distinct community) from airmeet_reports.event_summary"
        ).fetchall()[0]
    assert count == 2


@pytest.mark.long
def test_a_dry_run_of_erasing_changes_nothing(agency: Agency) -> None:
    for simulator in agency.communities.values():
        simulator.add_registration(_finished(simulator), "ann@example.com", "Ann")
    agency.load()
    result = agency.workplace.run("erase", "--email", "ann@example.com", "--dry-run")
    assert result.code == 0 and "community apac" in result.out and "community emea" in result.out
    for name in agency.communities:
        query = f"select count(*) from airmeet_{name}.registrations where person like 'ann@%'"
        assert agency.sql(query) == [(1,)]


@pytest.mark.long
def test_a_common_key_pair_beside_communities_is_said_to_be_unused(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__ACCESS_KEY", "an-unused-key-7c1")
    monkeypatch.setenv("SOURCES__AIRMEET__SECRET_KEY", "an-unused-secret-7c1")
    for command in ("check", "load"):
        said = agency.workplace.run(command).err
        assert "access_key and secret_key of [sources.airmeet] are not used" in said
        assert "7c1" not in said
    monkeypatch.delenv("SOURCES__AIRMEET__ACCESS_KEY")
    monkeypatch.delenv("SOURCES__AIRMEET__SECRET_KEY")
    assert "not used" not in agency.workplace.run("check").err
