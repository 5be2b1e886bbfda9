"""What Airmeet's gateway alone takes: each kind has its effect once, and its refusals."""

from datetime import datetime
from itertools import product
from typing import Any

import pytest
from airmeet.write.operations import GATEWAY_WRITES
from airmeet_simulator.faults import FaultKind

from tests.sweeps import each_once
from tests.writing.gateway import ADDED, BLOCKED, CASES, apply, copied, planned, unblocked, upcoming
from tests.writing.scenario import PushScenario, person, session_row


@pytest.mark.parametrize("kind", CASES)
def test_a_write_has_its_effect_once(gateway: PushScenario, kind: str) -> None:
    row_of, effect = CASES[kind]
    row = row_of(gateway)
    where = ("--airmeet", gateway.upcoming)
    before = len(gateway.simulator.airmeets())
    dry = gateway.push(kind, [row], *where)
    assert (dry.code, gateway.writes) == (0, 0), dry.err
    assert f"{GATEWAY_WRITES[kind].does} " in dry.out and "line 2" in dry.out
    applied = gateway.push(kind, [row], *where, "--apply")
    assert (applied.code, gateway.writes) == (0, 1), applied.err
    effect(gateway)
    again = gateway.push(kind, [row], *where, "--apply")
    assert (again.code, gateway.writes) == (0, 0), again.err
    assert len(gateway.simulator.airmeets()) == before + (kind == "duplications")
    [line] = [line for line in gateway.ledger() if line["kind"] == kind]
    assert (line["outcome"], line["status"]) == ("done", 200)
    assert (line["result_id"] is not None) == GATEWAY_WRITES[kind].creates
    if kind == "duplications":
        assert line["result_id"] == gateway.ids[-1]


def test_each_kind_of_the_gateway_is_tried() -> None:
    assert {*CASES} == {*ADDED}


@pytest.mark.parametrize("kind", ADDED)
def test_v1_refuses_it_up_front(scenario: PushScenario, kind: str) -> None:
    for more in ((), ("--apply",)):
        result = scenario.workplace.run("push", kind, "no-such-file.csv", *more)
        assert (result.code, scenario.simulator.requests.total) == (2, 0)
        assert result.err == (
            f"airmeet: {kind}: only Airmeet's gateway takes this; "
            "set SOURCES__AIRMEET__REGION to global, eu or us\n"
        )


def test_v1_says_which_columns_and_statuses_are_the_gateways(scenario: PushScenario) -> None:
    session = session_row(scenario.host(), tags="Data")
    result = apply(scenario, "sessions", session)
    assert result.code == 2 and result.err.count("\n") == 1
    assert "sessions take no column 'tags'" in result.err
    assert "(tags: only Airmeet's gateway takes this" in result.err
    result = apply(scenario, "status_changes", {"status": "PAUSED"})
    assert result.code == 1
    assert "status is not ONGOING or FINISHED: only Airmeet's gateway takes this" in result.err
    result = apply(scenario, "attendees", person(1, attendance_type="VIRTUAL"))
    assert result.code == 1
    assert "no custom field of this airmeet is called 'attendance_type' (only Air" in result.err
    result = apply(scenario, "attendees", person(1), "--send-invites")
    assert result.code == 2 and "attendees take no --send-invites: only Airmeet's" in result.err
    assert scenario.writes == 0


def test_a_custom_field_of_v1_may_be_named_as_a_column_of_the_gateway(
    scenario: PushScenario,
) -> None:
    event = scenario.event(scenario.first)
    text = next(n for n, field in enumerate(event.fields) if field.input_type == "text")
    event.fields[text] = type(event.fields[text])("f-1", "attendance_type", "att", "text", ())
    rows = [person(1, attendance_type="by train")]
    assert scenario.push("attendees", rows, "--airmeet", scenario.first, "--apply").code == 0
    answers = scenario.simulator.truth("participant_answers")
    assert [a["value"] for a in answers if a["email"] == BLOCKED] == ["by train"]


def test_what_is_blocked_is_not_let_in_again(gateway: PushScenario) -> None:
    row = unblocked(gateway)
    assert apply(gateway, "revocations", row).code == 0
    result = apply(gateway, "attendees", person(1))
    assert result.code == 1
    assert "refused (400): Attendee is blocked" in result.err
    assert apply(gateway, "unblocks", row).code == 0
    assert apply(gateway, "attendees", person(1)).code == 0


