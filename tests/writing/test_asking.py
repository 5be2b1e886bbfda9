"""Mails go out where they are asked for, and what is not to be undone is asked about first."""

import io

import pytest

from tests.writing.gateway import CASES, apply, guest, planned, upcoming
from tests.writing.scenario import PushScenario, person


class Terminal(io.StringIO):
    """Standard input of somebody who is there."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{answer}\n" for answer in answers)))


PEOPLE = [
    person(1, send_email_invite="true"),
    person(2, send_email_invite="false"),
    person(3, send_email_invite=""),
]
MAILED = [str(each["email"]) for each in PEOPLE]


@pytest.mark.parametrize(
    ("option", "mailed", "said"),
    [
        ((), MAILED[:1], "mail 1 invitation"),
        (("--send-invites",), [MAILED[0], MAILED[2]], "mail 2 invitations"),
    ],
)
def test_who_is_mailed(
    gateway: PushScenario, option: tuple[str, ...], mailed: list[str], said: str
) -> None:
    where = ("--airmeet", gateway.upcoming, *option)
    dry = gateway.push("attendees", PEOPLE, *where)
    assert f"Airmeet would {said} (" in dry.out and dry.code == 0
    assert upcoming(gateway).mailed == []
    applied = gateway.push("attendees", PEOPLE, *where, "--apply")
    assert f"Airmeet was asked to {said}\n" in applied.out
    assert sorted(upcoming(gateway).mailed) == mailed
    again = gateway.push("attendees", PEOPLE, *where)
    assert "Airmeet would mail no invitations (" in again.out
    assert gateway.push("attendees", PEOPLE, *where, "--apply").code == 0
    assert sorted(upcoming(gateway).mailed) == mailed, "who is let in already gets none"


def test_nobody_is_mailed_by_accident(gateway: PushScenario) -> None:
    rows = [person(n) for n in range(3)]
    dry = gateway.push("attendees", rows, "--airmeet", gateway.upcoming)
    assert "Airmeet would mail no invitations (" in dry.out
    assert gateway.push("attendees", rows, "--airmeet", gateway.upcoming, "--apply").code == 0
    assert (gateway.writes, upcoming(gateway).mailed) == (3, [])


@pytest.mark.parametrize("fault", ["cut", "late", "truncated", "accepted"])
def test_nobody_is_mailed_twice_where_the_answer_is_lost(gateway: PushScenario, fault: str) -> None:
    airmeet = gateway.upcoming
    gateway.simulator.break_feed(airmeet, "add_attendee", fault)  # type: ignore[arg-type]
    assert apply(gateway, "attendees", PEOPLE[0]).code == 0
    assert upcoming(gateway).mailed == MAILED[:1]


def test_on_v1_nothing_is_said_of_mails(scenario: PushScenario) -> None:
    result = scenario.push("attendees", [person(1)], "--airmeet", scenario.upcoming)
    assert result.code == 0 and "mail" not in result.out


@pytest.mark.parametrize("answers", [(), ("",), ("n",), ("no, thanks",)])
@pytest.mark.parametrize("kind", ["blocks", "session_deletions"])
def test_without_a_yes_nothing_is_sent(
    gateway: PushScenario, monkeypatch: pytest.MonkeyPatch, kind: str, answers: tuple[str, ...]
) -> None:
    row = CASES[kind][0](gateway)
    at_a_terminal(monkeypatch, *answers)
    result = apply(gateway, kind, row)
    assert (result.code, gateway.writes) == (1, 0)
    assert "nothing was sent: the answer was not yes (--yes does not ask)" in result.err
    assert "what is listed above (1)? [y/N]" in result.out
    assert f"line 2: {kind}" in result.out


@pytest.mark.parametrize("kind", ["blocks", "session_deletions"])
def test_a_yes_sends_it(gateway: PushScenario, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    row = CASES[kind][0](gateway)
    at_a_terminal(monkeypatch, "y")
    assert (apply(gateway, kind, row).code, gateway.writes) == (0, 1)
    CASES[kind][1](gateway)
    at_a_terminal(monkeypatch)
    result = apply(gateway, kind, row)
    assert (result.code, gateway.writes) == (0, 0), "where nothing is left to do nobody is asked"
    assert "[y/N]" not in result.out


def test_yes_is_said_by_an_option(gateway: PushScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    row = guest(gateway)
    at_a_terminal(monkeypatch)
    result = apply(gateway, "blocks", row, "--yes")
    assert (result.code, gateway.writes) == (0, 1) and "[y/N]" not in result.out


def test_mails_are_asked_about(gateway: PushScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, "n")
    result = apply(gateway, "attendees", person(1), "--send-invites")
    assert (result.code, gateway.writes) == (1, 0)
    assert "Write 1 attendees, and mail 1 invitation? [y/N]" in result.out
    at_a_terminal(monkeypatch)
    assert (apply(gateway, "attendees", person(1)).code, gateway.writes) == (0, 1)


def test_what_can_be_undone_is_not_asked_about(
    gateway: PushScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch)
    planned(gateway)
    assert apply(gateway, "unblocks", guest(gateway)).code == 0
