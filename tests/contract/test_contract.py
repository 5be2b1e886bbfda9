"""The contract with each endpoint, replayed from cassettes: what is asked, what rows come."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from airmeet.person import PERSON, person_key
from airmeet.schemas import TABLES

from tests.contract.recording import BASES, ENDPOINTS, HOME, HOST, SECRETS, ids, read, tape

AIRMEET = "45d38b86-f61a-4fd3-a5c8-9b05bb8778a2"
SESSION = "d306611d-d84f-4872-a651-1f70a842fc40"
SERIES = "8f7afc7f-d2c2-4778-ad7e-8732f5770360"
BOOTH = "0b71dc68-1e54-4d05-a0c3-a83f30a70bb4"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


FIRST_ROWS: dict[str, tuple[int, dict[str, Any]]] = {
    "airmeets": (
        8,
        {
            "airmeet_id": AIRMEET,
            "name": "Alumni Meetup 2024",
            "status": "FINISHED",
            "timezone": "Asia/Kathmandu",
            "start_time": at("2024-07-03T10:45:00+00:00"),
            "end_time": at("2024-07-03T12:25:00+00:00"),
        },
    ),
    "sessions": (
        3,
        {
            "airmeet_id": AIRMEET,
            "session_id": SESSION,
            "name": "Case Study 1",
            "start_time": at("2024-07-03T10:45:00+00:00"),
            "status": "FINISHED",
            "duration": 30.0,
            "type": "HOSTING",
        },
    ),
    "session_people": (
        7,
        {
            "airmeet_id": AIRMEET,
            "session_id": SESSION,
            "role": "speaker",
            "id": "hACCanUA",
            "name": "Björn Kumar",
            "email": "bjorn.kumar20@solargrid.example.com",
            "organisation": "Solar Grid",
            "designation": "Community Lead",
        },
    ),
    "custom_field_options": (
        17,
        {
            "airmeet_id": AIRMEET,
            "field_id": "2a32c172-96d8-4ecc-ad4c-941b4e990504",
            "code": "1-10",
            "display_value": "1-10",
        },
    ),
    "custom_fields": (
        6,
        {
            "airmeet_id": AIRMEET,
            "field_id": "890b788c-ba8d-4f4f-a484-997c280b14d5",
            "label": "What do you hope to learn?",
            "name": "hope",
            "is_required": True,
            "input_type": "text",
            "field_type": "custom",
            "mapped_from": "hope",
        },
    ),
    "registrations": (
        6,
        {
            "airmeet_id": AIRMEET,
            "email": "aoife.garcia0@vantamotors.example.com",
            "name": "Aoife Garcia",
            "city": "Singapore",
            "country": "Singapore",
            "designation": "Software Engineer",
            "registration_date": at("2024-06-12T23:09:58.611000+00:00"),
            "organisation": "Vanta Motors",
        },
    ),
    "participants": (
        13,
        {
            "airmeet_id": AIRMEET,
            "email": "bjorn.kumar20@solargrid.example.com",
            "name": "Björn Kumar",
            "city": "東京",
            "country": "Japan",
            "organisation": "Solar Grid",
            "designation": "Community Lead",
            "registration_date": at("2024-06-04T13:16:17.321000+00:00"),
            "user_type": "Speaker",
            "invite_sent": True,
        },
    ),
    "participant_answers": (
        45,
        {
            "airmeet_id": AIRMEET,
            "email": "aoife.garcia0@vantamotors.example.com",
            "field_id": "890b788c-ba8d-4f4f-a484-997c280b14d5",
            "value": "New ideas",
        },
    ),
    "event_attendance": (
        11,
        {
            "airmeet_id": AIRMEET,
            "id": 4000000,
            "email": "daniel.park22@freemail.example.com",
            "name": "Daniel Park",
            "user_id": "Xs1bKIEA",
            "time_stamp": at("2024-07-03T10:48:30+00:00"),
            "time_spent": 5886590,
        },
    ),
    "session_attendance": (
        4,
        {
            "airmeet_id": AIRMEET,
            "session_id": SESSION,
            "id": 5048576,
            "email": "daniel.park22@freemail.example.com",
            "name": "Daniel Park",
            "user_id": "Xs1bKIEA",
            "time_stamp": at("2024-07-03T10:49:30+00:00"),
            "time_spent": 1530000,
        },
    ),
    "booths": (
        2,
        {
            "airmeet_id": AIRMEET,
            "booth_id": BOOTH,
            "name": "Booth 1: Non-profit",
            "logo_url": "https://images.example.com/0b71dc68-1e54-4d05-a0c3-a83f30a70bb4.png",
            "order": 1,
            "layout_data": "null",
            "booth_exhibitor": True,
        },
    ),
    "booth_exhibitors": (
        2,
        {
            "airmeet_id": AIRMEET,
            "booth_id": BOOTH,
            "email": "bob.costa25@initech.example.com",
        },
    ),
    "booth_tags": (2, {"airmeet_id": AIRMEET, "booth_id": BOOTH, "tag": "Cloud"}),
    "booth_attendance": (
        5,
        {
            "airmeet_id": AIRMEET,
            "booth_id": BOOTH,
            "id": 20777216,
            "email": "daniel.park22@freemail.example.com",
            "name": "Daniel Park",
            "user_id": "Xs1bKIEA",
            "time_stamp": at("2024-07-03T11:48:43+00:00"),
            "time_spent": 528045,
            "interested_in_being_contacted": True,
            "visits": 1,
        },
    ),
    "poll_responses": (
        23,
        {
            "airmeet_id": AIRMEET,
            "user_id": "9DTtNo8B",
            "position": 0,
            "response_position": 0,
            "email": "mei.smith68@solargrid.example.com",
            "name": "Mei Smith, Jr.",
            "question": "How large is your team?",
            "answer": "More",
            "time_stamp": at("2024-07-03T11:15:07+00:00"),
            "session_id": SESSION,
        },
    ),
    "questions": (
        4,
        {
            "airmeet_id": AIRMEET,
            "user_id": "zgHH9JoB",
            "position": 0,
            "email": "mohamed.haddad70@umbralabs.example.com",
            "name": "Mohamed Haddad",
            "question": "What would you do differently?\nAnd why?",
            "session_id": "04bb0915-94cc-4f2b-a1f3-64af9dbf62b9",
            "upvote_count": 4,
            "time_stamp": at("2024-07-03T11:37:47+00:00"),
        },
    ),
    "airmeet_details": (
        1,
        {
            "airmeet_id": AIRMEET,
            "name": "Alumni Meetup 2024",
            "short_desc": "About Alumni Meetup 2024",
            "start_time": at("2024-07-03T10:45:00+00:00"),
            "end_time": at("2024-07-03T12:25:00+00:00"),
            "timezone": "Asia/Kathmandu",
        },
    ),
    "gateway_sessions.session_people": (
        9,
        {
            "airmeet_id": AIRMEET,
            "role": "host",
            "id": "2szZvQsA",
            "name": "Юлия Fischer",
            "email": "yulia.fischer2@marblearchhotels.example.com",
        },
    ),
    "tracks": (
        2,
        {
            "airmeet_id": AIRMEET,
            "track_id": "a093d398-3063-426f-af92-9c12d97f1a8d",
            "name": "Consulting track 1",
        },
    ),
    "track_sessions": (
        3,
        {
            "airmeet_id": AIRMEET,
            "track_id": "a093d398-3063-426f-af92-9c12d97f1a8d",
            "session_id": SESSION,
        },
    ),
    "session_recordings": (
        3,
        {
            "airmeet_id": AIRMEET,
            "session_id": SESSION,
            "position": 0,
            "session_name": "Case Study 1",
        },
    ),
    "registration_utms": (
        4,
        {
            "airmeet_id": AIRMEET,
            "id": 32311552,
            "email": "Nadia.Wang258@Silverfern.Example.Com",
            "utm_source": "google",
            "utm_medium": "cpc",
            "utm_campaign": "brand & more",
        },
    ),
    "replay_attendance": (
        2,
        {
            "airmeet_id": AIRMEET,
            "session_id": "04bb0915-94cc-4f2b-a1f3-64af9dbf62b9",
            "id": 31262976,
            "email": "rosa.vanderberg29@blueharbor.example.com",
            "name": "Rosa van der Berg",
            "user_id": "WRrWQKoA",
            "time_stamp": at("2024-07-23T07:33:26+00:00"),
            "duration_viewed": 6.2,
        },
    ),
    "event_series": (
        2,
        {
            "scope": "community",
            "series_id": SERIES,
            "name": "The Open Source series",
            "description": "About The Open Source series",
        },
    ),
    "event_series_airmeets": (
        6,
        {
            "scope": "community",
            "series_id": SERIES,
            "airmeet_id": AIRMEET,
            "name": "Alumni Meetup 2024",
            "status": "FINISHED",
            "timezone": "Asia/Kathmandu",
            "start_time": at("2024-07-03T10:45:00+00:00"),
            "end_time": at("2024-07-03T12:25:00+00:00"),
        },
    ),
}
"""The number of rows of each table, and the first one's columns that are not null. Of a table that
two endpoints fill differently, the second's stand under the endpoint's name, too."""


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_each_endpoint_gives_its_rows(endpoint: str, tmp_path: Path) -> None:
    with tape(endpoint) as cassette:
        tables = asyncio.run(read(HOST, tmp_path, endpoint, ids()))
    assert cassette.all_played
    assert tables.keys() == set(ENDPOINTS[endpoint][1].tables)
    for name, table in tables.items():
        first = {k: v for k, v in table.slice(0, 1).to_pylist()[0].items() if v is not None}
        count, columns = FIRST_ROWS.get(f"{endpoint}.{name}") or FIRST_ROWS[name]
        if PERSON in TABLES[name].by_name:
            user_id = columns.get(TABLES[name].user_id)
            columns = columns | {PERSON: person_key(columns.get("email"), user_id)}
        assert (table.num_rows, first) == (count, columns)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_each_request_bears_its_headers(endpoint: str) -> None:
    auth, *requests = [
        interaction["request"]
        for interaction in yaml.safe_load((HOME / f"{endpoint}.yaml").read_text())["interactions"]
    ]
    base = HOST + BASES[ENDPOINTS[endpoint][0]]
    assert (auth["method"], auth["uri"]) == ("POST", f"{base}/auth")
    assert set(SECRETS[:2]) <= auth["headers"].keys()
    assert requests
    for request in requests:
        assert request["method"] == "GET" and request["uri"].startswith(f"{base}/")
        assert request["headers"]["Content-Type"] == ["application/json"]
        assert request["headers"]["X-Airmeet-Access-Token"] == ["scrubbed"]


@pytest.mark.parametrize(("key", "least"), [("token", len(ENDPOINTS)), ("download_link", 1)])
def test_cassettes_hold_no_secret(key: str, least: int) -> None:
    text = "".join(path.read_text() for path in HOME.glob("*.yaml"))
    assert text.count(f'"{key}":') >= least
    assert text.count(f'"{key}":') == text.count(f'"{key}":"scrubbed"')
    for bearer in ("simulated-", "recordings.example.com", "signature="):
        assert bearer not in text
