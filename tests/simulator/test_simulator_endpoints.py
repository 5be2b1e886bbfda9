"""Each endpoint's whole answer, in both layouts."""

import json
import re

import pytest

from tests.simulator.conftest import Open
from tests.simulator.visitor import KEYS

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
BOTH = pytest.mark.parametrize("base", ["/api/v1", "/prod"])


@BOTH
def test_auth_1_2(visit: Open, base: str) -> None:
    _, visitor = visit(base=base)
    status, body = visitor.ask("/auth", "POST", KEYS)
    answer = json.loads(body)
    token = answer["data"]["token"]
    assert (status, answer) == (
        200,
        {"success": True, "data": {"label": "simulated", "token": token}},
    )
    assert token != visitor.token
    assert visitor.headers["content-type"] == "application/json; charset=utf-8"


@BOTH
def test_airmeets_2_1(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    body = visitor.rows("/airmeets", size=5)
    ids = simulator.community.listing(archived=False).ids
    assert body["cursors"] == {"before": None, "after": ids[4], "pageCount": 5}
    assert len(body["data"]) == 5
    for row in body["data"]:
        assert set(row) == {"uid", "name", "status", "timezone", "startTime", "endTime"}
        assert ISO.fullmatch(row["startTime"]) and ISO.fullmatch(row["endTime"])
    assert len(visitor.rows("/airmeets")["data"]) == 12


@BOTH
def test_registrations_2_2(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    row_set = simulator.community.event_of(airmeet).row_set("registrations")
    body = visitor.rows(f"/airmeet/{airmeet.uid}/registrations", size=2, after=row_set.ids[0])
    assert body["cursors"] == {"before": row_set.ids[1], "after": row_set.ids[2], "pageCount": 2}
    for row in body["data"]:
        assert list(row) == [
            "email", "name", "city", "country", "organisation", "Designation", "registrationDate",
        ]  # fmt: skip
        assert row["email"].strip().lower().endswith(".example.com")
        assert ISO.fullmatch(row["registrationDate"])
    whole = visitor.all(f"/airmeet/{airmeet.uid}/registrations")
    assert len(whole) == airmeet.size
    dates = [row["registrationDate"] for row in whole]
    assert dates == sorted(dates)


@BOTH
def test_participants_2_3(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    body = visitor.rows(f"/airmeet/{airmeet.uid}/participants", resultSize=7)
    total = len(simulator.community.event_of(airmeet).row_set("participants"))
    assert set(body) == {"paticipants", "userCount", "totalUserCount"}
    assert (body["userCount"], body["totalUserCount"]) == (7, total)
    for row in body["paticipants"]:
        assert set(row) == {
            "email", "name", "city", "country", "organisation", "Designation", "registrationDate",
            "profile_url", "user_type", "token", "invite_sent", "user_profile",
        }  # fmt: skip
        for answer in row["user_profile"]:
            assert set(answer) == {"value", "fieldId"}
    whole = visitor.all_participants(airmeet.uid, 11)
    dates = [row["registrationDate"] for row in whole if row["registrationDate"]]
    assert dates == sorted(dates, reverse=True)
    assert {row["user_type"] for row in whole} >= {"Registered User", "Guest", "Host"}
    values = [answer["value"] for row in whole for answer in row["user_profile"]]
    assert {type(value) for value in values} == {str, list, type(None)}


@pytest.mark.parametrize("key", ["name", "email", "registrationDate"])
def test_participants_are_sorted(visit: Open, key: str) -> None:
    simulator, visitor = visit()
    path = f"/airmeet/{simulator.airmeets()[0].uid}/participants"
    up, down = (
        visitor.rows(path, resultSize=500, sortingKey=key, sortingDirection=direction)
        for direction in ("ASC", "DESC")
    )
    values = [row[key].lower() for row in up["paticipants"] if row[key]]
    assert values == sorted(values)
    assert up["paticipants"] == down["paticipants"][::-1]


@BOTH
def test_sessions_2_4(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    body = visitor.rows(f"/airmeet/{airmeet.uid}/info")
    about = {"name", "short_desc", "start_time", "end_time", "timezone", "session_hosts"}
    assert set(body) == {"sessions"} | (about if base == "/prod" else set())
    assert len(body["sessions"]) == len(airmeet.minutes)
    for row in body["sessions"]:
        assert set(row) == {
            "sessionid", "name", "start_time", "status", "duration", "summary", "host_id",
            "cohost_ids", "speaker_id", "speakerList", "type",
        }  # fmt: skip
        assert row["type"] == "HOSTING"
        assert [speaker["id"] for speaker in row["speakerList"]] == row["speaker_id"]
    assert (
        body["sessions"][0]["start_time"]
        == visitor.rows("/airmeets")["data"][
            [listed.uid for listed in simulator.airmeets()].index(airmeet.uid)
        ]["startTime"]
    )


@BOTH
def test_custom_fields_2_5(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    body = visitor.rows(f"/airmeet/{simulator.airmeets()[0].uid}/custom-fields")
    assert set(body) == {"customFields"}
    for row in body["customFields"]:
        assert set(row) == {"label", "name", "fieldId", "options", "isRequired", "type"}
        assert row["type"] == {
            "fieldType": "custom",
            "inputType": row["type"]["inputType"],
            "mappedFrom": row["name"],
        }
        assert bool(row["options"]) == (row["type"]["inputType"] in ("radio", "checkbox"))
        for option in row["options"]:
            assert option == {"code": option["code"], "displayValue": option["code"]}


def test_exports_are_prepared_by_the_clock(visit: Open) -> None:
    simulator, visitor = visit(prepare_polls=-1, prepare_seconds=300, export_seconds=600)
    clock = simulator.clock
    path = f"/airmeet/{simulator.airmeets()[0].uid}/attendees"
    pending = {
        "statusCode": 202,
        "statusMessage": "Preparing your results. Try after 5 minutes to get the updated results",
    }
    assert visitor.get(path) == (202, pending)
    clock.advance(299)  # type: ignore[attr-defined]
    assert visitor.get(path) == (202, pending)
    clock.advance(1)  # type: ignore[attr-defined]
    assert visitor.get(path)[0] == 200
    clock.advance(600)  # type: ignore[attr-defined]
    assert visitor.get(path) == (202, pending)


def test_exports_are_prepared_by_polls(visit: Open) -> None:
    simulator, visitor = visit(prepare_polls=2)
    path = f"/airmeet/{simulator.airmeets()[0].uid}/attendees"
    assert [visitor.get(path)[0] for _ in range(5)] == [202, 202, 202, 200, 200]


@BOTH
def test_event_attendance_2_6(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    ids = simulator.community.event_of(airmeet).row_set("event_attendance").ids
    body = visitor.rows(f"/airmeet/{airmeet.uid}/attendees", size=3)
    assert set(body) == {"cursors", "data", "statusCode", "statusMessage"}
    assert (body["statusCode"], body["statusMessage"]) == (200, "SUCCESS")
    assert body["cursors"] == {
        "after": ids[2], "before": None, "pageCount": 3, "totalCount": len(ids),
    }  # fmt: skip
    for row in body["data"]:
        assert set(row) == {"email", "id", "name", "user_id", "time_stamp", "time_spent"}
    assert [row["id"] for row in visitor.all(f"/airmeet/{airmeet.uid}/attendees")] == list(ids)


@BOTH
def test_session_attendance_2_7(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    event = simulator.community.event_of(simulator.airmeets()[0])
    ids = event.row_set("session_attendance", 0).ids
    body = visitor.rows(f"/session/{event.sessions[0].uid}/attendees", size=3)
    assert body["cursors"]["totalCount"] == len(ids)
    keys = {"email", "id", "name", "user_id", "time_stamp", "time_spent"}
    assert [set(row) for row in body["data"]] == [keys] * 3


@BOTH
def test_booths_2_8(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    leaf = "booth/public" if base == "/api/v1" else "booths"
    other = "booths" if base == "/api/v1" else "booth/public"
    body = visitor.rows(f"/airmeet/{airmeet.uid}/{leaf}")
    assert set(body) == {"booths"}
    for row in body["booths"]:
        assert set(row) == {
            "uid", "name", "exhibitors", "tags", "airmeet_id", "logo_url", "video", "faqs",
            "order", "resources", "layoutType", "layoutData", "boothExhibitor",
            "social_media_links", "short_description", "long_description", "banner_url",
            "register_interest_details", "offer_details", "doc_url", "doc_name",
            "booth_space_id",
        }  # fmt: skip
        assert row["airmeet_id"] == airmeet.uid
    assert visitor.get(f"/airmeet/{airmeet.uid}/{other}")[0] == 404


@BOTH
def test_booth_attendance_2_9(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    event = simulator.community.event_of(airmeet)
    for part, booth in enumerate(event.booths):
        path = f"/airmeet/{airmeet.uid}/booth/{booth.uid}/booth-attendance"
        rows = visitor.all(path)
        assert [row["id"] for row in rows] == list(event.row_set("booth_attendance", part).ids)
        for row in rows:
            assert set(row) == {
                "email", "id", "name", "interested_in_being_contacted", "user_id", "visits",
                "time_stamp", "time_spent",
            }  # fmt: skip
            assert row["visits"] >= 1


@BOTH
def test_poll_responses_2_10(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    body = visitor.rows(f"/airmeet/{simulator.airmeets()[0].uid}/polls", size=500)
    assert body["cursors"]["totalCount"] == len(body["data"]) > 0
    for row in body["data"]:
        assert set(row) == {"email", "name", "user_id", "polls"}
        for entry in row["polls"]:
            assert {"question", "time_stamp"} <= set(entry)
            assert set(entry) <= {"question", "answer", "session_id", "time_stamp"}


@BOTH
def test_questions_2_11(visit: Open, base: str) -> None:
    simulator, visitor = visit(base=base)
    airmeet = simulator.airmeets()[0]
    body = visitor.rows(f"/airmeet/{airmeet.uid}/questions")
    assert set(body) == {"data", "statusCode", "statusMessage"}
    sessions = {session.uid for session in simulator.community.event_of(airmeet).sessions}
    for row in body["data"]:
        assert set(row) == {"email", "name", "user_id", "questions"}
        for entry in row["questions"]:
            assert set(entry) == {"question", "session_id", "upvoteCount", "time_stamp"}
            assert entry["session_id"] in sessions
            assert isinstance(entry["upvoteCount"], float)


def test_before_leads_back_and_after_wins(visit: Open) -> None:
    simulator, visitor = visit()
    airmeet = simulator.airmeets()[0]
    path = f"/airmeet/{airmeet.uid}/registrations"
    ids = simulator.community.event_of(airmeet).row_set("registrations").ids
    back = visitor.rows(path, before=ids[5], size=3)
    assert back == visitor.rows(path, after=ids[1], size=3)
    assert back == visitor.rows(path, after=ids[1], before=ids[9], size=3)
    assert visitor.rows(path, before=ids[2], size=3)["cursors"] == {
        "before": None, "after": ids[1], "pageCount": 2,
    }  # fmt: skip


def test_sizes_are_capped(visit: Open) -> None:
    simulator, visitor = visit(attendance_page_max=4)
    airmeet = simulator.airmeets()[0]
    assert len(visitor.rows(f"/airmeet/{airmeet.uid}/attendees", size=500)["data"]) == 4
    simulator.add_airmeet(registrations=100)
    simulator.set_options(participants_page_max=3, gateway_participants_page_max=9)
    path = f"/airmeet/{airmeet.uid}/participants"
    assert len(visitor.rows(path, resultSize=500)["paticipants"]) == 3
    visitor.base = "/prod"
    assert len(visitor.rows(path, resultSize=500)["paticipants"]) == 9