def test_where_nothing_says_who_is_blocked_it_is_said_again(gateway: PushScenario) -> None:
    row = unblocked(gateway)
    upcoming(gateway).blocked.clear()  # as one whose participants do not say it
    assert (apply(gateway, "blocks", row).code, gateway.writes) == (0, 1)


def test_a_session_that_has_begun_is_not_deleted(gateway: PushScenario) -> None:
    begun = gateway.event(gateway.first).sessions[0].uid
    where = ("--airmeet", gateway.first, "--apply")
    result = gateway.push("session_deletions", [{"session_id": begun}], *where)
    assert result.code == 1
    assert "refused (400): Session status is not valid" in result.err


def test_a_session_that_was_never_there_is_absent(gateway: PushScenario) -> None:
    other = gateway.event(gateway.first).sessions[0].uid  # of another airmeet
    for session_id in ("none-such", other):
        row = {"session_id": session_id}
        result = apply(gateway, "session_deletions", row)
        assert (result.code, gateway.writes) == (0, 1)
        assert "absent (404)" in result.err
        assert (apply(gateway, "session_deletions", row).code, gateway.writes) == (0, 0)


def test_a_deleted_session_is_gone_from_all_that_is_read(gateway: PushScenario) -> None:
    session = planned(gateway)
    track = upcoming(gateway).tracks
    assert apply(gateway, "session_deletions", {"session_id": session.uid}).code == 0
    for table in ("sessions", "session_people", "track_sessions"):
        rows = gateway.simulator.truth(table, "gateway")
        assert session.uid not in {row.get("session_id") for row in rows}, (table, track)
    load = gateway.workplace.run("load", "--no-reports", "--airmeet", gateway.upcoming)
    assert load.code == 0, load.err
    there = {row["session_id"] for row in gateway.workplace.rows("sessions")}
    assert session.uid not in there
    # Its time is free again.
    assert planned(gateway, "In its place").uid not in there


@pytest.mark.parametrize("kind", ["blocks", "unblocks"])
def test_nobody_can_be_blocked_who_is_not_there(gateway: PushScenario, kind: str) -> None:
    result = apply(gateway, kind, {"email": "nobody@push.example.com"})
    assert result.code == 1
    assert "refused (404): No such email" in result.err and "@" not in result.err


@pytest.mark.parametrize(("kind", "status"), each_once(product(CASES, [401, 404])))
def test_airmeets_of_others_and_of_nobody(gateway: PushScenario, kind: str, status: int) -> None:
    rows = {"session_deletions": {"session_id": "x"}, "booths": {"name": "Acme"}}
    row = copied(gateway) if kind == "duplications" else rows.get(kind, {"email": BLOCKED})
    airmeet = gateway.foreign if status == 401 else "none-such"
    result = gateway.push(kind, [row], "--airmeet", airmeet, "--apply")
    assert result.code == 1
    [line] = gateway.ledger()
    # The booths are looked up first: of an unknown airmeet their host says 400.
    assert (line["outcome"], line["status"]) == ("refused", 400 if kind == "booths" else status)


def test_a_session_takes_tracks_tags_and_a_booth(gateway: PushScenario) -> None:
    assert apply(gateway, "booths", {"name": "Acme"}).code == 0
    event = gateway.event(gateway.first)
    row = session_row(
        gateway.host(),
        tracks=";".join(track.uid for track in event.tracks),
        tags='["Data", "R&D; more"]',
        booth_id=event.booths[0].uid,
    )
    where = ("--airmeet", gateway.first, "--apply")
    assert gateway.push("sessions", [row], *where).code == 0
    made = event.sessions[-1]
    assert (made.tags, made.booth) == (("Data", "R&D; more"), event.booths[0].uid)
    tracks = gateway.simulator.truth("track_sessions", "gateway")
    held = [track["track_id"] for track in tracks if track["session_id"] == made.uid]
    assert held == [track.uid for track in event.tracks] and held
    for column in ("tracks", "booth_id"):
        wrong = session_row(
            gateway.host(),
            session_title="Wrong",
            session_start_time="2032-03-01T10:00Z",
            **{column: "none-such"},
        )
        result = gateway.push("sessions", [wrong], *where)
        assert result.code == 1 and "refused (400): Supplied " in result.err


