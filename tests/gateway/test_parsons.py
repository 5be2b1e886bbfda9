"""Parsons' own client reads the simulator's gateway, and agrees with our tables row for row."""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from airmeet.rows import column_name
from airmeet.times import as_time
from airmeet_simulator.series import SERIES_TABLES
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY
from airmeet_simulator.truth import GATEWAY_TABLES

from tests.people import one_row_a_person
from tests.workplace import TABLES, Workplace, assert_same_rows, simulated

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    parsons = pytest.importorskip("parsons", reason="Parsons is not installed")

pytestmark = pytest.mark.engine

Row = dict[str, Any]
OURS = {"sessionid": "session_id"}
SESSION_LISTS = ("host_id", "cohost_ids", "speaker_id", "speakerList")


@pytest.fixture
def service(workplace: Workplace) -> Iterator[tuple[Simulator, Address]]:
    """A gateway as Parsons knows it: it counts pages, and gives the token at the top."""
    with simulated(
        airmeets=6,
        registrations=60,
        token_at_top=True,
        participants_key="participants",
        attendance_page_max=50,
        page_count="pages",
    ) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        yield simulator, address


def named(rows: Iterable[Row], **more: Any) -> list[Row]:
    """Rows with our names for their columns; a time is one in each of its forms."""
    found = [{OURS.get(key, column_name(key)): row[key] for key in row} | more for row in rows]
    for row in found:
        if row.get("time_stamp") is not None:
            row["time_stamp"] = as_time(row["time_stamp"])
    return found


def exploded(rows: Iterable[Row], entries: str, **more: Any) -> list[Row]:
    """One row an entry of each person; an answer that is a list has a row for each choice."""
    found = []
    for row in rows:
        position = 0
        for entry in named(row.pop(entries)):
            several = isinstance(entry.get("answer"), list)
            choices = [{"answer": choice} for choice in entry["answer"]] if several else [{}]
            if entries == "polls":
                more["response_position"] = position
            for choice in choices:
                found.append({**named([row])[0], **entry, **choice, "position": position, **more})
                position += 1
    return found


def without(rows: Iterable[Row], *columns: str) -> list[Row]:
    return [{k: v for k, v in row.items() if k not in columns} for row in rows]


def answered(people: Iterable[Row], **more: Any) -> list[Row]:
    """One row a value chosen."""
    return [
        {"email": row["email"], "field_id": answer["fieldId"], "value": value, **more}
        for row in people
        for answer in row["user_profile"]
        for value in (answer["value"] if isinstance(answer["value"], list) else [answer["value"]])
        if value is not None
    ]


def test_parsons_reads_the_same(workplace: Workplace, service: tuple[Simulator, Address]) -> None:
    _, address = service
    # Afterwards every export is ready: Parsons does not wait for one.
    assert workplace.run("load", "--no-reports").code == 0
    theirs = parsons.Airmeet(f"{address.gateway}/", ACCESS_KEY, SECRET_KEY)
    listed = {row["uid"]: row for row in theirs.list_airmeets()}
    assert listed.keys() == {row["airmeet_id"] for row in workplace.rows("airmeets")}
    agreed: Counter[str] = Counter()
    for airmeet, about in listed.items():
        mine = {"airmeet_id": airmeet}

        def agree(table: str, rows: list[Row], airmeet: str = airmeet, **part: str | None) -> None:
            ours = [
                row
                for row in workplace.rows(table)
                if row["airmeet_id"] == airmeet and part.items() <= row.items()
            ]
            assert_same_rows(ours, rows)
            agreed[table] += len(rows)

        people = one_row_a_person(
            theirs.fetch_airmeet_participants(airmeet, sorting_direction="ASC")
        )
        agree("participants", named(without(people, "token", "user_profile"), **mine))
        agree("participant_answers", answered(people, **mine))
        sessions = list(theirs.fetch_airmeet_sessions(airmeet))
        agree("sessions", named(without(sessions, *SESSION_LISTS), **mine))
        for session in sessions:
            part = {"session_id": session["sessionid"], "role": "speaker"}
            agree("session_people", named(session["speakerList"], **mine, **part), **part)
            for role, key in (("host", "host_id"), ("cohost", "cohost_ids")):
                part["role"] = role
                people = [{"id": user_id} for user_id in session[key]]
                agree("session_people", named(people, **mine, **part), **part)
        fields = [*theirs.fetch_airmeet_custom_registration_fields(airmeet)]
        for field in fields:
            part = {"field_id": field["fieldId"]}
            options = named(field.pop("options"), **mine, **part)
            agree("custom_field_options", options, **part)
        agree("custom_fields", [named([r | r.pop("type")], **mine)[0] for r in fields])
        info = theirs.fetch_airmeet_info(airmeet)
        agree("airmeet_details", [mine | without([info], "sessions", "session_hosts")[0]])
        hosts = named(info["session_hosts"], role="host", **mine)
        agree("session_people", hosts, role="host", session_id=None)
        tracks = [r | {"track_id": r.pop("uid")} for r in theirs.fetch_event_tracks(airmeet)]
        agree("tracks", named(without(tracks, "sessions"), **mine))
        agree(
            "track_sessions",
            [
                {"track_id": track["track_id"], "session_id": session, **mine}
                for track in tracks
                for session in track["sessions"]
            ],
        )
        utms = theirs.fetch_registration_utms(airmeet)
        agree("registration_utms", [named([r | r.pop("utms")])[0] for r in utms])
        if about["status"] != "FINISHED":
            continue  # what follows is there afterwards
        agree("event_attendance", named(theirs.fetch_event_attendance(airmeet), **mine))
        for session in sessions:
            if session["status"] == "FINISHED":
                part = {"session_id": session["sessionid"]}
                attended = theirs.fetch_session_attendance(session["sessionid"])
                agree("session_attendance", named(attended, **mine, **part), **part)
        booths = [r | {"booth_id": r.pop("uid")} for r in theirs.fetch_airmeet_booths(airmeet)]
        agree("booths", named(without(booths, "exhibitors", "tags"), **mine))
        for booth in booths:
            part = {"booth_id": booth["booth_id"]}
            for table, key, column in (
                ("booth_exhibitors", "exhibitors", "email"),
                ("booth_tags", "tags", "tag"),
            ):
                entries = [{column: value, **mine, **part} for value in booth[key]]
                agree(table, entries, **part)
            visitors = theirs.fetch_booth_attendance(airmeet, booth["booth_id"])
            agree("booth_attendance", named(visitors, **mine, **part), **part)
        agree("poll_responses", exploded(theirs.fetch_poll_responses(airmeet), "polls", **mine))
        agree("questions", exploded(theirs.fetch_questions_asked(airmeet), "questions", **mine))
        recordings = without(theirs.download_session_recordings(airmeet), "download_link")
        agree("session_recordings", [r | mine | {"position": n} for n, r in enumerate(recordings)])
        replays = theirs.fetch_event_replay_attendance(airmeet)
        agree("replay_attendance", named(replays, **mine))
    assert set(agreed) == {*TABLES, *GATEWAY_TABLES} - {
        *("airmeets", "registrations"),
        *SERIES_TABLES,  # it does not know them
    }
    assert not [table for table, rows in agreed.items() if rows == 0]
    assert agreed["event_attendance"] > 50, "more than a page"
