"""Registrations and replays that come after an airmeet is final are seen, by one look a day."""

import pytest

from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario

LATE = "late@example.com"


@pytest.fixture
def final(make_scenario: MakeScenario) -> LoadScenario:
    """Two airmeets that ended a while ago, loaded once: all is final."""
    scenario = make_scenario(airmeets=2)
    scenario.workplace.setting(late_days=100_000)
    scenario.first_load()
    assert all(line["is_final"] for line in scenario.ledger().values())
    return scenario


def a_day_passes(scenario: LoadScenario) -> None:
    for column in ("requested_at", "checked_at"):
        scenario.workplace.execute(
            f"update airmeet.feed_syncs set {column} = {column} - interval 25 hour"
        )


def test_a_final_airmeet_is_looked_at_once_a_day(final: LoadScenario) -> None:
    assert "nothing was due" in final.load().out
    assert final.asked() == {"airmeets": 1}
    a_day_passes(final)
    final.load()
    assert final.asked() == {"airmeets": 1, "participants": 2}
    final.load()
    assert final.asked() == {"airmeets": 1}


def test_who_registers_late_is_loaded_and_nothing_else_is_fetched(final: LoadScenario) -> None:
    first, second = final.ids
    final.simulator.add_registration(first, LATE)
    final.load()
    assert final.asked() == {"airmeets": 1}  # not yet a day
    a_day_passes(final)
    final.load()
    assert final.asked_feeds(first) == {"participants", "registrations"}
    assert final.asked_feeds(second) == {"participants"}
    final.truth_is_loaded()
    lines = final.ledger(first)
    assert lines[first, "registrations"]["is_final"]
    assert lines[first, "participants"]["is_final"]


def test_a_look_that_fails_is_repeated_by_the_next_run(final: LoadScenario) -> None:
    first, _ = final.ids
    final.simulator.add_registration(first, LATE)
    a_day_passes(final)
    final.simulator.break_feed(first, "participants", "500")
    final.load()
    final.simulator.mend_feed(first, "participants")
    final.load()
    assert final.asked_feeds(first) == {"participants", "registrations"}
    final.truth_is_loaded()


def test_after_the_late_days_nothing_is_asked(final: LoadScenario) -> None:
    final.workplace.setting(late_days=0)
    a_day_passes(final)
    final.load()
    assert final.asked() == {"airmeets": 1}


def test_replays_that_are_watched_late_are_loaded(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=1)
    scenario.use("gateway")
    scenario.workplace.setting(late_days=100_000)
    scenario.first_load()
    [airmeet_id] = scenario.ids
    scenario.simulator.add_row(airmeet_id, "replay_attendance", LATE)
    a_day_passes(scenario)
    scenario.simulator.forget_exports()
    for _ in range(3):  # the first look begins the export
        scenario.load()
    assert LATE in {
        email for (email,) in scenario.workplace.sql("select email from airmeet.replay_attendance")
    }
