"""What is due, and that nothing else is asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.trust.conftest import SetStage
from tests.trust.scenario import FEEDS, LoadScenario


@pytest.fixture
def loaded(set_stage: SetStage) -> LoadScenario:
    """Two airmeets that ended long ago, loaded once: all is final."""
    stage = set_stage(airmeets=2)
    stage.first_load()
    return stage


def test_what_was_never_loaded_is_due_and_what_is_final_costs_no_request(
    loaded: LoadScenario,
) -> None:
    assert set(loaded.asked()) == {"auth", "airmeets", *FEEDS}
    loaded.truth_is_loaded()
    assert all(line["is_final"] for line in loaded.ledger().values())
    assert "nothing was due" in loaded.load().out
    assert loaded.asked() == {"airmeets": 1}
    new = loaded.add_old_airmeet()
    loaded.load()
    assert loaded.asked_feeds(new) == set(FEEDS)
    assert set(loaded.asked()) == {"airmeets", *loaded.asked_feeds(new)}
    loaded.truth_is_loaded()


def test_a_changed_airmeet_is_due(loaded: LoadScenario) -> None:
    first, second = loaded.ids
    moved = datetime.now(UTC) - timedelta(days=40)
    for change in ({"name": "Otherwise"}, {"start": moved}, {"timezone": "Asia/Tokyo"}):
        loaded.simulator.edit_airmeet(first, **change)
        loaded.load()
        assert loaded.asked_feeds(first) == set(FEEDS), change
        assert loaded.asked_feeds(second) == set()
    loaded.truth_is_loaded()


def test_an_airmeet_that_is_not_final_is_due_until_it_has_settled(set_stage: SetStage) -> None:
    stage = set_stage()
    *_, live, coming = stage.ids
    stage.load()
    stage.load()
    assert {entry.airmeet_id for entry in stage.entries} == {"", live, coming}
    stage.simulator.finish_airmeet(live)
    stage.load()  # it has changed, and is still warm
    assert not any(line["is_final"] for line in stage.ledger(live).values())
    stage.workplace.setting(settle_days=0)
    stage.refresh()
    stage.load()
    assert all(line["is_final"] for line in stage.ledger(live).values())
    stage.load()
    assert {entry.airmeet_id for entry in stage.entries} == {"", coming}
    stage.truth_is_loaded()


def test_what_failed_or_is_pending_is_due_alone(loaded: LoadScenario) -> None:
    new = loaded.add_old_airmeet()
    loaded.simulator.break_feed(new, "questions", "500")
    loaded.simulator.set_options(prepare_polls=1_000_000)
    loaded.load("--no-wait", code=3)
    lines = {feed: line["status"] for (_, feed), line in loaded.ledger(new).items()}
    assert {feed for feed, status in lines.items() if status == "failed"} == {"questions"}
    assert {feed for feed, status in lines.items() if status == "pending"} == {
        "event_attendance",
        "session_attendance",
        "booth_attendance",
    }
    loaded.simulator.mend_feed(new, "questions")
    loaded.simulator.set_options(prepare_polls=0)
    loaded.load()
    assert set(loaded.asked()) == {
        "airmeets",
        "questions",
        "event_attendance",
        "session_attendance",
        "booth_attendance",
        "sessions",  # these two because attendance is asked for by their ids
        "booths",
    }
    loaded.truth_is_loaded()


def test_the_flags_narrow_and_force(loaded: LoadScenario) -> None:
    first, second = loaded.ids
    loaded.load("--full-refresh", "--airmeet", first, "--only", "registrations")
    assert loaded.asked() == {"airmeets": 1, "registrations": 1}
    assert loaded.asked_feeds(first) == {"registrations"}
    loaded.load("--full-refresh", "--only", "participant_answers", "--only", "booths")
    assert loaded.asked() == {"airmeets": 1, "participants": 2, "booths": 2}
    starts = {airmeet.uid: airmeet.start for airmeet in loaded.simulator.airmeets()}
    day = datetime.fromtimestamp(starts[second] / 1000, UTC).date().isoformat()
    narrow = ("--full-refresh", "--only", "questions")
    loaded.load(*narrow, "--since", day, "--until", day)
    assert loaded.asked_feeds(second) == {"questions"} and not loaded.asked_feeds(first)
    loaded.load(*narrow, "--until", (datetime.fromisoformat(day) - timedelta(1)).date().isoformat())
    assert loaded.asked_feeds(first) == {"questions"} and not loaded.asked_feeds(second)
    loaded.load("--since", "2100-01-01", "--full-refresh")
    assert loaded.asked() == {"airmeets": 1}
    loaded.truth_is_loaded()


def test_one_feed_alone_leaves_the_others_due(set_stage: SetStage) -> None:
    stage = set_stage(airmeets=2)
    stage.load("--only", "registrations")
    assert {feed for _, feed in stage.ledger()} == {"registrations"}
    stage.load()
    assert set(stage.asked()) == {"airmeets", *FEEDS} - {"registrations"}
    stage.truth_is_loaded()


def test_ten_thousand_airmeets_of_which_nothing_is_due_cost_the_listing_alone(
    set_stage: SetStage,
) -> None:
    stage = set_stage(airmeets=10_000, registrations=0)
    stage.load("--only", "questions", "--until", "2000-01-01")
    assert stage.asked() == {"auth": 1, "airmeets": 20}
    assert stage.workplace.sql("select count(*) from airmeet.airmeets") == [(10_000,)]


def test_a_refusal_of_what_has_nothing_to_do_with_the_status_is_asked_again(
    set_stage: SetStage,
) -> None:
    stage = set_stage(airmeets=1)
    never_held = stage.add_old_airmeet(status="CREATED")
    stage.simulator.break_feed(never_held, "custom_fields", "refusal")
    stage.simulator.break_feed(never_held, "questions", "refusal")
    stage.load()
    lines = {feed: line for (_, feed), line in stage.ledger(never_held).items()}
    assert lines["custom_fields"]["status"] == lines["questions"]["status"] == "unavailable"
    assert not lines["custom_fields"]["is_final"]
    assert lines["questions"]["is_final"]  # it was never held
    stage.simulator.mend_feed(never_held, "custom_fields")
    stage.load()
    assert stage.asked_feeds(never_held) == {"custom_fields"}
    assert stage.line(never_held, "custom_fields")["is_final"]
    stage.truth_of("custom_fields")
