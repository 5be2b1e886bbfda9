"""`airmeet_destination` in a pipeline of one's own."""

from collections.abc import Iterable
from typing import Any

import dlt
import pytest
from airmeet import airmeet_destination, pushed
from dlt.pipeline.exceptions import PipelineStepFailed

from tests.writing.workplace import Desk, event_row, person, session_row


def run(desk: Desk, table: str, rows: Iterable[dict[str, Any]], **options: Any) -> None:
    """Push rows as a dlt pipeline does."""
    desk.simulator.requests.clear()
    pipeline = dlt.pipeline("crm_to_airmeet", destination=airmeet_destination(**options))
    pipeline.run(list(rows), table_name=table)


def test_rows_of_any_source_become_registrations_once(desk: Desk) -> None:
    people = [person(n, city="Łódź") for n in range(30)]
    run(desk, "attendees", people, airmeet=desk.upcoming)
    assert desk.writes == 30
    there = {row["email"] for row in desk.simulator.truth("registrations")}
    assert {row["email"] for row in people} <= there
    run(desk, "attendees", people, airmeet=desk.upcoming)
    assert desk.writes == 0


def test_custom_fields_survive_dlts_names(desk: Desk) -> None:
    fields = {field.name: field for field in desk.event(desk.first).fields}
    rows = [person(1, **{"Company size": "11-50", "topics": ["Data", "R&D"]})]
    run(desk, "attendees", rows, airmeet=desk.first)
    given = {
        (row["field_id"], row["value"])
        for row in desk.simulator.truth("participant_answers")
        if row["email"] == "person1@push.example.com"
    }
    assert given == {
        (fields["companySize"].uid, "11-50"),
        (fields["topics"].uid, "Data"),
        (fields["topics"].uid, "R&D"),
    }


@pytest.mark.parametrize(
    "table", ["users", "revocations", "airmeets", "speakers", "sessions", "status_changes"]
)
def test_every_table(desk: Desk, table: str) -> None:
    if table == "revocations":
        run(desk, "attendees", [person(1)], airmeet=desk.upcoming)
    rows: dict[str, dict[str, Any]] = {
        "airmeets": event_row(),
        "sessions": session_row(desk.host(), speaker_emails=[]),
        "status_changes": {"status": "FINISHED"},
        "revocations": {"email": "person1@push.example.com"},
    }
    for writes in (1, 0):
        run(desk, table, [rows.get(table, person(1))], airmeet=desk.upcoming)
        assert desk.writes == writes


def test_a_bad_row_sends_nothing(desk: Desk) -> None:
    rows = [person(1), person(2, email="nonsense")]
    with pytest.raises(PipelineStepFailed, match="row 2: email is no e-mail address"):
        run(desk, "attendees", rows, airmeet=desk.upcoming)
    assert desk.writes == 0


def test_a_bad_row_may_be_left_out(desk: Desk) -> None:
    rows = [person(1), person(2, email="nonsense")]
    run(desk, "attendees", rows, airmeet=desk.upcoming, skip_invalid=True)
    assert desk.writes == 1


def test_a_deprecated_table_says_so(desk: Desk) -> None:
    with pytest.warns(FutureWarning, match=r"users is deprecated by Airmeet \(§3.1\); attendees"):
        run(desk, "users", [person(1)], airmeet=desk.upcoming)


def test_an_unknown_table_is_told(desk: Desk) -> None:
    with pytest.raises(PipelineStepFailed, match="attendees, users, revocations"):
        run(desk, "gossip", [person(1)], airmeet=desk.upcoming)


def test_its_ledger_can_be_loaded(desk: Desk) -> None:
    run(desk, "attendees", [person(1)], airmeet=desk.upcoming)
    warehouse = dlt.destinations.duckdb(str(desk.workplace.file))
    pipeline = dlt.pipeline("mine", destination=warehouse, dataset_name="airmeet")
    pipeline.run(pushed())
    assert [line["outcome"] for line in desk.ledger()] == ["done"]
    # `airmeet push` finds it, too.
    desk.push("attendees", [person(2)], "--airmeet", desk.upcoming, "--apply")
    assert len(desk.ledger()) == 2
