"""A refused token: renewed where that may help, and never again and again."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from airmeet.api.refusals import TokenDoubts
from airmeet.api.responses import TokenRejected, body_of
from airmeet_simulator import answers
from airmeet_simulator.answers import Answer

from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario

Refuse = Callable[[str, Answer], Answer | None]


def refuse(scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch, instead: Refuse) -> None:
    """Let some GET requests be answered otherwise: by path and by what would be answered."""
    respond = scenario.simulator.respond

    def refusing(method: str, path: str, *others: Any, **named: Any) -> Answer:
        answer = respond(method, path, *others, **named)
        return (instead(path, answer) if method == "GET" else None) or answer

    monkeypatch.setattr(scenario.simulator, "respond", refusing)


@pytest.mark.parametrize("answer", [answers.error(401, "No"), answers.in_body(401, "No")])
def test_a_401_is_a_refused_token_in_either_form(answer: Answer) -> None:
    with pytest.raises(TokenRejected) as refusal:
        body_of(answer.status, {}, answer.body)
    assert refusal.value.status == 401


def test_a_token_of_an_earlier_run_that_a_401_refuses_is_renewed(
    scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_401(path: str, answer: Answer) -> Answer | None:
        return answers.error(401, "Unauthorized") if answer.status == 412 else None

    scenario.load("--only", "questions")
    scenario.simulator.expire_tokens()
    refuse(scenario, monkeypatch, as_401)
    scenario.load("--only", "questions", "--full-refresh")
    assert scenario.asked()["auth"] == 1
    scenario.truth_of("questions")


def test_a_401_that_a_new_token_does_not_mend_is_not_allowed(make_scenario: MakeScenario) -> None:
    scenario = make_scenario(airmeets=3)
    first = scenario.ids[0]
    for feed in ("questions", "registrations", "poll_responses"):
        scenario.simulator.break_feed(first, feed, "401")
    only = ("--only", "questions", "--only", "registrations", "--only", "poll_responses")
    scenario.load(*only, code=3)
    line = scenario.ledger_row(first, "questions")
    assert (line["status"], line["is_final"]) == ("failed", False)
    assert line["error"].startswith("not allowed (401), also with a new token")
    assert scenario.asked()["auth"] <= 2  # the first one, and the one that might have helped


@pytest.mark.parametrize("polls", [20, 1_000_000])
def test_a_412_after_a_renewal_says_that_an_export_is_not_ready(
    make_scenario: MakeScenario, monkeypatch: pytest.MonkeyPatch, polls: int
) -> None:
    scenario = make_scenario(airmeets=3, prepare_polls=0)
    asked: Counter[str] = Counter()

    def not_ready(path: str, answer: Answer) -> Answer | None:
        asked[path] += 1
        if not path.endswith("/attendees") or asked[path] > polls:
            return None
        return answers.error(412, "Report is not ready")

    refuse(scenario, monkeypatch, not_ready)
    only = ("--only", "event_attendance")
    if polls > 20:
        scenario.workplace.setting(async_max_wait_seconds=0.1)
        scenario.load(*only, code=3)
        pending = [line for line in scenario.ledger().values() if line["status"] == "pending"]
        assert pending and all("not ready" in line["error"] for line in pending)
    else:
        scenario.load(*only)
        scenario.truth_of("event_attendance")
    assert scenario.asked()["auth"] <= 8


def test_a_token_in_doubt_is_renewed_once_it_is_refused_again_and_again() -> None:
    doubts = TokenDoubts()
    assert doubts.is_the_reason("old", renewed=False)
    assert not doubts.is_the_reason("new", renewed=True)
    answered = [doubts.is_the_reason("new", renewed=False) for _ in range(60)]
    assert [number for number, renew in enumerate(answered) if renew] == [8, 25, 58]
    doubts = TokenDoubts()
    doubts.is_the_reason("new", renewed=True)
    for _ in range(60):
        doubts.accepted("new")
        assert not doubts.is_the_reason("new", renewed=False)
