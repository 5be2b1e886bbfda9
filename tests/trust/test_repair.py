"""Rows that somebody changed by hand come back by themselves: the ledger says what there was."""

import json

import pytest

from tests.trust.conftest import MakeScenario


def test_what_was_deleted_by_hand_is_fetched_again_by_the_second_load(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario(airmeets=2)
    scenario.first_load()
    assert scenario.workplace.run("load").code == 0  # and the reports
    damaged, whole = scenario.ids
    scenario.workplace.execute(f"delete from airmeet.registrations where airmeet_id = '{damaged}'")
    first = scenario.workplace.run("load", "--summary", "run.json")
    assert first.code == 3
    assert "nothing was due" in first.out
    assert "loaded_as_expected" in first.out
    again = f"the next load fetches again what is damaged: registrations of {damaged}"
    assert again in first.out + first.err
    summary = json.loads((scenario.workplace.folder / "run.json").read_text())
    found = {check["check"]: check for check in summary["checks"]}
    assert found["loaded_as_expected"]["severity"] == "failure"
    assert found["loaded_as_expected"]["airmeets"] == [damaged]
    assert found["loaded_as_expected"]["feeds"] == ["registrations"]
    assert [key for key, line in scenario.ledger().items() if not line["is_final"]] == [
        (damaged, "registrations")
    ]
    scenario.simulator.requests.clear()
    second = scenario.workplace.run("load")
    assert second.code == 0
    assert "damaged" not in second.out + second.err
    assert scenario.asked_feeds(damaged) == {"registrations"}
    assert scenario.asked_feeds(whole) == set()
    scenario.truth_is_loaded()
    assert all(line["is_final"] for line in scenario.ledger().values())


@pytest.mark.long
def test_reports_that_are_built_of_damaged_rows_do_not_call_them_final(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario(airmeets=2)
    scenario.first_load()
    assert scenario.workplace.run("load").code == 0
    damaged, whole = scenario.ids
    scenario.workplace.execute(f"delete from airmeet.registrations where airmeet_id = '{damaged}'")
    scenario.simulator.edit_airmeet(whole, name="Called otherwise")
    assert scenario.workplace.run("load").code == 3
    for report in ("event_summary", "event_funnel"):
        query = f"select distinct airmeet_id, is_final from airmeet_reports.{report} order by 2"
        assert scenario.workplace.sql(query) == [(damaged, False), (whole, True)], report
    assert scenario.workplace.run("load").code == 0
    query = "select bool_and(is_final) from airmeet_reports.event_summary"
    assert scenario.workplace.sql(query) == [(True,)]


def test_what_left_the_list_stays_final(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=2)
    scenario.first_load()
    gone, _ = scenario.ids
    scenario.simulator.archive_airmeet(gone)
    scenario.workplace.execute(f"delete from airmeet.registrations where airmeet_id = '{gone}'")
    result = scenario.workplace.run("load")
    assert result.code == 3
    assert "loaded_as_expected" in result.out
    assert "damaged" not in result.out + result.err
    assert all(line["is_final"] for line in scenario.ledger(gone).values())
