"""Every error that the specification names, and the network's, as outcomes in the ledger."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from airmeet.settings import Settings
from airmeet.write.destination import journal_of
from airmeet_simulator.answers import Answer
from airmeet_simulator.faults import FaultKind
from airmeet_simulator.feeds import find
from dlt.common.configuration import resolve_configuration

from tests.sweeps import each_once
from tests.writing.scenario import PushScenario, event_row, person, session_row

KINDS = {
    "add_user": "users",
    "add_attendee": "attendees",
    "revoke_attendee": "revocations",
    "create_airmeet": "airmeets",
    "add_speaker": "speakers",
    "create_session": "sessions",
    "set_status": "status_changes",
}
DOCUMENTED: dict[str, tuple[int, ...]] = {
    "add_user": (400, 401, 404, 412, 500),
    "add_attendee": (400, 401, 404, 412, 500),
    "revoke_attendee": (400, 401, 404, 412, 500),
    "create_airmeet": (400, 401, 404, 412, 500),
    "add_speaker": (400, 404, 500),
    "create_session": (400, 404, 412, 500),
    "set_status": (400, 404, 500),
}
"""The errors that sections 3.1 to 4.4 name."""
NAMED = [(name, status) for name, statuses in DOCUMENTED.items() for status in statuses]
FAULTS = ("429", "503", "reset", "cut", "late", "html", "truncated", "accepted")
AFTER_THE_EFFECT = ("cut", "late", "truncated", "accepted")
CREATIONS = ("airmeets", "sessions", "speakers", "users")


def row_of(scenario: PushScenario, kind: str) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {
        "airmeets": event_row(),
        "sessions": session_row(scenario.host()),
        "status_changes": {"status": "ONGOING"},
        "revocations": {"email": "person1@push.example.com"},
    }
    return rows.get(kind, person(1))


def where_of(scenario: PushScenario, kind: str) -> tuple[str, ...]:
    return () if kind == "airmeets" else ("--airmeet", scenario.upcoming)


def break_write(scenario: PushScenario, name: str, fault: FaultKind) -> str:
    kind = KINDS[name]
    scenario.simulator.break_feed("" if kind == "airmeets" else scenario.upcoming, name, fault)
    return kind


@pytest.mark.parametrize(("name", "status"), each_once(NAMED))
def test_an_error_is_an_outcome_and_no_crash(
    scenario: PushScenario, name: str, status: int
) -> None:
    kind = break_write(scenario, name, str(status))  # type: ignore[arg-type]
    result = scenario.push(kind, [row_of(scenario, kind)], *where_of(scenario, kind), "--apply")
    assert "Traceback" not in result.err
    [line] = scenario.ledger()
    if name == "revoke_attendee" and status == 404:
        assert (result.code, line["outcome"], line["status"]) == (0, "absent", 404)
    else:
        assert result.code == 1, result
        expected = ("failed", None) if status == 500 else ("refused", status)
        assert (line["outcome"], line["status"]) == expected
        assert line["error"] and "@" not in line["error"]
        assert "line 2: " in result.err and "@" not in result.err
    scenario.simulator.mend_feed("" if kind == "airmeets" else scenario.upcoming, name)
    if kind != "revocations":
        again = scenario.push(kind, [row_of(scenario, kind)], *where_of(scenario, kind), "--apply")
        assert (again.code, scenario.ledger()[0]["outcome"]) == (0, "done"), again.err


@pytest.mark.parametrize(
    ("kind", "status"),
    each_once(product([kind for kind in KINDS.values() if kind != "airmeets"], [401, 404])),
)
def test_airmeets_of_others_and_of_nobody(scenario: PushScenario, kind: str, status: int) -> None:
    airmeet = scenario.foreign if status == 401 else "none-such"
    row = row_of(scenario, kind)
    result = scenario.push(kind, [row], "--airmeet", airmeet, "--apply")
    assert result.code == 1
    [line] = scenario.ledger()
    assert (line["outcome"], line["status"]) == ("refused", status)


def test_an_unknown_address_cannot_be_revoked(scenario: PushScenario) -> None:
    rows = [{"email": "nobody@push.example.com"}]
    result = scenario.push("revocations", rows, "--airmeet", scenario.upcoming, "--apply")
    assert (result.code, scenario.writes) == (0, 1)
    assert "absent (404)" in result.err
    assert scenario.push("revocations", rows, "--airmeet", scenario.upcoming, "--apply").code == 0
    assert scenario.writes == 0


def _answer_otherwise(
    scenario: PushScenario,
    monkeypatch: pytest.MonkeyPatch,
    otherwise: Callable[[str, str, Answer], Answer],
) -> None:
    """Let requests be answered otherwise: by method, path and what would be answered."""
    respond = scenario.simulator.respond

    def answering(method: str, path: str, *others: Any, **named: Any) -> Answer:
        return otherwise(method, path, respond(method, path, *others, **named))

    monkeypatch.setattr(scenario.simulator, "respond", answering)


def test_a_speaker_whom_no_list_names_is_added_once(
    scenario: PushScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = person(1)

    def unlisted(method: str, path: str, answer: Answer) -> Answer:
        if not path.endswith("/participants") or answer.status != 200:
            return answer
        body = json.loads(answer.body)
        rows = [row for row in body["paticipants"] if row["email"] != speaker["email"]]
        return replace(answer, body=json.dumps({"paticipants": rows}).encode())

    _answer_otherwise(scenario, monkeypatch, unlisted)
    where = ("--airmeet", scenario.upcoming, "--apply")
    for _ in range(3):
        assert scenario.push("speakers", [speaker], *where).code == 0
        assert scenario.writes == 1, "it may have been removed meanwhile, so it is asked for again"
        assert [line["outcome"] for line in scenario.ledger()] == ["done"]
    people = scenario.event(scenario.upcoming).speakers
    assert len(people) == len(set(people))


@pytest.mark.parametrize("name", [*KINDS])
def test_an_answer_201_is_a_success(
    scenario: PushScenario, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def made(method: str, path: str, answer: Answer) -> Answer:
        is_done = method == "POST" and answer.status == 200
        return replace(answer, status=201) if is_done else answer

    kind, seen = KINDS[name], scenario.simulator.requests
    if kind == "revocations":
        scenario.push("attendees", [person(1)], *where_of(scenario, kind), "--apply")
    _answer_otherwise(scenario, monkeypatch, made)
    result = scenario.push(kind, [row_of(scenario, kind)], *where_of(scenario, kind), "--apply")
    assert result.code == 0, result
    assert (scenario.writes, seen.feeds()[name]) == (1, 1)
    assert "done" in {line["outcome"] for line in scenario.ledger() if line["kind"] == kind}


def test_a_speaker_of_the_same_name_is_refused(scenario: PushScenario) -> None:
    speaker = person(1)
    where = ("--airmeet", scenario.upcoming, "--apply")
    assert scenario.push("speakers", [speaker], *where).code == 0
    namesake = {**speaker, "email": "another@push.example.com"}
    result = scenario.push("speakers", [namesake, person(2)], *where)
    assert result.code == 3, "one was refused, the other was added"
    lines = {line["row_key"]: line for line in scenario.ledger()}
    assert lines["another@push.example.com"]["outcome"] == "refused"
    assert "same name or email" in lines["another@push.example.com"]["error"]
    assert lines["person2@push.example.com"]["outcome"] == "done"


def test_an_overlapping_session_is_refused(scenario: PushScenario) -> None:
    where = ("--airmeet", scenario.upcoming, "--apply")
    assert scenario.push("sessions", [session_row(scenario.host())], *where).code == 0
    late = "2031-03-01T10:20:00Z"
    overlapping = session_row(scenario.host(), session_title="Other", session_start_time=late)
    result = scenario.push("sessions", [overlapping], *where)
    assert result.code == 1
    assert "refused (400): There is already an overlapping session" in result.err


@pytest.mark.parametrize(
    "changes",
    [
        {"host_email": "stranger@push.example.com"},
        {"speaker_emails": "stranger@push.example.com"},
        {"cohost_emails": "stranger@push.example.com"},
    ],
)
def test_people_of_a_session_must_be_known(scenario: PushScenario, changes: dict[str, str]) -> None:
    rows = [session_row(scenario.host(), **changes)]
    result = scenario.push("sessions", rows, "--airmeet", scenario.upcoming, "--apply")
    assert result.code == 1
    assert scenario.ledger()[0]["status"] == 400


def test_an_expired_token_is_renewed(scenario: PushScenario) -> None:
    people = [person(n) for n in range(20)]
    scenario.simulator.after_requests(8, scenario.simulator.expire_tokens, "add_attendee")
    result = scenario.push("attendees", people, "--airmeet", scenario.upcoming, "--apply")
    assert result.code == 0, result.err
    assert {line["outcome"] for line in scenario.ledger()} == {"done"}


@pytest.mark.parametrize(("name", "fault"), each_once(product(KINDS, FAULTS)))
def test_nothing_is_done_twice_when_the_network_fails(
    scenario: PushScenario, name: str, fault: FaultKind
) -> None:
    """Faults before and after the effect: the third request finds all in order."""
    simulator = scenario.simulator
    kind = KINDS[name]
    airmeet = "" if kind == "airmeets" else scenario.upcoming
    if kind == "revocations":
        simulator.add_registration(scenario.upcoming, "person1@push.example.com")
    if kind == "speakers":
        before = len(scenario.event(scenario.upcoming).speakers)
    airmeets = len(simulator.airmeets())
    simulator.break_feed(airmeet, name, fault)
    simulator.after_requests(2, lambda: simulator.mend_feed(airmeet, name), name)
    result = scenario.push(kind, [row_of(scenario, kind)], *where_of(scenario, kind), "--apply")
    assert result.code == 0, result.err
    [line] = scenario.ledger()
    assert line["outcome"] in ("done", "absent")
    if kind in CREATIONS and fault in AFTER_THE_EFFECT:
        assert scenario.writes == 1, "it was looked up, and found done"
    if kind == "airmeets":
        assert len(simulator.airmeets()) == airmeets + 1
        assert line["result_id"] == simulator.airmeets()[-1].uid
    if kind == "sessions":
        titles = [row["name"] for row in simulator.truth("sessions")]
        assert titles.count("Deep dive") == 1
    if kind == "speakers":
        assert len(scenario.event(scenario.upcoming).speakers) == before + 1


def test_a_write_whose_fate_cannot_be_known_is_looked_up_by_the_next_push(
    scenario: PushScenario,
) -> None:
    simulator = scenario.simulator
    before = len(simulator.airmeets())
    simulator.break_feed("", "create_airmeet", "late")
    # The list cannot be read either, once the write is on its way.
    simulator.after_requests(
        1, lambda: simulator.break_feed("", "airmeets", "500"), "create_airmeet"
    )
    result = scenario.push("airmeets", [event_row()], "--apply")
    assert result.code == 1
    assert (scenario.ledger()[0]["outcome"], len(simulator.airmeets())) == ("unknown", before + 1)
    simulator.mend_feed("", "create_airmeet")
    simulator.mend_feed("", "airmeets")
    result = scenario.push("airmeets", [event_row()], "--apply")
    assert (result.code, scenario.writes) == (0, 0)
    assert len(simulator.airmeets()) == before + 1
    [line] = scenario.ledger()
    assert (line["outcome"], line["result_id"]) == ("done", simulator.airmeets()[-1].uid)


def test_a_write_that_never_had_its_answer_is_on_record_once_it_is_found(
    scenario: PushScenario,
) -> None:
    scenario.simulator.break_feed(scenario.upcoming, "add_attendee", "late")
    where = ("--airmeet", scenario.upcoming, "--apply")
    assert scenario.push("attendees", [person(1)], *where).code == 1
    assert scenario.ledger()[0]["outcome"] == "failed"
    scenario.simulator.mend_feed(scenario.upcoming, "add_attendee")
    assert scenario.push("attendees", [person(1)], *where).code == 0
    assert (scenario.writes, scenario.ledger()[0]["outcome"]) == (0, "done")


def test_what_is_done_after_it_was_looked_up_is_no_refusal(scenario: PushScenario) -> None:
    """The first request is lost, looked up, and done only then; the second is refused."""
    simulator, speaker = scenario.simulator, person(1)
    simulator.break_feed(scenario.upcoming, "add_speaker", "reset")

    def done_late() -> None:
        simulator.mend_feed(scenario.upcoming, "add_speaker")
        place = find(f"/api/v1/public/airmeet/{scenario.upcoming}/speaker")
        assert place and simulator.write(place, speaker).status == 200

    # The speakers are read before the first request and after it.
    simulator.after_requests(2, done_late, "sessions")
    result = scenario.push("speakers", [speaker], "--airmeet", scenario.upcoming, "--apply")
    assert (result.code, scenario.writes) == (0, 2), result.err
    assert scenario.ledger()[0]["outcome"] == "done"


def test_one_push_at_a_time(scenario: PushScenario) -> None:
    where = ("--airmeet", scenario.upcoming, "--apply")
    settings = resolve_configuration(Settings(), sections=("sources", "airmeet"))
    with journal_of(settings).held():
        result = scenario.push("attendees", [person(1)], *where)
        assert (result.code, scenario.simulator.requests.total) == (1, 0)
        assert result.err.count("\n") == 1 and "another push" in result.err
    assert scenario.push("attendees", [person(1)], *where).code == 0


def test_revoked_keys_end_the_push_in_one_line(scenario: PushScenario) -> None:
    scenario.simulator.revoke()
    result = scenario.push("attendees", [person(1)], "--airmeet", scenario.upcoming, "--apply")
    assert result.code == 1
    assert result.err.count("\n") == 1 and "revoked these keys" in result.err
