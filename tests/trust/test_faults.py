"""Faults: what passes is tried again, what does not touches its own feed, or stops the run."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

import pytest
from airmeet.api.client import Client
from airmeet.api.responses import retry_after
from airmeet.errors import UnexpectedResponse
from airmeet.settings import Settings
from airmeet_simulator.faults import PASSING, FaultKind, Faults
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.sweeps import first
from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario

FEW = ("--only", "registrations", "--only", "questions", "--only", "event_attendance")
EACH = (*PASSING, "412", "hang")


@pytest.mark.parametrize("kind", first(7, EACH))
def test_a_fault_that_passes_is_tried_again(make_scenario: MakeScenario, kind: FaultKind) -> None:
    scenario = make_scenario(airmeets=2)
    if kind == "hang":
        scenario.workplace.setting(request_timeout_seconds=0.25)
    faults = Faults(probability=1, most_each=2, kinds=(kind,), retry_after_seconds=0)
    scenario.simulator.set_faults(faults)
    scenario.load(*FEW)
    assert scenario.simulator.chaos.met[kind] >= 6
    scenario.truth_of("registrations", "questions", "event_attendance")


def test_a_token_that_expires_is_renewed_once_for_all_who_wait(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=4, latency_ms=10)
    scenario.first_load()
    scenario.simulator.after_requests(8, scenario.simulator.expire_tokens)
    scenario.load("--full-refresh")
    assert sum(entry.status == 412 for entry in scenario.entries) > 1
    assert scenario.asked()["auth"] == 1
    scenario.truth_is_loaded()


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("401", "failed", 3), ("404", "unavailable", 0), ("refusal", "unavailable", 0)],
)
def test_what_is_refused_for_one_airmeet_touches_that_feed_alone(
    make_scenario: MakeScenario, kind: FaultKind, status: str, code: int
) -> None:
    scenario = make_scenario(airmeets=2)
    first = scenario.ids[0]
    scenario.simulator.break_feed(first, "questions", kind)
    result = scenario.load(*FEW, code=code)
    for (airmeet_id, feed), line in scenario.ledger().items():
        broken = (airmeet_id, feed) == (first, "questions")
        assert line["status"] == (status if broken else "loaded")
        assert line["is_final"] is not broken
    assert scenario.ledger_row(first, "questions")["error"]
    assert (first in result.out) == (status == "failed")
    scenario.truth_of("registrations", "event_attendance")


def test_a_feed_that_keeps_failing_is_named_and_taken_up_by_the_next_run(
    scenario: LoadScenario,
) -> None:
    first = scenario.ids[0]
    scenario.simulator.break_feed(first, "booths", "html")
    result = scenario.load(code=3)
    assert ["booths", first, "failed"] in [line.split()[:3] for line in result.out.splitlines()]
    assert "Traceback" not in result.err
    # What is asked for by booth cannot be read either, and says why.
    assert "its booths could not be read" in scenario.ledger_row(first, "booth_attendance")["error"]
    scenario.simulator.mend_feed(first, "booths")
    scenario.load()
    assert scenario.asked_feeds(first) == {"booths", "booth_attendance"}
    scenario.truth_is_loaded()


@pytest.mark.parametrize("when", [0, 12], ids=["at the start", "in the middle"])
def test_revoked_keys_stop_the_run_with_one_message(make_scenario: MakeScenario, when: int) -> None:
    scenario = make_scenario(airmeets=30)

    def revoke() -> None:
        scenario.simulator.revoke()
        scenario.simulator.expire_tokens()

    if when:
        scenario.simulator.after_requests(when, revoke)
    else:
        revoke()
    scenario.simulator.requests.clear()
    result = scenario.workplace.run("load", "--no-reports")
    assert result.code in (1, 3)
    assert result.err.count("Airmeet has revoked these keys (403)") == 1
    assert scenario.asked()["auth"] <= 2
    assert scenario.simulator.requests.total <= when + 40  # what was under way
    assert SECRET_KEY not in result.err + result.out


@pytest.mark.parametrize("when", [0, 40], ids=["at the start", "in the middle"])
def test_a_network_that_is_gone_stops_the_run_with_one_message(
    make_scenario: MakeScenario, when: int
) -> None:
    scenario = make_scenario(airmeets=30)
    gone = Faults(probability=1, most=100_000, most_each=100_000, kinds=("reset",))
    if when:
        scenario.simulator.after_requests(when, lambda: scenario.simulator.set_faults(gone))
    else:
        scenario.simulator.set_faults(gone)
    result = scenario.workplace.run("load", "--no-reports")
    assert result.code == (3 if when else 1)
    assert "Traceback" not in result.err
    assert [line for line in result.err.splitlines() if "network" in line or "token" in line]
    # Some 300 feeds with a thousand parts are due, each of which would be tried 6 times.
    assert scenario.simulator.requests.total <= when + 400
    scenario.simulator.set_faults(None)
    scenario.load()
    scenario.truth_is_loaded()


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)
    given = {"7": 7.0, "0.5": 0.5, later: 90.0, "-3": 0.0, "soon": None, "": None}
    assert {value: retry_after({"Retry-After": value}, now) for value in given} == given


def _waits(scenario: LoadScenario, folder: Path, faults: Faults, **settings: float) -> list[float]:
    """The waits of a client that asks for the list under these faults."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    base = scenario.address.v1
    resolved = Settings(
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
        api_url=base,
        analytics_url=base,
        bff_url=base,
        **settings,  # type: ignore[arg-type]
    )

    async def ask() -> None:
        async with Client(resolved, folder, sleep) as client:
            await client.token()
            scenario.simulator.set_faults(faults)
            await client.get("api", "/airmeets")

    asyncio.run(ask())
    return waits


FORMS: tuple[Literal["seconds", "date"], ...] = ("seconds", "date")


@pytest.mark.parametrize("form", FORMS)
def test_retry_after_is_honoured(
    scenario: LoadScenario, tmp_path: Path, form: Literal["seconds", "date"]
) -> None:
    faults = Faults(probability=1, most=1, kinds=("429",), retry_after=form, retry_after_seconds=40)
    waits = _waits(scenario, tmp_path, faults, retry_seconds=0)
    assert waits and all(38 < wait <= 41 for wait in waits)


def test_waits_between_tries_grow_with_jitter_under_a_ceiling(
    scenario: LoadScenario, tmp_path: Path
) -> None:
    faults = Faults(probability=1, most=5, most_each=5, kinds=("503",))
    waits = _waits(scenario, tmp_path, faults, retry_seconds=10)
    assert len(waits) == 5
    assert all(0 <= wait <= most for wait, most in zip(waits, (10, 20, 30, 30, 30), strict=True))
    assert len(set(waits)) == 5


def test_nobody_waits_an_hour_because_one_answer_asks_for_it(
    scenario: LoadScenario, tmp_path: Path
) -> None:
    hour = Faults(probability=1, most=1, kinds=("429",), retry_after_seconds=3600)
    with pytest.raises(UnexpectedResponse, match="too many requests"):
        _waits(scenario, tmp_path, hour)


def test_the_message_of_a_failed_run_holds_no_key_and_no_address(
    scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.workplace.setting(secret_key="not-this-one")
    result = scenario.load(code=1)
    assert "does not accept the keys" in result.err
    assert not [word for word in ("not-this-one", ACCESS_KEY) if word in result.err + result.out]
