"""People pushed, loaded back, pushed again, and pushed in spite of being killed."""

from itertools import product

import pytest

from tests.sweeps import each_once
from tests.trust.killing import Moment, killed
from tests.writing.scenario import PushScenario, event_row, person

MANY = 1000
FEW = 60


@pytest.mark.long
def test_a_csv_of_a_thousand_people_comes_back_whole(scenario: PushScenario) -> None:
    airmeet = scenario.first
    fields = {field.input_type: field for field in scenario.event(airmeet).fields}
    radio, several = fields["radio"], fields["checkbox"]
    people = [
        person(
            n,
            city="Łódź" if n % 3 else "",
            country="",
            designation='VP, "Sales"' if n % 5 == 0 else "",
            organisation="Ümlaut & Sons" if n % 2 else "",
            **{
                radio.label: radio.options[n % 2],
                several.uid: ";".join(several.options[: n % 3]),
            },
        )
        for n in range(MANY)
    ]
    dry = scenario.push("attendees", people, "--airmeet", airmeet)
    assert (dry.code, scenario.writes) == (0, 0), dry.err
    assert dry.out.count("authorise ") == MANY
    applied = scenario.push("attendees", people, "--airmeet", airmeet, "--apply")
    assert (applied.code, scenario.writes) == (0, MANY), applied.err
    again = scenario.push("attendees", people, "--airmeet", airmeet, "--apply")
    assert (again.code, scenario.writes) == (0, 0), again.err
    assert len(scenario.ledger()) == MANY
    assert {line["outcome"] for line in scenario.ledger()} == {"done"}

    assert scenario.workplace.run("load", "--no-reports", "--airmeet", airmeet).code == 0
    columns = ("email", "name", "city", "country", "designation", "organisation")
    for table in ("registrations", "participants"):
        loaded = [
            tuple(row[c] or "" for c in columns)
            for row in scenario.workplace.rows(table)
            if row["email"].endswith("@push.example.com")
        ]
        assert sorted(loaded) == sorted(tuple(row[c] for c in columns) for row in people)
    answers = {
        (row["email"], row["field_id"], row["value"])
        for row in scenario.workplace.rows("participant_answers")
        if row["email"].endswith("@push.example.com")
    }
    assert answers == {
        (row["email"], field.uid, value)
        for row in people
        for field in (radio, several)
        for value in str(row.get(field.label) or row.get(field.uid) or "").split(";")
        if value
    }


MOMENTS = {
    "before a write is sent": Moment("airmeet.write.journal:Journal.write", call=37),
    "once a write is on its way": Moment("airmeet.api.client:Client._send", late=True, call=30),
    "once a write is on record": Moment("airmeet.write.journal:Journal.write", late=True, call=75),
    "before the ledger is loaded": Moment("airmeet_etl.push.push:pushes"),
    "once the ledger is loaded": Moment("airmeet.write.journal:Journal.clear"),
}


@pytest.mark.parametrize(("name", "layout"), each_once(product(MOMENTS, ["v1", "gateway"])))
def test_each_person_is_written_once_in_spite_of_a_kill(
    scenario: PushScenario, name: str, layout: str
) -> None:
    scenario.use(layout)
    people = [person(n) for n in range(FEW)]
    arguments = ("attendees", scenario.file(people), "--airmeet", scenario.upcoming, "--apply")
    killed(MOMENTS[name], ("push", *arguments))
    assert 0 < scenario.writes <= FEW
    result = scenario.workplace.run("push", *arguments)
    assert result.code == 0, result.err
    assert scenario.writes == FEW
    there = [row["email"] for row in scenario.simulator.truth("registrations")]
    assert all(there.count(row["email"]) == 1 for row in people)
    lines = {line["row_key"]: line["outcome"] for line in scenario.ledger()}
    assert lines == {row["email"]: "done" for row in people}


def test_a_line_that_was_cut_off_hides_no_other(scenario: PushScenario) -> None:
    people = [person(n) for n in range(5)]
    arguments = ("attendees", scenario.file(people), "--airmeet", scenario.upcoming, "--apply")
    killed(MOMENTS["before the ledger is loaded"], ("push", *arguments))
    [journal] = scenario.workplace.folder.rglob("pushes-*.jsonl")
    journal.write_bytes(journal.read_bytes()[:-20])
    result = scenario.workplace.run("push", *arguments)
    assert (result.code, scenario.writes) == (0, 5), result.err
    lines = {line["row_key"]: line["outcome"] for line in scenario.ledger()}
    assert lines == {row["email"]: "done" for row in people}


def test_an_airmeet_is_created_once_in_spite_of_a_kill(scenario: PushScenario) -> None:
    before = len(scenario.simulator.airmeets())
    rows = [event_row(event_name=f"Review {n}") for n in range(4)]
    arguments = ("airmeets", scenario.file(rows), "--apply")
    killed(Moment("airmeet.write.journal:Journal.write", call=4), ("push", *arguments))
    result = scenario.workplace.run("push", *arguments)
    assert result.code == 0, result.err
    assert len(scenario.simulator.airmeets()) == before + 4
    ids = {line["result_id"] for line in scenario.ledger()}
    assert len(ids) == 4 and None not in ids


def test_nothing_of_an_entry_link_or_a_token_is_kept(scenario: PushScenario) -> None:
    people = [person(n) for n in range(5)]
    result = scenario.push("attendees", people, "--airmeet", scenario.upcoming, "--apply")
    kept = result.out + result.err
    for path in scenario.workplace.folder.rglob("*"):
        if path.is_file() and not path.name.startswith("token-"):
            kept += path.read_bytes().decode("latin-1")
    assert "entry.example.com" not in kept and "code=" not in kept
    assert "@push.example.com" not in result.out + result.err