def test_an_airmeet_is_paused_goes_on_ends_and_is_archived(gateway: PushScenario) -> None:
    airmeet = gateway.upcoming

    def change(*statuses: str) -> tuple[int | None, int, str]:
        rows = [{"status": status} for status in statuses]
        result = gateway.push("status_changes", rows, "--airmeet", airmeet, "--apply")
        return result.code, gateway.writes, gateway.event(airmeet).airmeet.status

    assert change("PAUSED") == (1, 1, "CREATED"), "it was not started"
    assert change("ONGOING", "PAUSED") == (0, 2, "PAUSED")
    assert change("ONGOING", "PAUSED") == (0, 0, "PAUSED"), "it does not go on for a moment"
    assert change("ARCHIVE")[:2] == (1, 1), "it runs"
    assert change("ONGOING") == (0, 1, "ONGOING")
    assert change("FINISHED", "ARCHIVE") == (0, 2, "FINISHED")
    assert airmeet not in [listed.uid for listed in gateway.simulator.airmeets()]
    assert change("FINISHED", "ARCHIVE") == (0, 0, "FINISHED")
    assert change("FINISHED") == (0, 0, "FINISHED"), "what is archived is not listed"


def test_who_attends_in_person(gateway: PushScenario) -> None:
    for n, given in enumerate(("IN-PERSON", "VIRTUAL")):
        assert apply(gateway, "attendees", person(n, attendance_type=given)).code == 0
    event = upcoming(gateway)
    given_by = {event.person(member).email: how for member, how in event.types_given.items()}
    assert given_by == {
        "person0@push.example.com": "IN-PERSON",
        "person1@push.example.com": "VIRTUAL",
    }
    result = apply(gateway, "attendees", person(3, attendance_type="HYBRID"))
    assert result.code == 1
    assert "attendance_type is not IN-PERSON or VIRTUAL" in result.err


def test_who_is_invited_may_be_registered(gateway: PushScenario) -> None:
    speaker = person(1)
    assert apply(gateway, "speakers", speaker).code == 0
    assert (apply(gateway, "attendees", speaker).code, gateway.writes) == (0, 0)
    row = {**speaker, "register_attendee": "true"}
    for writes in (1, 0):
        assert (apply(gateway, "attendees", row).code, gateway.writes) == (0, writes)
    registered = [row["email"] for row in gateway.simulator.truth("registrations")]
    assert registered.count(BLOCKED) == 1


def test_a_copy_is_no_other_airmeet_of_its_name(gateway: PushScenario) -> None:
    """The original has the name and start that the copy is to have."""
    original = upcoming(gateway).airmeet
    row = {
        "event_name": original.name,
        "start_time": str(original.start),
        "timezone": "Europe/Berlin",
    }
    for writes in (1, 0):
        assert (apply_to(gateway, original.uid, row), gateway.writes) == (0, writes)
    assert [a.name for a in gateway.simulator.airmeets()].count(original.name) >= 2


def apply_to(scenario: PushScenario, airmeet: str, row: dict[str, Any]) -> int | None:
    return scenario.push("duplications", [row], "--airmeet", airmeet, "--apply").code


def test_a_copy_whose_answer_is_lost_is_not_made_twice(gateway: PushScenario) -> None:
    simulator, original = gateway.simulator, gateway.upcoming
    before = len(simulator.airmeets())
    row = copied(gateway)
    # It does not answer, and may be at work.
    simulator.break_feed(original, "duplicate_airmeet", "503")
    assert (apply_to(gateway, original, row), gateway.writes) == (1, 1)
    [line] = gateway.ledger()
    assert line["outcome"] == "unknown"
    simulator.mend_feed(original, "duplicate_airmeet")
    assert (apply_to(gateway, original, row), gateway.writes) == (0, 1)
    assert (apply_to(gateway, original, row), gateway.writes) == (0, 0)
    assert len(simulator.airmeets()) == before + 1
    [line] = gateway.ledger()
    assert (line["outcome"], line["result_id"]) == ("done", simulator.airmeets()[-1].uid)


