"""Every rule: a bad row is named with its line and reason, and nothing is sent."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.writing.scenario import PushScenario, event_row, person, session_row

RULES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no address": ("attendees", {"email": ""}, "email is missing"),
    "no name": ("attendees", {"name": " "}, "name is missing"),
    "no at": ("attendees", {"email": "person.example.com"}, "email is no e-mail address"),
    "two ats": ("attendees", {"email": "a@b@example.com"}, "email is no e-mail address"),
    "a blank": ("attendees", {"email": "a b@example.com"}, "email is no e-mail address"),
    "no domain": ("attendees", {"email": "a@localhost"}, "email is no e-mail address"),
    "an empty label": ("attendees", {"email": "a@example..com"}, "email is no e-mail address"),
    "no address of a user": ("users", {"email": ""}, "email is missing"),
    "nobody to revoke": ("revocations", {"email": " "}, "email is missing"),
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
    "an alias of a zone": (
        "airmeets",
        {"timezone": "Asia/Calcutta"},
        "timezone is no canonical time zone; write Asia/Kolkata",
    ),
    "an offset": ("airmeets", {"timezone": "+05:30"}, "timezone is no canonical time zone, such"),
    "a picture": ("airmeets", {"event_image": "logo.png"}, "event_image is no address of a web"),
    "a fraction": ("airmeets", {"table_count": "1.5"}, "table_count is no whole number"),
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
    "no speaker's address": ("speakers", {"email": ""}, "email is missing"),
    "a portrait": ("speakers", {"image_url": "me.png"}, "image_url is no address of a web"),
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


def good_row(scenario: PushScenario, kind: str, **changes: Any) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {
        "airmeets": event_row(),
        "sessions": session_row(scenario.host()),
        "status_changes": {"status": "ONGOING"},
        "revocations": {"email": "person1@push.example.com"},
    }
    return rows.get(kind, person(1)) | changes


@pytest.mark.parametrize("rule", RULES)
def test_a_bad_row_is_named_and_nothing_is_sent(scenario: PushScenario, rule: str) -> None:
    kind, changes, reason = RULES[rule]
    where = () if kind == "airmeets" else ("--airmeet", scenario.upcoming)
    rows = [good_row(scenario, kind), good_row(scenario, kind, **changes)]
    result = scenario.push(kind, rows, *where, "--apply")
    assert (result.code, scenario.simulator.requests.total) == (1, 0)
    assert f"{kind} line 3: {reason}" in result.err
    assert "nothing was sent: 1 line is not in order" in result.err
    assert "line 2" not in result.err
    assert "@" not in result.err


def test_good_rows_go_where_bad_ones_are_left_out(scenario: PushScenario) -> None:
    rows = [person(1), person(2, email="x"), person(3, name=""), person(4)]
    arguments = ("--airmeet", scenario.upcoming, "--skip-invalid")
    dry = scenario.push("attendees", rows, *arguments)
    assert (dry.code, dry.out.count("authorise "), scenario.writes) == (3, 2, 0)
    result = scenario.push("attendees", rows, *arguments, "--apply")
    assert (result.code, scenario.writes) == (3, 2)
    assert "line 3: email is no e-mail address" in result.err
    assert "line 4: name is missing" in result.err
    assert {line["row_key"] for line in scenario.ledger()} == {
        "person1@push.example.com",
        "person4@push.example.com",
    }


def test_all_that_is_wrong_is_said_at_once(scenario: PushScenario) -> None:
    rows = [event_row(event_name="a", timezone="Mars", access="ALL"), event_row(host_email="")]
    result = scenario.push("airmeets", rows)
    assert result.code == 1
    assert result.err.count("airmeets line 2: ") == 3
    assert result.err.count("airmeets line 3: ") == 1


TWICE: dict[str, tuple[Callable[[PushScenario], list[dict[str, Any]]], str]] = {
    "attendees": (
        lambda scenario: [person(1), person(1, email=" PERSON1@push.example.com ")],
        "the same email as line 2",
    ),
    "speakers": (
        lambda scenario: [person(1), person(2, name="PER SON 1")],
        "the same name as line 2",
    ),
    "airmeets": (
        lambda scenario: [event_row(), event_row(short_desc="Another")],
        "the same event_name and start_time as line 2",
    ),
    "sessions": (
        lambda scenario: [
            session_row(scenario.host()),
            session_row(
                scenario.host(), session_title="B", session_start_time="2031-03-01T11:29+01:00"
            ),
        ],
        "it overlaps with the session of line 2",
    ),
}


@pytest.mark.parametrize("kind", TWICE)
def test_rows_that_clash_are_named(scenario: PushScenario, kind: str) -> None:
    rows, reason = TWICE[kind]
    where = () if kind == "airmeets" else ("--airmeet", scenario.upcoming)
    result = scenario.push(kind, rows(scenario), *where, "--apply")
    assert (result.code, scenario.simulator.requests.total) == (1, 0)
    assert f"{kind} line 3: {reason}" in result.err


@pytest.mark.parametrize("name", ["ab", "a" * 3, "a" * 80, "a" * 81])
def test_an_event_name_has_3_to_80_characters(scenario: PushScenario, name: str) -> None:
    result = scenario.push("airmeets", [event_row(event_name=name)], "--apply")
    assert (scenario.writes, result.code) == ((1, 0) if 3 <= len(name) <= 80 else (0, 1))


GOOD = {
    "every access": [
        event_row(event_name=f"Event {n}", access=access)
        for n, access in enumerate(
            ("INVITED_ONLY", "WITH_VERIFIED_EMAIL", "WITHOUT_VERIFIED_EMAIL", "")
        )
    ],
    "every field": [
        event_row(
            event_image="https://images.example.com/a.png",
            long_desc="Long",
            event_type="MEETUP",
            networking="false",
            table_count="0",
        )
    ],
    "milliseconds": [event_row(start_time="1803876300000", end_time="1803879900000")],
    "the zones of countries": [
        event_row(event_name=zone, timezone=zone)
        for zone in ("Asia/Kolkata", "Etc/UTC", "Europe/Amsterdam", "America/New_York")
    ],
}


@pytest.mark.parametrize("case", GOOD)
def test_what_the_specification_allows_is_sent(scenario: PushScenario, case: str) -> None:
    result = scenario.push("airmeets", GOOD[case], "--apply")
    assert (result.code, scenario.writes) == (0, len(GOOD[case])), result.err


def test_a_session_takes_what_the_specification_allows(scenario: PushScenario) -> None:
    host = scenario.host()
    speakers = [person(1), person(2)]
    assert scenario.push("speakers", speakers, "--airmeet", scenario.upcoming, "--apply").code == 0
    rows = [
        session_row(host, type="HOSTING", session_duration="60", session_summary="Short"),
        session_row(
            host,
            session_title="With people",
            session_start_time="1935489600000",
            session_duration="",
            speaker_emails=f"{speakers[0]['email']}; {speakers[1]['email']}",
            cohost_emails=f'["{host}"]',
        ),
    ]
    result = scenario.push("sessions", rows, "--airmeet", scenario.upcoming, "--apply")
    assert (result.code, scenario.writes) == (0, 2), result.err
    there = {str(row["name"]): row for row in scenario.simulator.truth("sessions")}
    assert there["Deep dive"]["duration"] == 1
    assert there["With people"]["duration"] == 30, "where none is given"
    assert there["With people"]["start_time"] == "2031-05-02T12:00:00.000Z"
    people = scenario.simulator.truth("session_people")
    session_id = there["With people"]["session_id"]
    assert [p["role"] for p in people if p["session_id"] == session_id].count("speaker") == 2


def test_a_row_needs_an_airmeet(scenario: PushScenario) -> None:
    rows = [person(1, airmeet_id=scenario.upcoming), person(2)]
    result = scenario.push("attendees", rows)
    assert result.code == 1
    assert "attendees line 3: airmeet_id is missing" in result.err


ANSWERS = {
    "no such field": ({"shoeSize": "43"}, "no custom field of this airmeet is called 'shoeSize'"),
    "no such option": ({"companySize": "a few"}, "'companySize' has no option 'a few'"),
    "a field twice": (
        {"companySize": "11-50", "Company size": "11-50"},
        "'Company size' is the same custom field as 'companySize'",
    ),
    "one of several": ({"topics": "Data;Sleep"}, "'topics' has no option 'Sleep'"),
    "several of one": (
        {"custom_fields": '{"companySize": ["11-50"]}'},
        "'companySize' takes one value",
    ),
    "in a document": (
        {"custom_fields": '{"hope": "x", "nope": "y"}'},
        "no custom field of this airmeet is called 'nope'",
    ),
    "no document": ({"custom_fields": "hope"}, "no custom field of this airmeet is called"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_custom_fields_are_those_of_the_airmeet(scenario: PushScenario, case: str) -> None:
    answers, reason = ANSWERS[case]
    rows = [person(1), person(2, **answers), person(3, email="x")]
    result = scenario.push("attendees", rows, "--airmeet", scenario.first, "--apply")
    assert (result.code, scenario.writes) == (1, 0)
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
def test_custom_fields_by_any_name(scenario: PushScenario, answers: dict[str, str]) -> None:
    rows = [person(1, **answers)]
    assert scenario.push("attendees", rows, "--airmeet", scenario.first, "--apply").code == 0
    fields = {field.uid: field.name for field in scenario.event(scenario.first).fields}
    given = {
        (fields[str(row["field_id"])], row["value"])
        for row in scenario.simulator.truth("participant_answers")
        if row["email"] == "person1@push.example.com"
    }
    assert given == {
        ("companySize", "11-50"),
        ("topics", "Data"),
        ("topics", "R&D"),
        ("hope", "Ideas; and more"),
    }
