"""Each kind of write, in both layouts: a dry run sends nothing, a write has its effect, once."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from tests.sweeps import each_once
from tests.writing.scenario import PushScenario, event_row, person, session_row

LAYOUTS = ("v1", "gateway")
BOTH = pytest.mark.parametrize("layout", LAYOUTS)
Rows = list[dict[str, Any]]


def _people(scenario: PushScenario, table: str, airmeet_id: str) -> dict[str, dict[str, Any]]:
    rows = scenario.simulator.truth(table)
    return {str(row["email"]): dict(row) for row in rows if row["airmeet_id"] == airmeet_id}


def _attendees(scenario: PushScenario) -> None:
    row = _people(scenario, "registrations", scenario.upcoming)["person1@push.example.com"]
    assert (row["name"], row["organisation"]) == ("Per Son 1", "Acme")
    assert "person1@push.example.com" in _people(scenario, "participants", scenario.upcoming)


def _airmeets(scenario: PushScenario) -> None:
    created = scenario.simulator.airmeets()[-1]
    assert (created.name, created.status, created.timezone) == (
        "Monthly review",
        "CREATED",
        "Asia/Kolkata",
    )
    start = datetime(2027, 3, 1, 4, 30, tzinfo=UTC)  # ten o'clock in Kolkata
    assert (created.start, created.end) == (start.timestamp() * 1000, created.start + 7_200_000)


def _speakers(scenario: PushScenario) -> None:
    row = _people(scenario, "participants", scenario.upcoming)["person1@push.example.com"]
    assert (row["user_type"], row["city"]) == ("Speaker", "Oslo")


def _sessions(scenario: PushScenario) -> None:
    [row] = [row for row in scenario.simulator.truth("sessions") if row["name"] == "Deep dive"]
    assert (row["start_time"], row["duration"]) == ("2031-03-01T10:00:00.000Z", 30)


def _status(scenario: PushScenario) -> None:
    [row] = [
        r for r in scenario.simulator.truth("airmeets") if r["airmeet_id"] == scenario.upcoming
    ]
    assert row["status"] == "ONGOING"


KINDS: dict[str, tuple[Callable[[PushScenario], Rows], Callable[[PushScenario], None]]] = {
    "attendees": (lambda scenario: [person(1, organisation="Acme")], _attendees),
    "users": (lambda scenario: [person(1, organisation="Acme")], _attendees),
    "airmeets": (lambda scenario: [event_row()], _airmeets),
    "speakers": (lambda scenario: [person(1, city="Oslo")], _speakers),
    "sessions": (lambda scenario: [session_row(scenario.host())], _sessions),
    "status_changes": (lambda scenario: [{"status": "ONGOING"}], _status),
}


@pytest.mark.parametrize(("kind", "layout"), each_once(product(KINDS, LAYOUTS)))
def test_a_write_has_its_effect_once(scenario: PushScenario, kind: str, layout: str) -> None:
    scenario.use(layout)
    rows, effect = KINDS[kind]
    where = () if kind == "airmeets" else ("--airmeet", scenario.upcoming)
    dry = scenario.push(kind, rows(scenario), *where)
    assert (dry.code, scenario.writes) == (0, 0), dry.err
    assert "--apply" in dry.out and "line 2" in dry.out
    applied = scenario.push(kind, rows(scenario), *where, "--apply")
    assert (applied.code, scenario.writes) == (0, 1), applied.err
    effect(scenario)
    again = scenario.push(kind, rows(scenario), *where, "--apply")
    assert (again.code, scenario.writes) == (0, 0), again.err
    [line] = scenario.ledger()
    assert (line["kind"], line["outcome"], line["status"]) == (kind, "done", 200)
    assert ("/public" in line["request"]) == (layout == "v1" and kind not in ("attendees", "users"))
    assert line["sent_at"] <= line["ended_at"]
    assert (line["result_id"] is not None) == (kind in ("airmeets", "sessions"))


@BOTH
def test_a_revocation_takes_access_and_can_be_taken_back(
    scenario: PushScenario, layout: str
) -> None:
    scenario.use(layout)
    rows = [person(1), {"email": "o'neil+x/y#1@push.example.com", "name": "Odd Address"}]
    emails = [{"email": row["email"]} for row in rows]
    where = ("--airmeet", scenario.upcoming)
    assert scenario.push("attendees", rows, *where, "--apply").code == 0
    dry = scenario.push("revocations", emails, *where)
    assert (dry.code, scenario.writes, dry.out.count("revoke ")) == (0, 0, 2)
    assert scenario.push("revocations", emails, *where, "--apply").code == 0
    assert scenario.writes == 2
    registered = _people(scenario, "registrations", scenario.upcoming)
    assert not registered.keys() & {row["email"] for row in rows}
    assert scenario.push("revocations", emails, *where, "--apply").code == 0
    assert scenario.writes == 0
    assert {line["status"] for line in scenario.ledger() if line["kind"] == "revocations"} == {204}
    assert scenario.push("attendees", rows, *where, "--apply").code == 0
    assert scenario.writes == 2
    registered = _people(scenario, "registrations", scenario.upcoming)
    assert {row["email"] for row in rows} <= registered.keys()


def test_a_deprecated_write_says_so(scenario: PushScenario) -> None:
    result = scenario.push("users", [person(1)], "--airmeet", scenario.upcoming)
    assert "deprecated" in result.err and "attendees" in result.err


def test_what_has_finished_is_not_started_again(scenario: PushScenario) -> None:
    rows = [{"status": "ONGOING"}, {"status": "FINISHED"}]
    where = ("--airmeet", scenario.upcoming)
    assert scenario.push("status_changes", rows, *where, "--apply").code == 0
    assert scenario.writes == 2
    assert scenario.simulator.airmeets()[-1].status == "FINISHED"
    assert scenario.push("status_changes", rows, *where, "--apply").code == 0
    assert scenario.writes == 0


def test_who_is_let_in_already_is_left_alone(scenario: PushScenario) -> None:
    there = scenario.event(scenario.first)
    listed = [there.address(m, 1) for m in there.row_set("participants").items]
    emails = {email.strip().upper() for email in listed if email}
    rows = [{"email": email, "name": "Another Name"} for email in sorted(emails)]
    before = scenario.simulator.truth("participants")
    result = scenario.push("attendees", rows, "--airmeet", scenario.first, "--apply")
    assert (result.code, scenario.writes) == (0, 0), result.err
    assert scenario.simulator.truth("participants") == before


def test_rows_may_name_their_airmeets(scenario: PushScenario) -> None:
    rows = [person(1, airmeet_id=scenario.first), person(1, airmeet_id=scenario.upcoming)]
    assert scenario.push("attendees", rows, "--apply").code == 0
    assert scenario.writes == 2
    for airmeet_id in (scenario.first, scenario.upcoming):
        assert "person1@push.example.com" in _people(scenario, "registrations", airmeet_id)


def test_rows_may_come_from_a_query(scenario: PushScenario) -> None:
    assert scenario.workplace.run("load", "--no-reports").code == 0
    query = (
        "select distinct lower(trim(email)) as email, coalesce(name, 'Nobody') as name, city "
        f"from airmeet.registrations where airmeet_id = '{scenario.first}'"
    )
    people = {email for email, _, _ in scenario.workplace.sql(query)}
    there = {
        email.strip().lower() for email in _people(scenario, "participants", scenario.upcoming)
    }
    count = len(people - there)
    assert count
    scenario.simulator.requests.clear()
    arguments = ("push", "attendees", "--sql", query, "--airmeet", scenario.upcoming)
    assert scenario.workplace.run(*arguments).code == 0
    assert scenario.writes == 0
    result = scenario.workplace.run(*arguments, "--apply")
    assert (result.code, scenario.writes) == (0, count), result.err
    again = scenario.workplace.run(*arguments, "--apply")
    assert (again.code, scenario.writes) == (0, count), again.err


EVENT = """
host_email = "host@push.example.com"
event_name = "Launch"
short_desc = "What is new"
timezone = "Europe/Berlin"
start_time = 2027-06-01T10:00:00
end_time = 2027-06-01T12:00:00
[[speakers]]
name = "Ann Speaker"
email = "ann@push.example.com"
[[sessions]]
session_title = "Welcome"
session_start_time = 2027-06-01T10:00:00
session_duration = 1800
speaker_emails = ["ann@push.example.com"]
cohost_emails = ["ann@push.example.com"]
[[sessions]]
session_title = "Questions"
session_start_time = 2027-06-01T10:30:00
"""


def test_an_event_is_created_with_its_speakers_and_sessions(scenario: PushScenario) -> None:
    file = scenario.workplace.folder / "event.toml"
    file.write_text(EVENT)
    dry = scenario.workplace.run("create-event", str(file))
    assert (dry.code, scenario.writes) == (0, 0), dry.err
    assert dry.out.count("entry ") == 4
    assert "create     entry 2: sessions Questions, 2027-06-01 08:30 UTC" in dry.out
    applied = scenario.workplace.run("create-event", str(file), "--apply")
    assert (applied.code, scenario.writes) == (0, 4), applied.err
    created = scenario.simulator.airmeets()[-1]
    assert created.name == "Launch" and created.uid in applied.out
    sessions = [r for r in scenario.simulator.truth("sessions") if r["airmeet_id"] == created.uid]
    assert [(r["name"], r["start_time"]) for r in sessions] == [
        ("Welcome", "2027-06-01T08:00:00.000Z"),
        ("Questions", "2027-06-01T08:30:00.000Z"),
    ]
    people = [
        row
        for row in scenario.simulator.truth("session_people")
        if row["session_id"] == sessions[0]["session_id"]
    ]
    assert [row["name"] for row in people if row["role"] == "speaker"] == ["Ann Speaker"]
    again = scenario.workplace.run("create-event", str(file), "--apply")
    assert (again.code, scenario.writes) == (0, 4), again.err
    # Archived, it is not listed any more; the ledger still knows it.
    scenario.simulator.archive_airmeet(created.uid)
    again = scenario.workplace.run("create-event", str(file), "--apply")
    assert (again.code, scenario.writes) == (0, 4), again.err
    assert scenario.workplace.run("load", "--no-reports", "--only", "sessions").code == 0


def test_an_event_that_is_not_in_order_is_not_begun(scenario: PushScenario) -> None:
    file = scenario.workplace.folder / "event.toml"
    file.write_text(EVENT.replace("10:30", "10:15").replace("ann@push", "ann.push"))
    result = scenario.workplace.run("create-event", str(file), "--apply")
    assert (result.code, scenario.simulator.requests.total) == (1, 0)
    for words in ("speakers entry 1: email", "sessions entry 1: speaker_emails"):
        assert words in result.err
