"""A row of each kind that the gateway alone takes, and what it does."""

from collections.abc import Callable
from typing import Any

from airmeet.write.operations import GATEWAY_WRITES, WRITES
from airmeet_simulator.event import Event
from airmeet_simulator.programme import Session

from tests.workplace import Result
from tests.writing.scenario import PushScenario, person, session_row

ADDED = [kind for kind in GATEWAY_WRITES if kind not in WRITES]
BLOCKED = "person1@push.example.com"


def apply(scenario: PushScenario, kind: str, row: dict[str, Any], *more: str) -> Result:
    """Push one row to the airmeet that is still to come."""
    return scenario.push(kind, [row], "--airmeet", scenario.upcoming, "--apply", *more)


def upcoming(scenario: PushScenario) -> Event:
    return scenario.event(scenario.upcoming)


def planned(scenario: PushScenario, title: str = "Deep dive") -> Session:
    """A session that is pushed, and can be deleted."""
    row = session_row(scenario.host(), session_title=title)
    assert apply(scenario, "sessions", row).code == 0
    return upcoming(scenario).sessions[-1]


def guest(scenario: PushScenario) -> dict[str, Any]:
    """Somebody who is let in, and can be blocked."""
    assert apply(scenario, "attendees", person(1)).code == 0
    return {"email": BLOCKED}


def participant(scenario: PushScenario, email: str = BLOCKED) -> dict[str, Any]:
    rows = scenario.simulator.truth("participants", "gateway")
    [row] = [r for r in rows if r["email"] == email and r["airmeet_id"] == scenario.upcoming]
    return row


def unblocked(scenario: PushScenario) -> dict[str, Any]:
    row = guest(scenario)
    assert apply(scenario, "blocks", row).code == 0
    return row


def copied(scenario: PushScenario) -> dict[str, Any]:
    return {
        "event_name": "The same again",
        "start_time": "2031-06-02T10:00",
        "timezone": "Europe/Berlin",
        "duplicate_speakers": "true",
    }


def booth(scenario: PushScenario) -> dict[str, Any]:
    return {
        "name": "Acme",
        "exhibitors": "ann@push.example.com; Bob@push.example.com",
        "tags": "Gold; Data",
        "chat_enabled": "true",
        "lounge_enabled": "false",
        "table_count": "8",
    }


def is_blocked(scenario: PushScenario) -> None:
    assert participant(scenario)["is_blocked"] is True


def is_free(scenario: PushScenario) -> None:
    assert participant(scenario)["is_blocked"] is False


def is_deleted(scenario: PushScenario) -> None:
    titles = [row["name"] for row in scenario.simulator.truth("sessions")]
    assert titles and "Deep dive" not in titles


def has_booth(scenario: PushScenario) -> None:
    made = upcoming(scenario).booths[-1]
    assert dict(made.rooms) == {"chatEnabled": True, "loungeEnabled": False, "tableCount": 8}
    [row] = [row for row in scenario.simulator.truth("booths") if row["name"] == "Acme"]
    for table, column, held in (
        ("booth_exhibitors", "email", {"ann@push.example.com", "bob@push.example.com"}),
        ("booth_tags", "tag", {"Gold", "Data"}),
    ):
        rows = scenario.simulator.truth(table)
        assert {r[column] for r in rows if r["booth_id"] == row["booth_id"]} == held


def is_copied(scenario: PushScenario) -> None:
    original, copy = (scenario.event(uid) for uid in (scenario.ids[-2], scenario.ids[-1]))
    assert (copy.airmeet.name, copy.airmeet.status) == ("The same again", "CREATED")
    assert [s.name for s in copy.sessions] == [s.name for s in original.sessions]
    assert [s.speakers for s in copy.sessions] == [s.speakers for s in original.sessions]
    assert [b.name for b in copy.booths] == [b.name for b in original.booths]
    length = original.airmeet.end - original.airmeet.start
    assert copy.airmeet.end - copy.airmeet.start == length
    assert {s.start - copy.airmeet.start for s in copy.sessions} == {
        s.start - original.airmeet.start for s in original.sessions
    }


Case = tuple[Callable[[PushScenario], dict[str, Any]], Callable[[PushScenario], None]]
CASES: dict[str, Case] = {
    "blocks": (guest, is_blocked),
    "unblocks": (unblocked, is_free),
    "session_deletions": (lambda scenario: {"session_id": planned(scenario).uid}, is_deleted),
    "booths": (booth, has_booth),
    "duplications": (copied, is_copied),
}
