"""Lists within rows become rows of tables, whatever their entries look like."""

from collections.abc import Iterator
from typing import Any

import airmeet_simulator.rows
import pytest
from airmeet_simulator.simulator import Simulator

from tests.conftest import Alter
from tests.workplace import Workplace, simulated, truth_of

Rows = list[dict[str, Any]]
ANY = {"user_id": "u-any", "email": "any@example.com"}
ODD = 'Say "no" \\ or ¤'


@pytest.fixture(params=["v1", "gateway"])
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def simulator(workplace: Workplace, layout: str) -> Iterator[Simulator]:
    """One finished airmeet, served in a layout."""
    with simulated(airmeets=1) as (simulator, address):
        base = address.v1 if layout == "v1" else address.gateway
        workplace.point_at(base, region="v1" if layout == "v1" else "global")
        yield simulator


def load(workplace: Workplace, *arguments: str) -> str:
    result = workplace.run("load", *arguments)
    assert result.code == 0, result.out + result.err
    return result.out


def people(workplace: Workplace, *columns: str) -> set[tuple[Any, ...]]:
    """Who is in the first session's lists."""
    rows = workplace.sql(
        f"select {', '.join(columns)} from airmeet.session_people "
        "where session_id = (select min(session_id) from airmeet.session_people)"
    )
    assert len(rows) == len(set(rows))
    return set(rows)


def test_people_of_sessions(workplace: Workplace, simulator: Simulator, alter: Alter) -> None:
    lists = {
        "host_id": ["u-ada", "u-ada", None, ""],
        "cohost_ids": [" Bo@Example.com ", {"id": "bo@example.com"}, 17],
        "speaker_id": ["u-ada", "u-cy"],
        "speakerList": [
            {"bio": ODD, "email": "cy@example.com", "role": "Chair", "id": "u-cy"},
            {"name": "Di", "userId": "u-di", "links": ["a", {"b": ODD}]},
            {"name": ODD, "id": None, "email": ""},
            {"organisation": "names nobody"},
            "eve@example.com",
        ],
    }
    alter(simulator, "/info", lambda rows: [row.update(lists) for row in rows])
    load(workplace, "--no-reports")
    assert people(workplace, "role", "id", "email", "name", "bio", "role_given", "links") == {
        ("host", "u-ada", None, None, None, None, None),
        ("cohost", None, " Bo@Example.com ", None, None, None, None),
        ("cohost", "17", None, None, None, None, None),
        ("speaker", "u-ada", None, None, None, None, None),
        ("speaker", "u-cy", "cy@example.com", None, ODD, "Chair", None),
        ("speaker", "u-di", None, "Di", None, None, '["a",{"b":"Say \\"no\\" \\\\ or ¤"}]'),
        ("speaker", None, "", ODD, None, None, None),
        ("speaker", None, "eve@example.com", None, None, None, None),
    }
    columns = {
        name for (name,) in workplace.sql("select column_name from (describe airmeet.sessions)")
    }
    assert not columns & {"host_id", "cohost_ids", "speaker_id", "speaker_list"}
    for table in ("sessions", "session_people"):
        [(rows,)] = workplace.sql(f"select rows from airmeet.feed_syncs where feed = '{table}'")
        assert workplace.sql(f"select count(*) from airmeet.{table}") == [(rows,)]


@pytest.mark.slow
def test_what_is_null_or_gone_leaves_no_row(
    workplace: Workplace, simulator: Simulator, alter: Alter
) -> None:
    load(workplace, "--no-reports")
    names = ("host_id", "cohost_ids", "speaker_id", "speakerList")
    alter(simulator, "/info", lambda rows: [row.update(dict.fromkeys(names)) for row in rows])
    alter(simulator, "/custom-fields", lambda rows: [row.pop("options") for row in rows])
    alter(simulator, "/public", lambda rows: [row.update(exhibitors=[], tags=None) for row in rows])
    alter(simulator, "/booths", lambda rows: [row.update(exhibitors=[], tags=None) for row in rows])
    load(workplace, "--no-reports", "--full-refresh")
    for table in ("custom_field_options", "booth_exhibitors", "booth_tags"):
        assert workplace.rows(table) == []
    assert {row["session_id"] for row in workplace.rows("session_people")} <= {None}


_KEYS = ("host_id", "cohost_ids", "speaker_id", "speakerList", "exhibitors", "session_hosts")


def _ways(person: dict[str, Any]) -> list[Any]:
    """How a list may name a person."""
    id, address = person["user_id"], person["email"]
    return [
        id,
        f" {address.upper()}",
        {"id": id},
        {"email": address},
        {"about": {"note": ODD}, "email": address, "id": id},
    ]


