"""One feed of one airmeet comes whole or not at all: deletes arrive, what fails stays as it was."""

from collections import Counter
from datetime import timedelta

import pytest
from airmeet_simulator.faults import FaultKind

from tests.sweeps import first
from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario
from tests.trust.tampered import refuse


def _changed(scenario: LoadScenario, number: int = 0) -> str:
    """An airmeet that is due again: the list shows that it has changed."""
    airmeet_id = scenario.ids[number]
    scenario.simulator.edit_airmeet(airmeet_id, name="Called otherwise")
    scenario.refresh()
    return airmeet_id


def test_rows_that_vanish_upstream_vanish(scenario: LoadScenario) -> None:
    scenario.first_load()
    first = _changed(scenario)
    gone = scenario.workplace.sql(
        f"select email from airmeet.registrations where airmeet_id = '{first}' order by 1"
    )[0][0]
    scenario.simulator.remove_registration(first, gone)
    before = {feed: scenario.count(feed, first) for feed in ("registrations", "participants")}
    scenario.load()
    for feed, count in before.items():
        assert scenario.count(feed, first) < count
    scenario.truth_is_loaded()


def test_a_feed_that_has_become_empty_is_empty_here(scenario: LoadScenario) -> None:
    scenario.first_load()
    emptied = (
        "registrations",
        "participants",
        "event_attendance",
        "session_attendance",
        "booth_attendance",
        "poll_responses",
        "questions",
    )
    for feed in emptied:
        assert scenario.count(feed, scenario.ids[0]), feed
        scenario.simulator.clear_feed(scenario.ids[0], feed)
    first = _changed(scenario)
    scenario.load()
    for feed in emptied:
        assert scenario.count(feed, first) == 0
        line = scenario.ledger_row(first, feed)
        assert (line["status"], line["rows"], line["is_final"]) == ("loaded", 0, True)
    scenario.truth_is_loaded()
    scenario.simulator.add_registration(first, "back@example.com")
    _changed(scenario)
    scenario.load("--full-refresh")
    scenario.truth_is_loaded()


@pytest.mark.parametrize("kind", first(3, ["500", "404", "hang", "truncated", "401", "refusal"]))
def test_a_feed_that_cannot_be_read_keeps_its_rows(
    make_scenario: MakeScenario, kind: FaultKind
) -> None:
    scenario = make_scenario(airmeets=1)
    feeds = ("registrations", "event_attendance")
    scenario.load("--only", feeds[0], "--only", feeds[1])
    first = _changed(scenario)
    if kind == "hang":
        scenario.workplace.setting(request_timeout_seconds=0.25)
    before = {
        feed: (scenario.workplace.rows(feed), scenario.ledger_row(first, feed)) for feed in feeds
    }
    for feed in feeds:
        scenario.simulator.clear_feed(first, feed)
        scenario.simulator.break_feed(first, feed, kind)
    unavailable = kind in ("404", "refusal")
    scenario.load("--only", feeds[0], "--only", feeds[1], code=0 if unavailable else 3)
    for feed, (rows, line) in before.items():
        assert scenario.workplace.rows(feed) == rows
        after = scenario.ledger_row(first, feed)
        assert after["status"] == ("unavailable" if unavailable else "failed")
        assert after["error"] and not after["is_final"]
        assert (after["rows"], after["loaded_at"]) == (line["rows"], line["loaded_at"])
        scenario.simulator.mend_feed(first, feed)
    scenario.load("--only", feeds[0], "--only", feeds[1])
    assert [scenario.count(feed, first) for feed in feeds] == [0, 0]


def test_a_session_that_refuses_does_not_take_its_loaded_rows_away(scenario: LoadScenario) -> None:
    scenario.first_load()
    first = _changed(scenario)
    before = scenario.workplace.rows("session_attendance")
    counts = Counter(row["session_id"] for row in before if row["airmeet_id"] == first)
    assert len(counts) > 1
    refuse(scenario.simulator, next(iter(counts)))
    scenario.load("--airmeet", first)
    assert scenario.workplace.rows("session_attendance") == before
    line = scenario.ledger_row(first, "session_attendance")
    assert (line["status"], line["rows"]) == ("unavailable", counts.total())
    assert not line["is_final"]
    refuse(scenario.simulator, "")
    scenario.load()
    assert scenario.ledger_row(first, "session_attendance")["is_final"]
    scenario.truth_is_loaded()


def test_sessions_that_have_something_to_give_do_not_wait_for_one_that_refuses(
    scenario: LoadScenario,
) -> None:
    first = scenario.ids[0]
    sessions = Counter(row["session_id"] for row in scenario.simulator.truth("session_attendance"))
    refused = next(s for s in sessions if sessions[s] and s in _sessions(scenario, first))
    refuse(scenario.simulator, str(refused))
    scenario.load("--airmeet", first)
    line = scenario.ledger_row(first, "session_attendance")
    assert (line["status"], line["is_final"]) == ("loaded", False)
    assert "had nothing to give: Session status is not valid" in line["error"]
    assert 0 < line["rows"] == scenario.count("session_attendance", first)


def _sessions(scenario: LoadScenario, airmeet_id: str) -> list[object]:
    rows = scenario.simulator.truth("sessions")
    return [row["session_id"] for row in rows if row["airmeet_id"] == airmeet_id]


def test_an_archived_airmeet_keeps_its_rows_and_its_listing_stays_behind(
    scenario: LoadScenario,
) -> None:
    scenario.first_load()
    first, second = scenario.ids[:2]
    counts = {feed: scenario.count(feed, first) for feed in ("registrations", "sessions")}
    scenario.simulator.archive_airmeet(first)
    scenario.load()
    assert {feed: scenario.count(feed, first) for feed in counts} == counts
    listed = {
        row["airmeet_id"]: row["last_listed_at"] for row in scenario.workplace.rows("airmeets")
    }
    assert listed[second] - listed[first] > timedelta(0)
    assert scenario.asked_feeds(first) == set()
    scenario.simulator.archive_airmeet(first, archived=False)
    scenario.load()
    scenario.truth_is_loaded()
