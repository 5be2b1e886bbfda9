"""One feed of one airmeet comes whole or not at all: deletes arrive, what fails stays as it was."""

from collections import Counter
from datetime import timedelta

import pytest
from airmeet_simulator.faults import FaultKind

from tests.trust.conftest import SetStage
from tests.trust.scenario import LoadScenario
from tests.trust.tampered import refuse


def _changed(stage: LoadScenario, number: int = 0) -> str:
    """An airmeet that is due again: the list shows that it has changed."""
    airmeet_id = stage.ids[number]
    stage.simulator.edit_airmeet(airmeet_id, name="Called otherwise")
    stage.refresh()
    return airmeet_id


def test_rows_that_vanish_upstream_vanish(stage: LoadScenario) -> None:
    stage.first_load()
    first = _changed(stage)
    gone = stage.workplace.sql(
        f"select email from airmeet.registrations where airmeet_id = '{first}' order by 1"
    )[0][0]
    stage.simulator.remove_registration(first, gone)
    before = {feed: stage.count(feed, first) for feed in ("registrations", "participants")}
    stage.load()
    for feed, count in before.items():
        assert stage.count(feed, first) < count
    stage.truth_is_loaded()


def test_a_feed_that_has_become_empty_is_empty_here(stage: LoadScenario) -> None:
    stage.first_load()
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
        assert stage.count(feed, stage.ids[0]), feed
        stage.simulator.clear_feed(stage.ids[0], feed)
    first = _changed(stage)
    stage.load()
    for feed in emptied:
        assert stage.count(feed, first) == 0
        line = stage.line(first, feed)
        assert (line["status"], line["rows"], line["is_final"]) == ("loaded", 0, True)
    stage.truth_is_loaded()
    stage.simulator.add_registration(first, "back@example.com")
    _changed(stage)
    stage.load("--full-refresh")
    stage.truth_is_loaded()


@pytest.mark.parametrize("kind", ["500", "truncated", "401", "404", "refusal", "hang"])
def test_a_feed_that_cannot_be_read_keeps_its_rows(set_stage: SetStage, kind: FaultKind) -> None:
    stage = set_stage(airmeets=1)
    feeds = ("registrations", "event_attendance")
    stage.load("--only", feeds[0], "--only", feeds[1])
    first = _changed(stage)
    if kind == "hang":
        stage.workplace.setting(request_timeout_seconds=0.25)
    before = {feed: (stage.workplace.rows(feed), stage.line(first, feed)) for feed in feeds}
    for feed in feeds:
        stage.simulator.clear_feed(first, feed)
        stage.simulator.break_feed(first, feed, kind)
    unavailable = kind in ("404", "refusal")
    stage.load("--only", feeds[0], "--only", feeds[1], code=0 if unavailable else 3)
    for feed, (rows, line) in before.items():
        assert stage.workplace.rows(feed) == rows
        after = stage.line(first, feed)
        assert after["status"] == ("unavailable" if unavailable else "failed")
        assert after["error"] and not after["is_final"]
        assert (after["rows"], after["loaded_at"]) == (line["rows"], line["loaded_at"])
        stage.simulator.mend_feed(first, feed)
    stage.load("--only", feeds[0], "--only", feeds[1])
    assert [stage.count(feed, first) for feed in feeds] == [0, 0]


def test_a_session_that_refuses_does_not_take_its_loaded_rows_away(stage: LoadScenario) -> None:
    stage.first_load()
    first = _changed(stage)
    before = stage.workplace.rows("session_attendance")
    counts = Counter(row["session_id"] for row in before if row["airmeet_id"] == first)
    assert len(counts) > 1
    refuse(stage.simulator, next(iter(counts)))
    stage.load("--airmeet", first)
    assert stage.workplace.rows("session_attendance") == before
    line = stage.line(first, "session_attendance")
    assert (line["status"], line["rows"]) == ("unavailable", counts.total())
    assert not line["is_final"]
    refuse(stage.simulator, "")
    stage.load()
    assert stage.line(first, "session_attendance")["is_final"]
    stage.truth_is_loaded()


def test_sessions_that_have_something_to_give_do_not_wait_for_one_that_refuses(
    stage: LoadScenario,
) -> None:
    first = stage.ids[0]
    sessions = Counter(row["session_id"] for row in stage.simulator.truth("session_attendance"))
    refused = next(s for s in sessions if sessions[s] and s in _sessions(stage, first))
    refuse(stage.simulator, str(refused))
    stage.load("--airmeet", first)
    line = stage.line(first, "session_attendance")
    assert (line["status"], line["is_final"]) == ("loaded", False)
    assert "had nothing to give: Session status is not valid" in line["error"]
    assert 0 < line["rows"] == stage.count("session_attendance", first)


def _sessions(stage: LoadScenario, airmeet_id: str) -> list[object]:
    rows = stage.simulator.truth("sessions")
    return [row["session_id"] for row in rows if row["airmeet_id"] == airmeet_id]


def test_an_archived_airmeet_keeps_its_rows_and_its_listing_stays_behind(
    stage: LoadScenario,
) -> None:
    stage.first_load()
    first, second = stage.ids[:2]
    counts = {feed: stage.count(feed, first) for feed in ("registrations", "sessions")}
    stage.simulator.archive_airmeet(first)
    stage.load()
    assert {feed: stage.count(feed, first) for feed in counts} == counts
    listed = {row["airmeet_id"]: row["last_listed_at"] for row in stage.workplace.rows("airmeets")}
    assert listed[second] - listed[first] > timedelta(0)
    assert stage.asked_feeds(first) == set()
    stage.simulator.archive_airmeet(first, archived=False)
    stage.load()
    stage.truth_is_loaded()
