"""What one community can be asked while a load has the DuckDB file open."""

import json

import pytest
from airmeet_etl.warehouse import warehouse as opening

from tests.communities.conftest import Agency
from tests.unattended.test_reading_commands import held

IDS = "select airmeet_id from event_summary order by 1"


def asked(agency: Agency, query: str = IDS) -> list[dict[str, str]]:
    result = agency.workplace.run("sql", query, "--format", "json", "--community", "apac")
    assert result.code == 0, result.err
    rows: list[dict[str, str]] = json.loads(result.out)
    return rows


@pytest.mark.long
def test_one_community_while_a_load_runs(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_POLL_SECONDS", opening._WAIT_SECONDS)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    workplace = agency.workplace
    agency.load()
    rows, columns = asked(agency), set(asked(agency, "select * from event_summary")[0])
    assert {row["airmeet_id"] for row in rows} == {
        airmeet.uid for airmeet in agency.communities["apac"].airmeets()
    }
    published = workplace.folder / "reports.duckdb"
    with held(workplace.file) as process:
        assert asked(agency) == rows
        assert set(asked(agency, "select * from event_summary")[0]) == columns
        for query, says in (
            ("from people", "does not exist"),
            ("from event_sumary", "Did you mean event_summary?"),
            ("drop view event_summary", "reads"),
        ):
            refused = workplace.run("sql", query, "--community", "apac")
            assert refused.code == 1 and says in refused.err
        for command in ("list", "status", f"explain {rows[0]['airmeet_id']}", "export people"):
            result = workplace.run(*command.split(), "--community", "apac")
            assert (result.code, result.err.count("\n")) == (1, 1), result.err
            assert f"process {process}, has {workplace.file} open" in result.err
            assert result.err.rstrip().endswith(f"as last published are in {published}")
        report = workplace.run("report", "--community", "apac")
        assert report.code == 1 and report.err.count("\n") == 1, report.err
        assert f"process {process}, has " in report.err
        assert "“airmeet publish --community apac” makes a file" in report.err
    assert workplace.run("publish", "--community", "apac").code == 0
    own = workplace.folder / "reports_airmeet_apac.duckdb"
    assert own.exists()
    simulator = agency.communities["apac"]
    simulator.edit_airmeet(rows[0]["airmeet_id"], name="Called otherwise")
    agency.load()  # brings it up to date
    with held(workplace.file):
        names = asked(agency, "select name from event_summary")
        assert {"name": "Called otherwise"} in names
        assert workplace.run("report", "--community", "apac").code == 0
        result = workplace.run("list", "--community", "apac")
        assert result.err.rstrip().endswith(f"as last published are in {own}")
    emea = workplace.folder / "reports_airmeet_emea.duckdb"
    assert not emea.exists()
