"""The truth is what a client finds that pages through everything."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.errors import SimulatorError
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.truth import TABLES

from tests.people import named_by, one_row_a_person
from tests.simulator.conftest import Open
from tests.simulator.visitor import Visitor, moment

PLAN = Plan(16, 40, seed=4)
Rows = list[dict[str, Any]]


def canonical(rows: Rows) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def attendance(visitor: Visitor, path: str) -> Rows:
    status, _ = visitor.get(path)
    return [] if status == 400 else [timed(row) for row in visitor.all(path, 7)]


def timed(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "time_stamp": moment(row["time_stamp"])}


def collected(visitor: Visitor) -> dict[str, Rows]:
    """Load everything, plainly."""
    found: dict[str, Rows] = {table: [] for table in TABLES}
    for listed in visitor.all("/airmeets", 5):
        airmeet = listed["uid"]
        at = {"airmeet_id": airmeet}
        base = f"/airmeet/{airmeet}"
        found["airmeets"].append(
            {
                **at,
                **{key: listed[key] for key in ("name", "status", "timezone")},
                "start_time": listed["startTime"],
                "end_time": listed["endTime"],
            }
        )
        for row in visitor.rows(f"{base}/info")["sessions"]:
            session = {"session_id": row.pop("sessionid")}
            for role, name in (("host", "host_id"), ("cohost", "cohost_ids")):
                found["session_people"] += [
                    {**at, **session, "role": role, "id": user_id} for user_id in row.pop(name)
                ]
            speakers = row.pop("speakerList")
            assert row.pop("speaker_id") == [speaker["id"] for speaker in speakers]
            found["session_people"] += [{**at, **session, "role": "speaker", **s} for s in speakers]
            found["sessions"].append({**at, **session, **row})
            for attendee in attendance(visitor, f"/session/{session['session_id']}/attendees"):
                found["session_attendance"].append({**at, **session, **attendee})
        for row in visitor.rows(f"{base}/custom-fields")["customFields"]:
            kind = row.pop("type")
            found["custom_field_options"] += [
                {
                    **at,
                    "field_id": row["fieldId"],
                    "code": option["code"],
                    "display_value": option["displayValue"],
                }
                for option in row["options"]
            ]
            found["custom_fields"].append(
                {
                    **at,
                    "field_id": row["fieldId"],
                    "is_required": row["isRequired"],
                    **{key: row[key] for key in ("label", "name")},
                    "field_type": kind["fieldType"],
                    "input_type": kind["inputType"],
                    "mapped_from": kind["mappedFrom"],
                }
            )
        for row in one_row_a_person(visitor.all(f"{base}/registrations", 7)):
            found["registrations"].append({**at, **renamed(row)})
        for row in one_row_a_person(visitor.all_participants(airmeet, 7)[::-1]):
            row.pop("token")
            for answer in row.pop("user_profile"):
                value = answer["value"]
                for chosen in value if isinstance(value, list) else [value]:
                    if chosen is not None:
                        key = {"email": row["email"], "field_id": answer["fieldId"]}
                        found["participant_answers"].append({**at, **key, "value": chosen})
            found["participants"].append({**at, **renamed(row)})
        for attendee in attendance(visitor, f"{base}/attendees"):
            found["event_attendance"].append({**at, **attendee})
        for row in visitor.rows(f"{base}/booth/public")["booths"]:
            booth = {"booth_id": row.pop("uid")}
            for old, new in (
                ("layoutType", "layout_type"),
                ("layoutData", "layout_data"),
                ("boothExhibitor", "booth_exhibitor"),
            ):
                row[new] = row.pop(old)
            for table, column, name in (
                ("booth_exhibitors", "email", "exhibitors"),
                ("booth_tags", "tag", "tags"),
            ):
                found[table] += [{**at, **booth, column: value} for value in row.pop(name)]
            found["booths"].append({**booth, **row})
            path = f"{base}/booth/{booth['booth_id']}/booth-attendance"
            for attendee in attendance(visitor, path):
                found["booth_attendance"].append({**at, **booth, **attendee})
        nobodys = count()
        for row in visitor.all(f"{base}/polls", 7):
            numbers = places(row, nobodys)
            for entry in row.pop("polls"):
                answer = entry.pop("answer", None)
                choices = answer if isinstance(answer, list) else [answer]
                taken = [next(numbers) for _ in choices]
                for choice, position in zip(choices, taken, strict=True):
                    at_poll = {"session_id": None, **timed(dict(entry)), "answer": choice}
                    place = {"position": position, "response_position": taken[0]}
                    found["poll_responses"].append({**at, **row, **at_poll, **place})
        nobodys = count()
        for row in visitor.rows(f"{base}/questions")["data"]:
            for entry, position in zip(row.pop("questions"), places(row, nobodys), strict=False):
                place = {"position": position, "upvote_count": entry.pop("upvoteCount")}
                found["questions"].append(
                    {"session_id": None, **at, **row, **place, **timed(entry)}
                )
    return found


def places(row: dict[str, Any], nobodys: Iterator[int]) -> Iterator[int]:
    """Count somebody's entries; those of people who are not named go on with one another."""
    return count() if named_by(row) else nobodys


def renamed(row: dict[str, Any]) -> dict[str, Any]:
    row["designation"] = row.pop("Designation")
    row["registration_date"] = row.pop("registrationDate")
    return row


@pytest.mark.parametrize("options", [{}, {"attendance": "any"}], ids=["finished", "any"])
def test_truth_is_the_union_of_all_pages(visit: Open, options: dict[str, str]) -> None:
    simulator, visitor = visit(PLAN, **options)
    found = collected(visitor)
    for table in TABLES:
        assert canonical(found[table]) == canonical(simulator.truth(table)), table
        assert found[table], table
    assert simulator.counts() == {table: len(rows) for table, rows in found.items()}


def test_truth_after_changes_is_the_union_of_all_pages(visit: Open) -> None:
    simulator, visitor = visit(PLAN)
    change_everything(simulator)
    found = collected(visitor)
    for table in TABLES:
        assert canonical(found[table]) == canonical(simulator.truth(table)), table


def change_everything(simulator: Simulator) -> None:
    first, second, third, *_ = (a.uid for a in simulator.airmeets() if a.size > 5)
    added = simulator.add_airmeet()
    for airmeet in (first, added):
        simulator.add_registration(airmeet, " Late.Comer@Acme.example.com", "Late Comer")
        simulator.add_registration(airmeet, "late.comer@acme.example.com")
        simulator.add_row(airmeet, "event_attendance", "walk.in@acme.example.com")
        simulator.add_row(airmeet, "poll_responses", "walk.in@acme.example.com")
    simulator.clear_feed(second, "sessions")
    simulator.clear_feed(second, "registrations")
    simulator.archive_airmeet(third)


def test_truth_over_http(visit: Open) -> None:
    simulator, visitor = visit(PLAN)
    visitor.base = "/simulator"
    assert visitor.rows("/counts") == simulator.counts()
    assert visitor.rows("/truth/booths") == simulator.truth("booths")
    assert visitor.get("/truth/nothing")[0] == 404
    assert visitor.get("/nothing")[0] == 404
    assert simulator.requests.total == 0


def test_no_such_table() -> None:
    with pytest.raises(SimulatorError, match="no table nothing"):
        Simulator(PLAN).truth("nothing")