@pytest.mark.slow
def test_staff_are_left_out_of_the_attendees_however_they_are_named(
    workplace: Workplace, alter: Alter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simulated(airmeets=1, registrations=120) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        load(workplace)
        guests = workplace.sql(
            "select person from airmeet_reports.attendee_event where attended = 1 order by person"
        )
        attendance = {
            str(row["email"]).strip().lower(): row
            for row in truth_of(simulator, "event_attendance")
        }
        # The first way names the first guest, the second the second, and so on.
        named = [attendance[person] for (person,) in guests[: len(_KEYS) * len(_ways({**ANY}))]]
        lists: dict[str, list[Any]] = {key: [] for key in _KEYS}
        for number, person in enumerate(named):
            key = _KEYS[number % len(_KEYS)]
            lists[key].append(_ways(person)[number // len(_KEYS)])
        hosts = lists.pop("session_hosts")
        exhibitors = {"exhibitors": lists.pop("exhibitors")}
        about = airmeet_simulator.rows.about
        monkeypatch.setattr(
            airmeet_simulator.rows, "about", lambda event: about(event) | {"session_hosts": hosts}
        )
        simulator.pages.clear()
        alter(simulator, "/info", lambda rows: rows[0].update(lists))
        alter(simulator, "/booths", lambda rows: rows[0].update(exhibitors))
        load(workplace, "--full-refresh")
    staff = workplace.sql(
        "select person from airmeet_reports.attendee_event where staff_attended = 1"
    )
    wanted = {str(person["email"]).strip().lower() for person in named}
    assert len(wanted) == 30
    assert wanted <= {person for (person,) in staff}
    assert not wanted & {
        person
        for (person,) in workplace.sql(
            "select person from airmeet_reports.attendee_event where attended = 1"
        )
    }


@pytest.mark.slow
def test_answers_read_as_the_form_displays_them(
    workplace: Workplace, simulator: Simulator, alter: Alter
) -> None:
    texts = [ODD, "\\", '"', "¤¤", '\\"', "'"]
    options = [
        *({"displayValue": f"Display {text}", "order": 1, "code": text} for text in texts),
        "a plain text",
        7,
        {"code": "alone"},
        {"code": ODD, "displayValue": "the first counts"},
        None,
    ]
    given = [*texts, "a plain text", "7", "alone", "no option"]
    answers = [{"fieldId": "odd", "value": given}]
    alter(
        simulator,
        "/custom-fields",
        lambda rows: rows[0].update(fieldId="odd", label="Odd", options=options),
    )
    alter(
        simulator,
        "/participants",
        lambda rows: [row.update(user_profile=answers) for row in rows],
    )
    load(workplace)
    found = workplace.sql(
        "select distinct value, answer from airmeet_reports.registration_answers "
        "where field_id = 'odd'"
    )
    assert dict(found) == {text: f"Display {text}" for text in texts} | {
        text: text for text in ("a plain text", "7", "alone", "no option")
    }
    assert len(found) == len(given)


def test_tags_may_be_objects(workplace: Workplace, simulator: Simulator, alter: Alter) -> None:
    tags = ["Cloud", ODD, {"colour": "red", "name": "Data"}, "Cloud", None, ""]
    for ending in ("/public", "/booths"):
        alter(simulator, ending, lambda rows: rows[0].update(tags=tags))
    load(workplace, "--no-reports", "--only", "booths")
    found = workplace.sql(
        "select tag, colour from airmeet.booth_tags where booth_id = "
        "(select booth_id from airmeet.booth_tags where tag = 'Data')"
    )
    assert sorted(found, key=str) == sorted(
        [("Cloud", None), (ODD, None), ("Data", "red")], key=str
    )


def test_a_push_knows_options_and_speakers(
    workplace: Workplace, simulator: Simulator, alter: Alter
) -> None:
    alter(
        simulator,
        "/custom-fields",
        lambda rows: rows[0].update(
            fieldId="odd",
            label="Odd",
            name="odd",
            options=[{"displayValue": ODD, "code": "c-1"}, "plain"],
            type={"inputType": "radio"},
        ),
    )
    alter(
        simulator,
        "/info",
        lambda rows: rows[0].update(speakerList=["Ann@example.com", {"email": "bo@example.com"}]),
    )
    airmeet = simulator.airmeets()[0].uid
    file = workplace.folder / "people.csv"
    file.write_text('email,name,Odd\na@example.com,A,"Say ""no"" \\ or ¤"\nb@example.com,B,plain\n')
    result = workplace.run("push", "attendees", str(file), "--airmeet", airmeet)
    assert result.code == 0, result.err
    file.write_text("email,name,Odd\na@example.com,A,other\n")
    result = workplace.run("push", "attendees", str(file), "--airmeet", airmeet)
    assert result.code != 0 and "has no option 'other'" in result.out + result.err
    file.write_text("email,name\nann@example.com,Ann\nBO@example.com,Bo\ncy@example.com,Cy\n")
    result = workplace.run("push", "speakers", str(file), "--airmeet", airmeet)
    assert result.code == 0, result.err
    assert (result.out.count("there already"), result.out.count("line 4")) == (2, 1), result.out
