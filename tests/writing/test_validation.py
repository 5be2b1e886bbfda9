"""Every rule: a bad row is named with its line and reason, and nothing is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from airmeet.validation import milliseconds

from tests.writing.desk import Desk, event_row, person, session_row

RULES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no address": ("attendees", {"email": ""}, "email is missing"),
    "no name": ("attendees", {"name": " "}, "name is missing"),
    "no at": ("attendees", {"email": "person.example.com"}, "email is no e-mail address"),
    "two ats": ("attendees", {"email": "a@b@example.com"}, "email is no e-mail address"),
    "a blank": ("attendees", {"email": "a b@example.com"}, "email is no e-mail address"),
    "no domain": ("attendees", {"email": "a@localhost"}, "email is no e-mail address"),
    "an empty label": ("attendees", {"email": "a@example..com"}, "email is no e-mail address"),
    "no name of a user": ("users", {"name": ""}, "name is missing"),
    "a bad address of a user": ("users", {"email": "x"}, "email is no e-mail address"),
    "a bad revocation": ("revocations", {"email": "x"}, "email is no e-mail address"),
    "no host": ("airmeets", {"host_email": ""}, "host_email is missing"),
    "a bad host": ("airmeets", {"host_email": "x"}, "host_email is no e-mail address"),
    "no event name": ("airmeets", {"event_name": ""}, "event_name is missing"),
    "a short name": ("airmeets", {"event_name": "ab"}, "event_name is shorter than 3"),
    "a long name": ("airmeets", {"event_name": "a" * 81}, "event_name is longer than 80"),
    "no description": ("airmeets", {"short_desc": ""}, "short_desc is missing"),
    "no zone": ("airmeets", {"timezone": ""}, "timezone is missing"),
    "a zone's short name": ("airmeets", {"timezone": "IST+5"}, "timezone is no canonical"),
    "no start": ("airmeets", {"start_time": ""}, "start_time is missing"),
    "no end": ("airmeets", {"end_time": ""}, "end_time is missing"),
    "seconds": ("airmeets", {"start_time": "1622528299"}, "start_time is not in milliseconds"),
    "no time": ("airmeets", {"start_time": "tomorrow"}, "start_time is no time"),
    "an early end": ("airmeets", {"end_time": "2027-03-01T10:00"}, "end_time is not after"),
    "an access": ("airmeets", {"access": "PUBLIC"}, "access is not INVITED_ONLY or WITH_"),
    "an event type": ("airmeets", {"event_type": "CONFERENCE"}, "event_type is not MEETUP"),
    "a flag": ("airmeets", {"networking": "perhaps"}, "networking is neither true nor false"),
    "a count": ("airmeets", {"table_count": "many"}, "table_count is no whole number"),
    "a negative count": ("airmeets", {"table_count": "-1"}, "table_count is no whole number"),
    "no speaker's name": ("speakers", {"name": ""}, "name is missing"),
    "a bad speaker": ("speakers", {"email": "x@y"}, "email is no e-mail address"),
    "no title": ("sessions", {"session_title": ""}, "session_title is missing"),
    "no session start": ("sessions", {"session_start_time": ""}, "session_start_time is missing"),
    "off the minute": (
        "sessions",
        {"session_start_time": "1928149140001"},
        "session_start_time is not on the minute",
    ),
    "without a zone": (
        "sessions",
        {"session_start_time": "2031-03-01T10:00"},
        "session_start_time has no zone",
    ),
    "a session in seconds": (
        "sessions",
        {"session_start_time": "1628149140"},
        "session_start_time is not in milliseconds",
    ),
    "no duration": ("sessions", {"session_duration": "0"}, "session_duration is less than 1"),
    "a word": ("sessions", {"session_duration": "long"}, "session_duration is no whole number"),
    "no session host": ("sessions", {"host_email": ""}, "host_email is missing"),
    "a bad session host": ("sessions", {"host_email": "x"}, "host_email is no e-mail address"),
    "a bad speaker's": (
        "sessions",
        {"speaker_emails": "a@example.com; b"},
        "speaker_emails is no e-mail address",
    ),
    "a bad co-host": ("sessions", {"cohost_emails": '["b"]'}, "cohost_emails is no e-mail"),
    "a list that is none": ("sessions", {"cohost_emails": "[b"}, "cohost_emails is no list"),
    "a session type": ("sessions", {"type": "WORKSHOP"}, "type is not HOSTING"),
    "no status": ("status_changes", {"status": ""}, "status is missing"),
    "a status": ("status_changes", {"status": "PAUSED"}, "status is not ONGOING or FINISHED"),
}


def good_row(desk: Desk, kind: str, **changes: Any) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {
        "airmeets": event_row(),
        "sessions": session_row(desk.host()),
        "status_changes": {"status": "ONGOING"},
        "revocations": {"email": "person1@push.example.com"},
    }
    return rows.get(kind, person(1)) | changes


@pytest.mark.parametrize("rule", RULES)
def test_a_bad_row_is_named_and_nothing_is_sent(desk: Desk, rule: str) -> None:
    kind, changes, reason = RULES[rule]
    where = () if kind == "airmeets" else ("--airmeet", desk.upcoming)
    rows = [good_row(desk, kind), good_row(desk, kind, **changes)]
    result = desk.push(kind, rows, *where, "--apply")
    assert (result.code, desk.simulator.requests.total) == (1, 0)
    assert f"{kind} line 3: {reason}" in result.err
    assert "nothing was sent: 1 rows are not in order" in result.err
    assert "line 2" not in result.err
    assert "@" not in result.err


def test_good_rows_go_where_bad_ones_are_left_out(desk: Desk) -> None:
    rows = [person(1), person(2, email="x"), person(3, name=""), person(4)]
    arguments = ("--airmeet", desk.upcoming, "--skip-invalid")
    dry = desk.push("attendees", rows, *arguments)
    assert (dry.code, dry.out.count("authorise "), desk.writes) == (3, 2, 0)
    result = desk.push("attendees", rows, *arguments, "--apply")
    assert (result.code, desk.writes) == (3, 2)
    assert "line 3: email is no e-mail address" in result.err
    assert "line 4: name is missing" in result.err
    assert {line["row_key"] for line in desk.ledger()} == {
        "person1@push.example.com",
        "person4@push.example.com",
    }


def test_all_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    rows = [event_row(event_name="a", timezone="Mars", access="ALL"), event_row(host_email="")]
    result = desk.push("airmeets", rows)
    assert result.code == 1
    assert result.err.count("airmeets line 2: ") == 3
    assert result.err.count("airmeets line 3: ") == 1


TWICE: dict[str, tuple[Callable[[Desk], list[dict[str, Any]]], str]] = {
    "attendees": (
        lambda desk: [person(1), person(1, email=" PERSON1@push.example.com ")],
        "the same email as line 2",
    ),
    "speakers": (
        lambda desk: [person(1), person(2, name="PER SON 1")],
        "the same name as line 2",
    ),
    "airmeets": (
        lambda desk: [event_row(), event_row(short_desc="Another")],
        "the same event_name and start_time as line 2",
    ),
    "sessions": (
        lambda desk: [
            session_row(desk.host()),
            session_row(
                desk.host(), session_title="B", session_start_time="2031-03-01T11:29+01:00"
            ),
        ],
        "it overlaps with the session of line 2",
    ),
}


@pytest.mark.parametrize("kind", TWICE)
def test_rows_that_clash_are_named(desk: Desk, kind: str) -> None:
    rows, reason = TWICE[kind]
    where = () if kind == "airmeets" else ("--airmeet", desk.upcoming)
    result = desk.push(kind, rows(desk), *where, "--apply")
    assert (result.code, desk.simulator.requests.total) == (1, 0)
    assert f"{kind} line 3: {reason}" in result.err


def test_a_row_needs_an_airmeet(desk: Desk) -> None:
    result = desk.push("attendees", [person(1)])
    assert result.code == 1
    assert "attendees line 2: airmeet_id is missing" in result.err


ANSWERS = {
    "no such field": ({"shoeSize": "43"}, "no custom field of this airmeet is called 'shoeSize'"),
    "no such option": ({"companySize": "a few"}, "'companySize' has no option 'a few'"),
    "one of several": ({"topics": "Data;Sleep"}, "'topics' has no option 'Sleep'"),
    "in a document": (
        {"custom_fields": '{"hope": "x", "nope": "y"}'},
        "no custom field of this airmeet is called 'nope'",
    ),
    "no document": ({"custom_fields": "hope"}, "no custom field of this airmeet is called"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_custom_fields_are_those_of_the_airmeet(desk: Desk, case: str) -> None:
    answers, reason = ANSWERS[case]
    rows = [person(1), person(2, **answers), person(3, email="x")]
    result = desk.push("attendees", rows, "--airmeet", desk.first, "--apply")
    assert (result.code, desk.writes) == (1, 0)
    assert f"attendees line 3: {reason}" in result.err
    assert "attendees line 4: email is no e-mail address" in result.err


@pytest.mark.parametrize(
    "answers",
    [
        {"companySize": "11-50", "topics": "Data;R&D", "hope": "Ideas; and more"},
        {
            "Company size": "11-50",
            "Topics of interest": '["Data", "R&D"]',
            "hope": "Ideas; and more",
        },
        {
            "custom_fields": '{"companySize": "11-50", "topics": ["Data", "R&D"]}',
            "hope": "Ideas; and more",
        },
    ],
)
def test_custom_fields_by_any_name(desk: Desk, answers: dict[str, str]) -> None:
    rows = [person(1, **answers)]
    assert desk.push("attendees", rows, "--airmeet", desk.first, "--apply").code == 0
    fields = {field.uid: field.name for field in desk.event(desk.first).fields}
    given = {
        (fields[str(row["field_id"])], row["value"])
        for row in desk.simulator.truth("participant_answers")
        if row["email"] == "person1@push.example.com"
    }
    assert given == {
        ("companySize", "11-50"),
        ("topics", "Data"),
        ("topics", "R&D"),
        ("hope", "Ideas; and more"),
    }


FILES = {
    "no file": (("attendees", "nowhere.csv"), None, 1, "nowhere.csv cannot be read"),
    "not UTF-8": (("attendees", "f.csv"), b"email,name\n\xff\xfe,x\n", 1, "UTF-8"),
    "an unclosed quote": (("attendees", "f.csv"), b'email,name\n"a,b\n', 1, "cannot be read"),
    "too many cells": (("attendees", "f.csv"), b"email\na@b.example.com,x\n", 1, "line 2"),
    "no header": (("attendees", "f.csv"), b"", 1, "header"),
    "a column twice": (("attendees", "f.csv"), b"email,Email\n", 1, "header"),
    "an unknown column": (("speakers", "f.csv"), b"email,name,shoe\n", 2, "'shoe'"),
    "an unknown kind": (("gossip", "f.csv"), b"email\n", 2, "attendees, users"),
    "neither file nor query": (("attendees",), None, 2, "either"),
    "file and query": (("attendees", "f.csv", "--sql", "select 1"), b"email\n", 2, "either"),
    "an airmeet of airmeets": (("airmeets", "f.csv", "--airmeet", "x"), b"a\n", 2, "--airmeet"),
    "a query that fails": (("attendees", "--sql", "select * from nowhere"), None, 1, "nowhere"),
}


@pytest.mark.parametrize("case", FILES)
def test_bad_input_ends_in_one_line(desk: Desk, case: str) -> None:
    arguments, content, code, says = FILES[case]
    if content is not None:
        (desk.workplace.folder / "f.csv").write_bytes(content)
    result = desk.workplace.run("push", *arguments)
    assert (result.code, result.err.count("\n")) == (code, 1), result.err
    assert says in result.err and "Traceback" not in result.err
    assert desk.simulator.requests.total == 0


@pytest.mark.parametrize("content", ["x = [", "sessions = 1\n"])
def test_a_bad_event_file_ends_in_one_line(desk: Desk, content: str) -> None:
    file = desk.workplace.folder / "event.toml"
    file.write_text(content)
    result = desk.workplace.run("create-event", str(file))
    assert result.code in (1, 2) and result.err.count("\n") == 1, result.err


def test_a_spreadsheets_file_is_read(desk: Desk) -> None:
    file = desk.workplace.folder / "sheet.csv"
    text = (
        '\ufeffEmail;First Name;Last Name;City\r\nperson1@push.example.com;Per;"Son\nOne";Łódź\r\n'
    )
    file.write_text(text, encoding="utf-8", newline="")
    for layout in ("v1", "gateway"):
        desk.use(layout)
        result = desk.workplace.run(
            "push", "attendees", str(file), "--airmeet", desk.upcoming, "--apply"
        )
        assert result.code == 0, result.err
    [row] = [
        row
        for row in desk.simulator.truth("registrations")
        if row["email"] == "person1@push.example.com"
    ]
    assert (row["name"], row["city"]) == ("Per Son\nOne", "Łódź")


@pytest.mark.parametrize(
    ("value", "zone", "moment"),
    [
        (1622528299000, "", 1622528299000),
        ("1622528299000", "", 1622528299000),
        ("2021-06-01T06:18:19Z", "", 1622528299000),
        ("2021-06-01T11:48:19+05:30", "UTC", 1622528299000),
        ("2021-06-01 11:48:19", "Asia/Kolkata", 1622528299000),
    ],
)
def test_times_become_milliseconds(value: Any, zone: str, moment: int) -> None:
    assert milliseconds(value, zone) == moment
