"""What is due, and that nothing else is asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.trust.conftest import MakeScenario
from tests.trust.scenario import FEEDS, LoadScenario


@pytest.fixture
def loaded(make_scenario: MakeScenario) -> LoadScenario:
    """Two airmeets that ended long ago, loaded once: all is final."""
    scenario = make_scenario(airmeets=2)
    scenario.first_load()
    return scenario


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


def test_an_airmeet_that_is_not_final_is_due_until_it_has_settled(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario()
    *_, live, coming = scenario.ids
    scenario.load()
    scenario.load()
    assert {entry.airmeet_id for entry in scenario.entries} == {"", live, coming}
    scenario.simulator.finish_airmeet(live)
    scenario.load()  # it has changed, and is still warm
    assert not any(line["is_final"] for line in scenario.ledger(live).values())
    scenario.workplace.setting(settle_days=0)
    scenario.refresh()
    scenario.load()
    assert all(line["is_final"] for line in scenario.ledger(live).values())
    scenario.load()
    assert {entry.airmeet_id for entry in scenario.entries} == {"", coming}
    scenario.truth_is_loaded()


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


def test_one_feed_alone_leaves_the_others_due(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=2)
    scenario.load("--only", "registrations")
    assert {feed for _, feed in scenario.ledger()} == {"registrations"}
    scenario.load()
    assert set(scenario.asked()) == {"airmeets", *FEEDS} - {"registrations"}
    scenario.truth_is_loaded()


def test_ten_thousand_airmeets_of_which_nothing_is_due_cost_the_listing_alone(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario(airmeets=10_000, registrations=0)
    scenario.load("--only", "questions", "--until", "2000-01-01")
    assert scenario.asked() == {"auth": 1, "airmeets": 20}
    assert scenario.workplace.sql("select count(*) from airmeet.airmeets") == [(10_000,)]


def test_a_refusal_of_what_has_nothing_to_do_with_the_status_is_asked_again(
    make_scenario: MakeScenario,
) -> None:
    scenario = make_scenario(airmeets=1)
    never_held = scenario.add_old_airmeet(status="CREATED")
    scenario.simulator.break_feed(never_held, "custom_fields", "refusal")
    scenario.simulator.break_feed(never_held, "questions", "refusal")
    scenario.load()
    lines = {feed: line for (_, feed), line in scenario.ledger(never_held).items()}
    assert lines["custom_fields"]["status"] == lines["questions"]["status"] == "unavailable"
    assert not lines["custom_fields"]["is_final"]
    assert lines["questions"]["is_final"]  # it was never held
    scenario.simulator.mend_feed(never_held, "custom_fields")
    scenario.load()
    assert scenario.asked_feeds(never_held) == {"custom_fields"}
    assert scenario.ledger_row(never_held, "custom_fields")["is_final"]
    scenario.truth_of("custom_fields")
