"""`airmeet_destination` in a pipeline of one's own."""

from collections.abc import Iterable
from typing import Any

import dlt
import pytest
from airmeet import airmeet_destination, pushed
from dlt.pipeline.exceptions import PipelineStepFailed

from tests.sweeps import first
from tests.writing.gateway import CASES
from tests.writing.scenario import PushScenario, event_row, person, session_row


def run(scenario: PushScenario, table: str, rows: Iterable[dict[str, Any]], **options: Any) -> None:
    """Push rows as a dlt pipeline does."""
    scenario.simulator.requests.clear()
    pipeline = dlt.pipeline("crm_to_airmeet", destination=airmeet_destination(**options))
    pipeline.run(list(rows), table_name=table)


def test_rows_of_any_source_become_registrations_once(scenario: PushScenario) -> None:
    people = [person(n, city="Łódź") for n in range(30)]
    run(scenario, "attendees", people, airmeet=scenario.upcoming)
    assert scenario.writes == 30
    there = {row["email"] for row in scenario.simulator.truth("registrations")}
    assert {row["email"] for row in people} <= there
    run(scenario, "attendees", people, airmeet=scenario.upcoming)
    assert scenario.writes == 0


def test_custom_fields_survive_dlts_names(scenario: PushScenario) -> None:
    fields = {field.name: field for field in scenario.event(scenario.first).fields}
    rows = [person(1, **{"Company size": "11-50", "topics": ["Data", "R&D"]})]
    run(scenario, "attendees", rows, airmeet=scenario.first)
    given = {
        (row["field_id"], row["value"])
        for row in scenario.simulator.truth("participant_answers")
        if row["email"] == "person1@push.example.com"
    }
    assert given == {
        (fields["companySize"].uid, "11-50"),
        (fields["topics"].uid, "Data"),
        (fields["topics"].uid, "R&D"),
    }


@pytest.mark.parametrize(
    "table",
    first(3, ["users", "revocations", "airmeets", "speakers", "sessions", "status_changes"]),
)
def test_every_table(scenario: PushScenario, table: str) -> None:
    if table == "revocations":
        run(scenario, "attendees", [person(1)], airmeet=scenario.upcoming)
    rows: dict[str, dict[str, Any]] = {
        "airmeets": event_row(),
        "sessions": session_row(scenario.host(), speaker_emails=[]),
        "status_changes": {"status": "FINISHED"},
        "revocations": {"email": "person1@push.example.com"},
    }
    for writes in (1, 0):
        run(scenario, table, [rows.get(table, person(1))], airmeet=scenario.upcoming)
        assert scenario.writes == writes


@pytest.mark.parametrize("table", first(3, CASES))
def test_every_table_of_the_gateway(gateway: PushScenario, table: str) -> None:
    row_of, effect = CASES[table]
    row = row_of(gateway)
    airmeet = gateway.upcoming  # a copy comes after it
    for writes in (1, 0):
        run(gateway, table, [row], airmeet=airmeet)
        assert gateway.writes == writes
    effect(gateway)


def test_lists_and_flags_are_written_as_they_are(gateway: PushScenario) -> None:
    stand = {"name": "Acme", "tags": ["Gold; 1", "Data"], "chat_enabled": True, "table_count": 8}
    run(gateway, "booths", [stand], airmeet=gateway.upcoming)
    made = gateway.event(gateway.upcoming).booths[-1]
    assert made.tags == ("Gold; 1", "Data")
    assert dict(made.rooms) == {"chatEnabled": True, "tableCount": 8}


def test_a_table_of_the_gateway_is_refused_on_v1(scenario: PushScenario) -> None:
    with pytest.raises(PipelineStepFailed, match="booths: only Airmeet's gateway takes this"):
        run(scenario, "booths", [{"name": "Acme"}], airmeet=scenario.upcoming)
    assert scenario.writes == 0


def test_a_bad_row_sends_nothing(scenario: PushScenario) -> None:
    rows = [person(1), person(2, email="nonsense")]
    with pytest.raises(PipelineStepFailed, match="row 2: email is no e-mail address"):
        run(scenario, "attendees", rows, airmeet=scenario.upcoming)
    assert scenario.writes == 0


def test_a_bad_row_may_be_left_out(scenario: PushScenario) -> None:
    rows = [person(1), person(2, email="nonsense")]
    run(scenario, "attendees", rows, airmeet=scenario.upcoming, skip_invalid=True)
    assert scenario.writes == 1


def test_a_deprecated_table_says_so(scenario: PushScenario) -> None:
    with pytest.warns(FutureWarning, match=r"users is deprecated by Airmeet \(§3.1\); attendees"):
        run(scenario, "users", [person(1)], airmeet=scenario.upcoming)


def test_an_unknown_table_is_told(scenario: PushScenario) -> None:
    with pytest.raises(PipelineStepFailed, match="attendees, users, revocations"):
        run(scenario, "gossip", [person(1)], airmeet=scenario.upcoming)


def test_its_ledger_can_be_loaded(scenario: PushScenario) -> None:
    run(scenario, "attendees", [person(1)], airmeet=scenario.upcoming)
    warehouse = dlt.destinations.duckdb(str(scenario.workplace.file))
    pipeline = dlt.pipeline("mine", destination=warehouse, dataset_name="airmeet")
    pipeline.run(pushed())
    assert [line["outcome"] for line in scenario.ledger()] == ["done"]
    # `airmeet push` finds it, too.
    scenario.push("attendees", [person(2)], "--airmeet", scenario.upcoming, "--apply")
    assert len(scenario.ledger()) == 2
