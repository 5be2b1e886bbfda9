"""The ledger says what is loaded, and can be trusted by whoever reads it."""

from collections import Counter
from typing import Any

import pyarrow.parquet as pq
from airmeet.schemas import TABLES as SCHEMAS

from tests.trust.conftest import MakeScenario
from tests.trust.killing import Moment, killed
from tests.trust.scenario import LoadScenario
from tests.trust.tampered import tamper


def test_a_line_stands_for_each_feed_and_counts_its_rows(scenario: LoadScenario) -> None:
    scenario.first_load()
    assert len(scenario.ledger()) == 4 * 15
    with scenario.workplace.read():
        for (airmeet_id, feed), line in scenario.ledger().items():
            if line["status"] == "loaded":
                assert line["rows"] == scenario.count(feed, airmeet_id)
                assert line["requested_at"] <= line["ready_at"] == line["loaded_at"]
            else:
                assert (line["rows"], line["loaded_at"]) == (None, None) and line["error"]


def test_the_ledger_comes_in_the_package_of_its_rows(scenario: LoadScenario) -> None:
    killed(
        Moment("airmeet_etl.load.load:package_source", call=4),
        ("load", "--no-reports"),
        PACKAGE_ROWS=20,
    )
    packages = list((scenario.workplace.folder / "dlt/pipelines/airmeet/load/loaded").iterdir())
    assert len(packages) == 3
    for package in packages:
        lines = pq.read_table(*package.glob("completed_jobs/feed_syncs.*.parquet")).to_pylist()
        loaded = [(line["airmeet_id"], line["feed"], line["rows"]) for line in lines]
        for table in package.glob("completed_jobs/*.parquet"):
            name = table.name.split(".")[0]
            if name in SCHEMAS.keys() - {"airmeets", "feed_syncs"}:
                rows = pq.read_table(table).to_pylist()
                counts = Counter(row["airmeet_id"] for row in rows if not row["_removed"])
                assert counts == {a: n for a, feed, n in loaded if feed == name and n}


def test_expected_rows_are_the_totals_of_the_api(scenario: LoadScenario) -> None:
    scenario.first_load()
    first = scenario.ids[0]
    announced = {feed: line["expected_rows"] for (_, feed), line in scenario.ledger(first).items()}
    counted = ("participants", "event_attendance", "session_attendance", "booth_attendance")
    for feed in (*counted, "poll_responses"):
        assert announced[feed] == scenario.count(feed, first), feed
    for feed in ("registrations", "sessions", "booths", "questions", "participant_answers"):
        assert announced[feed] is None, feed


def _boast(path: str, body: dict[str, Any]) -> None:
    """Announce three more participants than there are."""
    if "totalUserCount" in body:
        body["totalUserCount"] += 3


def test_rows_that_were_announced_and_did_not_come_are_shown_and_not_final(
    scenario: LoadScenario,
) -> None:
    tamper(scenario.simulator, _boast)
    scenario.load()
    first = scenario.ids[0]
    line, count = scenario.ledger_row(first, "participants"), scenario.count("participants", first)
    assert (line["rows"], line["expected_rows"], line["is_final"]) == (count, count + 3, False)
    status = scenario.workplace.run("status").out
    assert "Rows differ from what Airmeet announced" in status
    assert ["participants", first, str(count), str(count + 3)] in map(
        str.split, status.splitlines()
    )
    tamper(scenario.simulator, None)
    scenario.load()
    assert scenario.asked(first) == {"participants": 1}
    assert scenario.ledger_row(first, "participants")["is_final"]
    assert "Rows differ" not in scenario.workplace.run("status").out


def test_a_new_machine_learns_everything_from_the_destination(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=2)
    scenario.first_load()
    scenario.workplace.set(DLT_DATA_DIR=scenario.workplace.folder / "new_machine")
    scenario.load()
    assert scenario.asked() == {"auth": 1, "airmeets": 1}
    new = scenario.add_old_airmeet()
    scenario.load()
    assert {entry.airmeet_id for entry in scenario.entries} == {"", new}
    scenario.truth_is_loaded()


def test_status_counts_what_is_loaded_pending_failed_and_final(scenario: LoadScenario) -> None:
    scenario.simulator.break_feed(scenario.ids[0], "questions", "500")
    scenario.simulator.set_options(prepare_polls=1_000_000)
    scenario.load("--no-wait", code=3)
    lines = [line.split() for line in scenario.workplace.run("status").out.splitlines()]
    table = {line[0]: line[1:6] for line in reversed(lines) if len(line) > 6}
    #                            loaded pending failed unavailable final
    assert table["questions"] == ["3", "0", "1", "0", "1"]
    assert table["event_attendance"] == ["0", "3", "0", "1", "0"]
    assert ["questions", scenario.ids[0], "failed"] in [line[:3] for line in lines]