@pytest.fixture
def lost(gateway: PushScenario) -> dict[str, Any]:
    """A row whose answer is lost."""
    row = copied(gateway)
    gateway.simulator.break_feed(gateway.upcoming, "duplicate_airmeet", "503")
    assert apply_to(gateway, gateway.upcoming, row) == 1
    gateway.simulator.mend_feed(gateway.upcoming, "duplicate_airmeet")
    return row


def test_a_copy_under_way_is_awaited_before_it_is_asked_for_again(
    gateway: PushScenario, lost: dict[str, Any]
) -> None:
    simulator = gateway.simulator
    before = len(simulator.airmeets())
    name, start = lost["event_name"], datetime.fromisoformat(f"{lost['start_time']}:00+02:00")
    made: list[str] = []

    def turn_up() -> None:
        made.append(simulator.add_airmeet(name, "CREATED", start))

    simulator.after_requests(3, turn_up, "airmeets")
    result = gateway.push("duplications", [lost], "--airmeet", gateway.upcoming, "--apply")
    assert (result.code, gateway.writes) == (0, 0), result.err
    assert name in result.err and "may be under way" in result.err
    assert len(simulator.airmeets()) == before + 1
    [line] = gateway.ledger()
    assert (line["outcome"], line["result_id"]) == ("done", *made)


def test_a_copy_that_cannot_be_looked_for_is_not_asked_for_again(
    gateway: PushScenario, lost: dict[str, Any]
) -> None:
    simulator = gateway.simulator
    [before] = gateway.ledger()
    simulator.after_requests(1, lambda: simulator.break_feed("", "airmeets", "404"), "airmeets")
    result = gateway.push("duplications", [lost], "--airmeet", gateway.upcoming, "--apply")
    assert (result.code, gateway.writes) == (1, 0), result.err
    [line] = gateway.ledger()
    assert (line["outcome"], line["sent_at"]) == ("unknown", before["sent_at"])


def test_a_copy_that_did_not_turn_up_for_long_is_asked_for_at_once(
    gateway: PushScenario, lost: dict[str, Any]
) -> None:
    gateway.workplace.execute("update airmeet.pushes set sent_at = sent_at - interval 11 minutes")
    result = gateway.push("duplications", [lost], "--airmeet", gateway.upcoming, "--apply")
    assert (result.code, gateway.writes) == (0, 1), result.err
    assert "under way" not in result.err and gateway.simulator.requests.feeds()["airmeets"] == 1


@pytest.mark.parametrize("fault", ["late", "503"])
def test_who_may_have_been_added_is_looked_up_alone(
    gateway: PushScenario, fault: FaultKind
) -> None:
    """Somebody who is mailed is not sent again without a look, which reads one person first."""
    simulator, airmeet = gateway.simulator, gateway.upcoming
    row = person(1, send_email_invite="true")
    simulator.break_feed(airmeet, "add_attendee", fault)
    simulator.after_requests(
        1, lambda: simulator.mend_feed(airmeet, "add_attendee"), "add_attendee"
    )
    assert apply(gateway, "attendees", row).code == 0
    assert gateway.writes == (1 if fault == "late" else 2)
    assert gateway.event(airmeet).mailed == [row["email"]]
    feeds = gateway.simulator.requests.feeds()
    # Before all else all are read; then the one; and where that one is not there, all.
    assert feeds["registrations"] == (1 if fault == "late" else 2)
    [line] = gateway.ledger()
    assert line["outcome"] == "done"


def test_a_look_up_that_is_refused_leaves_it_unknown(gateway: PushScenario) -> None:
    simulator, airmeet = gateway.simulator, gateway.upcoming
    simulator.break_feed(airmeet, "add_attendee", "late")
    broken = lambda: simulator.break_feed(airmeet, "participants", "401")  # noqa: E731
    simulator.after_requests(1, broken, "add_attendee")
    row = person(1, send_email_invite="true")
    assert (apply(gateway, "attendees", row).code, gateway.writes) == (1, 1)
    [line] = gateway.ledger()
    assert line["outcome"] == "unknown"
    simulator.mend_feed(airmeet, "participants")
    simulator.mend_feed(airmeet, "add_attendee")
    assert (apply(gateway, "attendees", row).code, gateway.writes) == (0, 0)
    [line] = gateway.ledger()
    assert line["outcome"] == "done"
