"""The specification's own example answers, as it prints them: every field lands in its column.

The cassettes in `specified/` are written by hand from the specification. Its placeholders are
filled in (`<ISO_Date_String>`, `{boothId}`), and what is no JSON is made JSON: a comma that is
missing, `,..` where more rows would follow.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import vcr
import yaml
from airmeet.api.client import Client
from airmeet.errors import NotAllowed
from airmeet.feeds import AIRMEETS, FEEDS
from airmeet.write.operations import WRITES

from tests.contract.recording import BASES, HOST, read, settings

HOME = Path(__file__).parent / "specified"
IDS = dict(
    zip(("airmeet_id", "session_id", "booth_id"), (HOME / "ids.txt").read_text().split(),
        strict=True)
)  # fmt: skip

_ATTENDEE = ("email", "id", "name", "user_id")
_PERSON = {"email": "email", "name": "name", "city": "city", "country": "country",
           "organisation": "organisation", "Designation": "designation",
           "registrationDate": "registration_date"}  # fmt: skip
_BOOTH = ("name", "logo_url", "video", "faqs", "order", "resources", "social_media_links",
          "short_description", "long_description", "banner_url", "register_interest_details",
          "offer_details", "doc_url", "doc_name", "booth_space_id", "airmeet_id")  # fmt: skip


def _same(table: str, *names: str) -> dict[str, str | None]:
    return {name: f"{table}.{name}" for name in names}


LANDS: dict[str, dict[str, str | None]] = {
    "airmeets": {
        **_same("airmeets", "name", "status", "timezone"),
        "uid": "airmeets.airmeet_id",
        "startTime": "airmeets.start_time",
        "endTime": "airmeets.end_time",
    },
    "registrations": {key: f"registrations.{column}" for key, column in _PERSON.items()},
    "participants": {
        **{key: f"participants.{column}" for key, column in _PERSON.items()},
        **_same("participants", "profile_url", "user_type", "invite_sent"),
        "token": None,  # a link that lets its bearer in
        "user_profile[].value": "participant_answers.value",
        "user_profile[].fieldId": "participant_answers.field_id",
    },
    "sessions": {
        **_same("sessions", "name", "start_time", "status", "duration", "summary", "type"),
        "sessionid": "sessions.session_id",
        "host_id[]": "session_people.id",
        "cohost_ids[]": "session_people.id",
        "speaker_id[]": "session_people.id",
        "speakerList[]": "session_people.id",
    },
    "custom_fields": {
        **_same("custom_fields", "label", "name"),
        "fieldId": "custom_fields.field_id",
        "isRequired": "custom_fields.is_required",
        "type.fieldType": "custom_fields.field_type",
        "type.inputType": "custom_fields.input_type",
        "type.mappedFrom": "custom_fields.mapped_from",
        "options[]": None,  # of a field without any
        "options[].code": "custom_field_options.code",
        "options[].displayValue": "custom_field_options.display_value",
    },
    "event_attendance": _same("event_attendance", *_ATTENDEE),
    "session_attendance": _same("session_attendance", *_ATTENDEE),
    "booths": {
        **_same("booths", *_BOOTH),
        "uid": "booths.booth_id",
        "layoutType": "booths.layout_type",
        "layoutData": "booths.layout_data",
        "boothExhibitor": "booths.booth_exhibitor",
        "exhibitors[]": "booth_exhibitors.email",
        "tags[]": "booth_tags.tag",
    },
    "booth_attendance": _same(
        "booth_attendance", *_ATTENDEE, "interested_in_being_contacted", "visits"
    ),
    "poll_responses": {
        **_same("poll_responses", "email", "name", "user_id"),
        "polls[].question": "poll_responses.question",
        "polls[].answer": "poll_responses.answer",
        "polls[].session_id": "poll_responses.session_id",
    },
    "questions": {
        **_same("questions", "email", "name", "user_id"),
        "questions[].question": "questions.question",
        "questions[].session_id": "questions.session_id",
        "questions[].upvoteCount": "questions.upvote_count",
    },
}
"""The column of each field of an example row, by the path to it; None for what is not stored."""


def tape(name: str, by_query: bool) -> Any:
    """A cassette of the specification. Without `by_query` its answer is every page's: its cursors
    and totals promise more rows than it prints."""
    recorder = vcr.VCR(
        cassette_library_dir=str(HOME),
        record_mode=vcr.record_mode.RecordMode.NONE,
        match_on=("method", "path", "query") if by_query else ("method", "path"),
    )
    return recorder.use_cassette(f"{name}.yaml", allow_playback_repeats=not by_query)


def answers(name: str) -> list[Any]:
    """The JSON answers of a cassette, after the one to /auth."""
    _, *others = yaml.safe_load((HOME / f"{name}.yaml").read_text())["interactions"]
    return [json.loads(other["response"]["body"]["string"] or "{}") for other in others]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The paths to all that is neither object nor list, with it; an empty list ends a path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield (f"{path}[]", None) if value == [] else (path, value)


def plain(value: Any) -> Any:
    """A value in one writing for what the API sends and what is stored."""
    if isinstance(value, str) and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return value


def test_every_feed_has_its_example() -> None:
    assert LANDS.keys() == {AIRMEETS.name, *FEEDS}
    assert {f"write_{name}" for name in WRITES} | LANDS.keys() | {"error"} == {
        path.stem for path in HOME.glob("*.yaml")
    }


@pytest.mark.parametrize("endpoint", LANDS)
def test_every_field_of_the_example_lands_in_its_column(endpoint: str, tmp_path: Path) -> None:
    feed = AIRMEETS if endpoint == AIRMEETS.name else FEEDS[endpoint]
    with tape(endpoint, by_query=feed.export) as cassette:
        tables = asyncio.run(read(HOST, tmp_path, endpoint, IDS))
    assert cassette.all_played
    body = answers(endpoint)[-1]
    rows = next(body[key] for key in feed.rows if key in body)
    sent: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for path, value in leaves(row):
            sent[path].append(value)
    assert sent.keys() == LANDS[endpoint].keys()
    columns: dict[str, Counter[Any]] = defaultdict(Counter)
    for path, column in LANDS[endpoint].items():
        if column is not None:
            columns[column].update(plain(v) for v in sent[path] if v is not None)
    for column, values in columns.items():
        table, name = column.split(".")
        stored = Counter(v for v in tables[table].column(name).to_pylist() if v is not None)
        # What stands once beside a list stands on each of its rows.
        assert stored.keys() == values.keys(), column
        assert all(stored[value] >= count for value, count in values.items()), column
    unknown = [name for name in tables[feed.name].column_names if name.endswith("_text")]
    assert not unknown, "nothing is of another type than declared"


def _client_sends(name: str, folder: Path, method: str, path: str) -> dict[str, Any]:
    async def send() -> dict[str, Any]:
        async with Client(settings(HOST + BASES["v1"], "v1"), folder) as client:
            if method == "GET":
                return await client.get("api", path)
            return await client.send(method, path, None, repeatable=False)

    with tape(name, by_query=False) as cassette:
        try:
            return asyncio.run(send())
        finally:
            assert cassette.all_played


@pytest.mark.parametrize("write", WRITES)
def test_the_answers_to_writes_are_taken_as_they_are_printed(write: str, tmp_path: Path) -> None:
    path = WRITES[write].path.format(airmeet_id=IDS["airmeet_id"], email="user_email%40example.com")
    answer = _client_sends(f"write_{write}", tmp_path, WRITES[write].method, path)
    assert [answer] == answers(f"write_{write}")


def test_an_error_of_the_printed_shape_is_said_in_the_api_s_words(tmp_path: Path) -> None:
    path = f"/airmeet/{IDS['airmeet_id']}/registrations"
    with pytest.raises(NotAllowed, match="Supplied token is bad"):
        _client_sends("error", tmp_path, "GET", path)
