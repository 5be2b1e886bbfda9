"""The network's faults on what the gateway alone takes: in the end each write is done once."""

from itertools import product

import pytest
from airmeet.write.operations import GATEWAY_WRITES
from airmeet_simulator.faults import FaultKind

from tests.sweeps import each_once
from tests.writing.gateway import CASES
from tests.writing.scenario import PushScenario

NAMES = {
    "blocks": "block_attendee",
    "unblocks": "unblock_attendee",
    "session_deletions": "delete_session",
    "booths": "create_booth",
    "duplications": "duplicate_airmeet",
}
BEFORE_THE_EFFECT: tuple[FaultKind, ...] = ("429", "503", "reset", "html", "412")
AFTER_THE_EFFECT: tuple[FaultKind, ...] = ("cut", "late", "truncated", "accepted")


@pytest.mark.parametrize(
    ("kind", "fault"), each_once(product(CASES, [*BEFORE_THE_EFFECT, *AFTER_THE_EFFECT]))
)
def test_nothing_is_done_twice_when_the_network_fails(
    gateway: PushScenario, kind: str, fault: FaultKind
) -> None:
    simulator, name = gateway.simulator, NAMES[kind]
    row_of, effect = CASES[kind]
    row = row_of(gateway)
    before = len(simulator.airmeets()), len(gateway.event(gateway.upcoming).booths)
    where = ("--airmeet", gateway.upcoming, "--apply")
    airmeet = gateway.upcoming
    simulator.break_feed(airmeet, name, fault)
    simulator.after_requests(1, lambda: simulator.mend_feed(airmeet, name), name)
    result = gateway.push(kind, [row], *where)
    if GATEWAY_WRITES[kind].lasting and fault in ("503", "reset", "html"):
        # It may be under way: it is not sent again before it was looked for.
        assert (result.code, gateway.writes) == (1, 1)
        result = gateway.push(kind, [row], *where)
    assert result.code == 0, result.err
    effect(gateway)
    assert len(simulator.airmeets()) == before[0] + (kind == "duplications")
    assert len(gateway.event(airmeet).booths) == before[1] + (kind == "booths")
    [line] = [line for line in gateway.ledger() if line["kind"] == kind]
    assert line["outcome"] in ("done", "absent")
    assert gateway.push(kind, [row], *where).code == 0
    assert gateway.writes == 0


@pytest.mark.parametrize(("kind", "status"), each_once(product(CASES, [400, 401, 404, 412, 500])))
def test_an_error_is_an_outcome_and_no_crash(gateway: PushScenario, kind: str, status: int) -> None:
    row = CASES[kind][0](gateway)
    fault: FaultKind = str(status)  # type: ignore[assignment]
    gateway.simulator.break_feed(gateway.upcoming, NAMES[kind], fault)
    where = ("--airmeet", gateway.upcoming, "--apply")
    result = gateway.push(kind, [row], *where)
    assert "Traceback" not in result.err
    [line] = [line for line in gateway.ledger() if line["kind"] == kind]
    said = (line["outcome"], line["status"])
    if kind == "session_deletions" and status == 404:
        assert (result.code, *said) == (0, "absent", 404)
        return
    lost = "unknown" if kind == "duplications" else "failed"
    assert said == ((lost, None) if status == 500 else ("refused", status))
    assert result.code == 1
    assert "@" not in line["error"] + result.err
    gateway.simulator.mend_feed(gateway.upcoming, NAMES[kind])
    assert gateway.push(kind, [row], *where).code == 0
    CASES[kind][1](gateway)


def test_without_a_token_nothing_is_done(gateway: PushScenario) -> None:
    for kind, (row_of, _) in CASES.items():
        row = row_of(gateway)
        gateway.simulator.revoke()
        gateway.simulator.expire_tokens()
        result = gateway.push(kind, [row], "--airmeet", gateway.upcoming, "--apply")
        assert result.code == 1 and "revoked these keys" in result.err
        assert not [
            line for line in gateway.ledger() if line["outcome"] == "done" and line["kind"] == kind
        ]
        gateway.simulator.revoke(False)
