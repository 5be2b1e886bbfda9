"""Files and queries as people have them: read, or refused in one line."""

from pathlib import Path
from typing import Any

import pytest
from airmeet.write.operations import write_of
from airmeet.write.validation import milliseconds
from airmeet_etl.push.rows import read_csv

from tests.writing.scenario import PushScenario

FILES: dict[str, tuple[tuple[str, ...], bytes | None, int, str]] = {
    "no file": (("attendees", "nowhere.csv"), None, 1, "nowhere.csv cannot be read"),
    "not UTF-8": (
        ("attendees", "f.csv"),
        b"email,name\na@b.example.com,Ann\nb@b.example.com,Andr\xe9\n",
        1,
        "line 3 is not in UTF-8",
    ),
    "UTF-16": (("attendees", "f.csv"), "email,name\n".encode("utf-16"), 1, "not in UTF-8"),
    "an unclosed quote": (("attendees", "f.csv"), b'email,name\n"a,b\n', 1, "cannot be read"),
    "too many cells": (("attendees", "f.csv"), b"email\na@b.example.com,x\n", 1, "line 2"),
    "too many cells behind a cell of two lines and a blank line": (
        ("attendees", "f.csv"),
        b'email,name\na@b.example.com,"An\nn"\n\nb@b.example.com,B,x\n',
        1,
        "line 5 has more cells than the header",
    ),
    "far too many cells behind a cell of two lines": (
        ("attendees", "f.csv"),
        b'email,name\na@b.example.com,"An\nn"\nb@b.example.com,B,x,y,z\n',
        1,
        "line 4 has more cells than the header",
    ),
    "text behind a quote": (("attendees", "f.csv"), b'email,name\n"a"b,c\n', 1, "cannot be read"),
    "no column name": (
        ("attendees", "f.csv", "--airmeet", "x"),
        b"email\na@b.example.com\nb@b.example.com\n",
        2,
        "attendees need a column 'name'; there are 'email'",
    ),
    "no airmeet": (
        ("attendees", "f.csv"),
        b"email,name\na@b.example.com,A\n",
        2,
        "name it with --airmeet, or in a column airmeet_id",
    ),
    "no header": (("attendees", "f.csv"), b"", 1, "header"),
    "a column twice": (("attendees", "f.csv"), b"email,Email\n", 1, "header"),
    "an unknown column": (("speakers", "f.csv"), b"email,name,shoe\n", 2, "'shoe'"),
    "an unknown kind": (("gossip", "f.csv"), b"email\n", 2, "attendees, users"),
    "neither file nor query": (("attendees",), None, 2, "either"),
    "file and query": (("attendees", "f.csv", "--sql", "select 1"), b"email\n", 2, "either"),
    "an airmeet of airmeets": (("airmeets", "f.csv", "--airmeet", "x"), b"a\n", 2, "--airmeet"),
    "a query that fails": (("attendees", "--sql", "select * from nowhere"), None, 1, "nowhere"),
    "a query that is none": (("attendees", "--sql", "selec 1 from"), None, 1, "cannot be read"),
    "no query": (("attendees", "--sql", ""), None, 2, "one query that selects"),
    "a change": (("attendees", "--sql", "drop table x"), None, 2, "one query that selects"),
    "a change behind": (
        ("attendees", "--sql", "select 1; drop table x"),
        None,
        2,
        "one query that selects",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_bad_input_ends_in_one_line(scenario: PushScenario, case: str) -> None:
    arguments, content, code, says = FILES[case]
    if content is not None:
        (scenario.workplace.folder / "f.csv").write_bytes(content)
    result = scenario.workplace.run("push", *arguments)
    assert (result.code, result.err.count("\n")) == (code, 1), result.err
    assert says in result.err and "Traceback" not in result.err
    assert scenario.simulator.requests.total == 0


def test_a_query_changes_nothing(scenario: PushScenario) -> None:
    assert scenario.workplace.run("load", "--no-reports", "--only", "registrations").code == 0
    before = scenario.workplace.rows("registrations")
    for query in (
        "drop table airmeet.registrations",
        "delete from airmeet.registrations returning email, name",
        "update airmeet.registrations set name = 'x' returning email, name",
    ):
        result = scenario.workplace.run(
            "push", "users", "--sql", query, "--airmeet", scenario.first
        )
        assert result.code == 2, query
    assert scenario.workplace.rows("registrations") == before


@pytest.mark.parametrize("content", [b"x = [", b"sessions = 1\n", b'event_name = "Andr\xe9"\n'])
def test_a_bad_event_file_ends_in_one_line(scenario: PushScenario, content: bytes) -> None:
    file = scenario.workplace.folder / "event.toml"
    file.write_bytes(content)
    result = scenario.workplace.run("create-event", str(file))
    assert result.code in (1, 2) and result.err.count("\n") == 1, result.err


def test_texts_are_texts(scenario: PushScenario) -> None:
    file = scenario.workplace.folder / "event.toml"
    file.write_text('short_desc = ["a"]\nhost_email = ["a@b.example.com"]\nevent_name = true\n')
    result = scenario.workplace.run("create-event", str(file))
    assert (result.code, scenario.simulator.requests.total) == (1, 0)
    for column in ("short_desc", "host_email", "event_name"):
        assert f"airmeets entry 1: {column} is no text" in result.err
    assert "nothing was sent: 1 entry is not in order" in result.err


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_spreadsheets_file_is_read(scenario: PushScenario, mark: str) -> None:
    file = scenario.workplace.folder / "sheet.csv"
    text = (
        '\ufeffEmail;First Name;Last Name;City\r\nperson1@push.example.com;Per;"Son\nOne";Łódź\r\n'
    ).replace(";", mark)
    file.write_text(text, encoding="utf-8", newline="")
    for layout in ("v1", "gateway"):
        scenario.use(layout)
        result = scenario.workplace.run(
            "push", "attendees", str(file), "--airmeet", scenario.upcoming, "--apply"
        )
        assert result.code == 0, result.err
    [row] = [
        row
        for row in scenario.simulator.truth("registrations")
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


def test_cells_are_texts_and_rows_know_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(
        b"\xef\xbb\xbfemail;Name;city\r\n"
        b'a@b.example.com;"An\r\nn";007\r\n'
        b"\r\n"
        b"b@b.example.com;NaN\r\n"
        b"c@b.example.com; null ;1e5\r\n"
    )
    columns, lines = read_csv(file, write_of("attendees"))
    assert columns == ["email", "name", "city"]
    assert lines == [
        (2, {"email": "a@b.example.com", "name": "An\r\nn", "city": "007"}),
        (5, {"email": "b@b.example.com", "name": "NaN"}),
        (6, {"email": "c@b.example.com", "name": " null ", "city": "1e5"}),
    ]
