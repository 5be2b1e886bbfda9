"""Rows in, rows out: who has earned a certificate by which rule, and what the others lack."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.checks import check_reports, failed_checks
from airmeet_etl.reports.seeds import read_seed

from tests.reports.conftest import building, loaded_and_built, new_pipeline, report
from tests.reports.raw import Row, Tables, at, load_raw, rows, synced
from tests.workplace import Workplace, simulated

FETCHED = at("2026-06-20 06:00")
START = at("2026-06-01 09:00")
MINUTES = 125
"""Held: 100 of them are 80 %."""

ANN, BOB, CYD, DAN, EVE, HAL = (
    f"{name}@acme.example.com" for name in ("ann", "bob", "cyd", "dan", "eve", "hal")
)

RULES = """\
rule,airmeet_id,min_share,min_minutes,min_sessions,min_polls
share_80,,0.8,,,
minutes, time ,,47.5,,
sessions,sessions,,,2,
one session,one,,,1,
polls,polls,,,,2
all,all,0.8,100,2,2
all,no polls,0.8,,,2
a share,either,0.8,,,
b polls,either,,,,1
b share,known first,0.8,,,
a polls,known first,,,,1
both,time twice,0.8,40,,
any,whoever,,,,
share_79,odd share,0.795,,,
one minute,one minute,,1,,
share_55,floats,0.55,,,
"""

EVENTS = (
    "time", "sessions", "one", "polls", "all", "no polls", "either", "known first", "time twice",
    "whoever", "odd share", "one minute", "floats", "general",
)  # fmt: skip


def event(airmeet_id: str, **facts: Any) -> Row:
    end = START + timedelta(minutes=MINUTES)
    told = {"status": "FINISHED", "timezone": "UTC", "start_time": START, "end_time": end}
    return {"airmeet_id": airmeet_id, "name": f"Event {airmeet_id}", **told, **facts}


PRESENT: dict[str, dict[str, float | None]] = {
    "general": {ANN: 100, BOB: 99.999, CYD: 0, DAN: None, EVE: 125},
    "time": {ANN: 47.5, BOB: 47.483, CYD: 125, DAN: None},
    "sessions": {ANN: None, BOB: None, CYD: None},
    "one": {ANN: None, BOB: None},
    "polls": {ANN: None, BOB: None, CYD: None},
    "all": {ANN: 100, BOB: 99, CYD: 100, DAN: 100, EVE: None},
    "no polls": {ANN: 100, BOB: 75, CYD: None},
    "either": {ANN: 100, BOB: 0, CYD: None, DAN: None},
    "known first": {ANN: None},
    "time twice": {ANN: None},
    "whoever": {ANN: None},
    "odd share": {ANN: 99.35, BOB: 99.4, CYD: 98},
    "one minute": {ANN: 0.5, BOB: 1},
    "floats": {ANN: 36.25, BOB: 68.75},  # 29 % and 55 %
    "running": {ANN: 20},
}
"""Minutes at each event, by person; none where Airmeet does not say."""

RAW: Tables = {
    "airmeets": [
        *map(event, EVENTS),
        event("running", status="ONGOING", end_time=at("2026-07-01 09:00")),
    ],
    "session_people": rows("airmeet_id", "session_id", "role", "id", "email")(
        ("general", None, "host", None, HAL),
    ),
    "sessions": rows("airmeet_id", "session_id", "status")(
        *((name, f"s{n}", "FINISHED") for name in ("sessions", "one", "all") for n in (1, 2)),
    ),
    "registrations": rows("airmeet_id", "email", "name")(
        ("general", ANN, "Ann"),
        ("general", "fay@acme.example.com", "Fay"),
    ),
    "event_attendance": [
        *(
            {"airmeet_id": name, "id": n, "email": person, "time_stamp": START}
            | ({} if minutes is None else {"time_spent": round(minutes * 60_000)})
            for name, people in PRESENT.items()
            for n, (person, minutes) in enumerate(people.items())
        ),
        {"airmeet_id": "general", "id": 99, "email": HAL},
    ],
    "session_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("sessions", "s1", 1, ANN),
        ("sessions", "s2", 2, ANN),
        ("sessions", "s1", 3, BOB),
        ("sessions", "s1", 4, BOB),
        ("one", "s1", 5, ANN),
        *(("all", f"s{n}", 10 * n + m, who) for n in (1, 2)
          for m, who in enumerate((ANN, BOB, DAN, EVE))),
    ),
    "poll_responses": rows("airmeet_id", "user_id", "position", "email", "question", "answer")(
        *((name, who, n, who, f"Question {n}?", "Yes")
          for name, who, polls in (
              ("polls", ANN, 2), ("polls", BOB, 1), ("all", ANN, 3), ("all", BOB, 1),
              ("all", CYD, 2), ("all", DAN, 1), ("all", EVE, 2), ("either", BOB, 1),
              ("either", CYD, 1))
          for n in range(polls)),
    ),
    "feed_syncs": [
        *(row for name in (*EVENTS, "running") if name != "no polls"
          for row in synced(name, FETCHED)),
        *synced("no polls", FETCHED, poll_responses="failed"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    folder: Path = tmp_path_factory.mktemp("certificates")
    rules = folder / "rules.csv"
    rules.write_text(RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTS__CERTIFICATE_RULES", str(rules))
        yield loaded_and_built(folder, RAW)


NOT = (False, None)
UNKNOWN = (None, None)


@pytest.mark.parametrize(
    ("airmeet_id", "expected"),
    [
        (
            "general",  # Hal is staff, Fay did not come
            {
                ANN: (True, "share_80", None),
                BOB: (*NOT, "79 % of 80 %"),
                CYD: (*NOT, "0 % of 80 %"),
                DAN: (*UNKNOWN, "time not known"),
                EVE: (True, "share_80", None),
            },
        ),
        (
            "time",  # 47.483 of 47.5
            {
                ANN: (True, "minutes", None),
                BOB: (*NOT, "47 of 48 minutes"),
                CYD: (True, "minutes", None),
                DAN: (*UNKNOWN, "time not known"),
            },
        ),
        (
            "sessions",
            {
                ANN: (True, "sessions", None),
                BOB: (*NOT, "1 of 2 sessions"),
                CYD: (*NOT, "0 of 2 sessions"),
            },
        ),
        ("one", {ANN: (True, "one session", None), BOB: (*NOT, "0 of 1 session")}),
        (
            "polls",
            {
                ANN: (True, "polls", None),
                BOB: (*NOT, "1 of 2 polls"),
                CYD: (*NOT, "0 of 2 polls"),
            },
        ),
        (
            "all",
            {
                ANN: (True, "all", None),
                BOB: (*NOT, "79 % of 80 %; 99 of 100 minutes; 1 of 2 polls"),
                CYD: (*NOT, "0 of 2 sessions"),
                DAN: (*NOT, "1 of 2 polls"),
                EVE: (*UNKNOWN, "time not known"),
            },
        ),
        (
            "no polls",
            {
                ANN: (*UNKNOWN, "polls not known"),
                BOB: (*NOT, "60 % of 80 %; polls not known"),
                CYD: (*UNKNOWN, "time not known; polls not known"),
            },
        ),
        (
            "either",
            {
                ANN: (True, "a share", None),
                BOB: (True, "b polls", None),
                CYD: (True, "b polls", None),
                DAN: (*UNKNOWN, "time not known"),
            },
        ),
        # The rule that may still be met, though another comes first by name.
        ("known first", {ANN: (*UNKNOWN, "time not known")}),
        ("time twice", {ANN: (*UNKNOWN, "time not known")}),
        ("whoever", {ANN: (True, "any", None)}),
        (
            "odd share",  # 79.48 %, 79.52 %, 78.4 %
            {
                ANN: (*NOT, "79 % of 80 %"),
                BOB: (True, "share_79", None),
                CYD: (*NOT, "78 % of 80 %"),
            },
        ),
        ("one minute", {ANN: (*NOT, "0 of 1 minute"), BOB: (True, "one minute", None)}),
        # As floating-point numbers, 100 × 0.29 is below 29 and 100 × 0.55 above 55.
        ("floats", {ANN: (*NOT, "29 % of 55 %"), BOB: (True, "share_55", None)}),
        ("running", {ANN: (None, None, None)}),
    ],
)
def test_who_has_earned_a_certificate(
    built: dlt.Pipeline, airmeet_id: str, expected: dict[str, Any]
) -> None:
    columns = ("airmeet_id", "person", "qualifies", "rule", "missing")
    found = report(built, "certificates", *columns)
    assert {row[1]: row[2:] for row in found if row[0] == airmeet_id} == expected


def test_the_measures_are_those_of_attendee_event(built: dlt.Pipeline) -> None:
    shared = (
        "airmeet_id", "person", "name", "minutes_attended", "share_attended", "sessions_attended",
        "polls_answered", "is_final", "event_name", "start_date", "status",
    )  # fmt: skip
    came = report(built, "attendee_event", *shared, "attended")
    assert report(built, "certificates", *shared) == [row[:-1] for row in came if row[-1] == 1]


def test_checks_find_no_fault(built: dlt.Pipeline) -> None:
    assert failed_checks(check_reports(built)) == {}


@pytest.mark.slow
def test_no_rule_gives_no_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text(f"{HEAD}for others,elsewhere,,,,\n")
    monkeypatch.setenv("REPORTS__CERTIFICATE_RULES", str(rules))
    pipeline = new_pipeline(tmp_path)
    load_raw(pipeline, RAW)
    with building("certificates"):
        build_reports(pipeline)
    found = report(pipeline, "certificates", "airmeet_id", "qualifies", "rule", "missing")
    assert {row for row in found if row[0] != "running"} == {
        (name, False, None, "no rule") for name in EVENTS
    }


HEAD = "rule,airmeet_id,min_share,min_minutes,min_sessions,min_polls\n"


def test_the_shipped_rule_asks_for_80_percent() -> None:
    assert read_seed("certificate_rules", {}) == [
        {"rule": "share_80", "airmeet_id": None, "min_share": 0.8, "min_minutes": None,
         "min_sessions": None, "min_polls": None},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",,0.8,,,", ": each rule must have a name in the column rule"),
        ("a,,0.5,,,\na,,0.6,,,", ": the rule a is there twice"),
        ("a,x,0.5,,,\na,x,,,1,", ": the rule a is there twice for the airmeet x"),
        ("a,,80%,,,", ": could not convert string to float: '80%'"),
        ("", " has no rows"),
    ],
)
def test_rules_that_cannot_be_used_are_said(tmp_path: Path, row: str, fault: str) -> None:
    assert said_of(tmp_path / "rules.csv", row) == f"{tmp_path / 'rules.csv'}{fault}"


@pytest.mark.parametrize(
    ("row", "column", "bounds"),
    [
        ("a,,80,,,", "min_share", "more than 0 and no more than 1"),
        ("a,,0,,,", "min_share", "more than 0 and no more than 1"),
        ("a,,nan,,,", "min_share", "more than 0 and no more than 1"),
        ("a,,,-5,,", "min_minutes", "more than 0 and no more than a million"),
        ("a,,,inf,,", "min_minutes", "more than 0 and no more than a million"),
        ("a,,,,1.5,", "min_sessions", "a whole number from 1 to a million"),
        ("a,,,,,0", "min_polls", "a whole number from 1 to a million"),
        ("a,,,,,1e9", "min_polls", "a whole number from 1 to a million"),
    ],
)
def test_rules_ask_for_what_can_be_reached(
    tmp_path: Path, row: str, column: str, bounds: str
) -> None:
    rules = tmp_path / "rules.csv"
    assert said_of(rules, row) == f"{rules}: the {column} of a must be {bounds}, or empty"


def said_of(rules: Path, row: str) -> str:
    """What is wrong with a file of this row."""
    rules.write_text(f"{HEAD}{row}\n" if row else HEAD)
    with pytest.raises(ValueError, match="rules") as raised:
        read_seed("certificate_rules", {"certificate_rules": str(rules)})
    return str(raised.value)


def test_the_same_name_may_be_a_rule_of_several_airmeets(tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text(f"{HEAD}a,,0.5,,,\na,x,0.6,,,\na,y,0.7,,,\n")
    assert len(read_seed("certificate_rules", {"certificate_rules": str(rules)})) == 3


def test_a_rule_that_cannot_be_used_is_one_line_of_the_command(workplace: Workplace) -> None:
    rules = workplace.folder / "rules.csv"
    rules.write_text(f"{HEAD}a,,80,,,\n")
    with simulated(airmeets=0) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
    workplace.set(REPORTS__CERTIFICATE_RULES=rules)
    result = workplace.run("reports")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert f"{rules}: the min_share of a must be more than 0" in result.err
