"""A clock that is ahead of the API's makes nothing final that may still change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airmeet.api.server_clock import ServerClock

from tests.trust.conftest import MakeScenario
from tests.trust.tampered import tamper

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "now"),
    [
        ("Sun, 01 Mar 2026 11:00:00 GMT", NOW - timedelta(hours=1)),
        ("Sun, 01 Mar 2026 11:59:30 GMT", NOW),
        ("Sun, 01 Mar 2026 18:00:00 GMT", NOW),
        ("Sun, 01 Mar 2026 11:00:00", NOW - timedelta(hours=1)),
        ("Sun, 01 Mar 99999999999 11:00:00 GMT", NOW),
        ("soon", NOW),
        (None, NOW),
    ],
)
def test_the_earlier_of_two_clocks_counts(date: str | None, now: datetime) -> None:
    clock = ServerClock(lambda: NOW)
    clock.note(date)
    assert clock.now() == now


def test_moments_of_one_run_are_in_order() -> None:
    clock = ServerClock(lambda: NOW)
    clock.note("Sun, 01 Mar 2026 11:00:00 GMT")
    clock.note("Sun, 01 Mar 2026 10:59:58 GMT")
    assert clock.now() == NOW - timedelta(hours=1)


class _Ahead(datetime):
    """A clock that is a month ahead."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + timedelta(days=30)


def test_nothing_that_may_change_is_final(
    make_scenario: MakeScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = make_scenario()
    *_, live, _ = scenario.ids
    old = scenario.ids[0]
    just_over = scenario.simulator.add_airmeet(
        "Just over", start=datetime.now(UTC) - timedelta(hours=3), status="FINISHED"
    )
    monkeypatch.setattr("airmeet.extract.engine.datetime", _Ahead)
    scenario.load("--only", "registrations", "--only", "questions")
    final = {airmeet: line["is_final"] for (airmeet, _), line in scenario.ledger().items()}
    assert (final[live], final[just_over], final[old]) == (False, False, True)
    moments = {line["requested_at"] for line in scenario.ledger().values()}
    assert max(moments) < datetime.now(UTC)


def test_what_the_api_calls_ongoing_is_not_final_however_old(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=1)

    def ongoing(path: str, body: dict[str, Any]) -> None:
        for row in body.get("data", ()) if path.endswith("/airmeets") else ():
            row["status"] = "ONGOING"

    tamper(scenario.simulator, ongoing)
    scenario.load("--only", "registrations")
    assert not any(line["is_final"] for line in scenario.ledger().values())
    tamper(scenario.simulator, None)
    scenario.load("--only", "registrations")
    assert all(line["is_final"] for line in scenario.ledger().values())
