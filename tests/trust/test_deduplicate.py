"""Rows that come twice: a property of people and of things with an id, against the plain rule."""

from collections.abc import Sequence
from typing import Any

import pytest
from airmeet.extract.deduplicate import deduplicator_for
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.feeds import FEEDS
from hypothesis import example, given
from hypothesis import strategies as st

Row = dict[str, Any]
_ADDRESSES = st.sampled_from(["a@example.com", " A@Example.com ", "b@example.com", "", None])
_DATES = st.sampled_from(["2026-03-01T10:00:00.000Z", "2026-03-02T09:00:00.000Z", "", None])
_NAMES = st.sampled_from(["Ada", "Bo"])
_VALUES = _NAMES | st.none() | st.lists(_NAMES | st.none(), max_size=3)
_ANSWERS = st.lists(
    st.fixed_dictionaries({"fieldId": st.sampled_from("xyz")}, optional={"value": _VALUES}),
    max_size=3,
)


def _pages(rows: Sequence[Row], size: int) -> list[Sequence[Row]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _person(row: Row) -> str:
    return (row["email"] or "").strip().lower()


def _once(pages: list[Sequence[Row]]) -> list[Row]:
    """The rows in their order; of a page that comes again whole, only those that name somebody."""
    rows: list[Row] = []
    for n, page in enumerate(pages):
        rows += [row for row in page if _person(row) or page not in pages[:n]]
    return rows


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "email": _ADDRESSES,
                "registrationDate": _DATES,
                "name": _NAMES | st.none(),
                "user_profile": _ANSWERS,
            }
        ),
        max_size=12,
    ),
    st.integers(1, 5),
)
@example(
    rows=[
        {"email": "", "registrationDate": None, "name": "Ada", "user_profile": []},
        {"user_profile": [], "name": "Ada", "registrationDate": None, "email": ""},
    ],
    size=1,
)
def test_of_a_person_the_earliest_date_and_the_latest_of_all_else_count(
    rows: list[Row], size: int
) -> None:
    deduplicator = deduplicator_for(FEEDS["participants"], "airmeet", ColumnTypeRegistry())
    pages = _pages(rows, size)
    for page in pages:
        deduplicator.add(page)
    people: dict[str, list[Row]] = {}
    for n, row in enumerate(sorted(_once(pages), key=lambda row: row["registrationDate"] or "")):
        people.setdefault(_person(row) or f"row {n}", []).append(row)
    tables = deduplicator.tables()
    kept = tables["participants"].select(["email", "name", "registration_date"]).to_pylist()
    merged = [_merged(of_one) for of_one in people.values()]
    assert sorted(map(_as_words, kept)) == sorted(map(_as_words, merged))
    assert all(
        row["person"] == (_person(row) or None) for row in tables["participants"].to_pylist()
    )
    columns = ["email", "field_id", "value"]
    stored = tables["participant_answers"].select(columns).to_pylist()
    assert sorted(tuple(str(row[column]) for column in columns) for row in stored) == sorted(
        answer for of_one in people.values() for answer in _answers(of_one)
    )


def _merged(rows: list[Row]) -> Row:
    """One person's rows, in the order of their dates, as one."""
    dates = [row["registrationDate"] for row in rows if row["registrationDate"]]
    merged = {"registration_date": dates[0] if dates else None}
    for column in ("email", "name"):
        values = [row[column] for row in rows if row[column] is not None]
        merged[column] = values[-1] if values else None
    return merged


def _answers(rows: list[Row]) -> set[tuple[str, str, str]]:
    """What a person chose, each choice once: for each field the latest choice."""
    latest: dict[str, set[tuple[str, str, str]]] = {}
    email = str(_merged(rows)["email"])
    for row in rows:
        given: dict[str, set[tuple[str, str, str]]] = {}
        for answer in row["user_profile"]:
            value, field = answer.get("value"), answer["fieldId"]
            for choice in value if isinstance(value, list) else [value]:
                if choice is not None:
                    given.setdefault(field, set()).add((email, field, choice))
        latest |= given
    return {choice for choices in latest.values() for choice in choices}


def _as_words(row: Row) -> tuple[str, str, str]:
    date = row["registration_date"] or ""
    day = date[:10] if isinstance(date, str) else date.date().isoformat()
    return str(row["email"]), str(row["name"]), day


_NAMELESS = {"name": "Guest", "registrationDate": "2026-03-01T10:00:00.000Z", "email": None}


@pytest.mark.parametrize(
    ("pages", "total", "expected"),
    [
        ([[_NAMELESS, _NAMELESS]], 2, 2),
        ([[_NAMELESS, _NAMELESS]], None, 2),
        ([[_NAMELESS], [{**_NAMELESS, "email": "a@example.com"}, _NAMELESS]], 3, 3),
        ([[_NAMELESS], [{**_NAMELESS, "email": "a@example.com"}, _NAMELESS]], 2, 2),
        ([[_NAMELESS, _NAMELESS], [_NAMELESS, _NAMELESS]], None, 2),
        ([[{**_NAMELESS, "email": "undefined"}, {**_NAMELESS, "email": "null"}]], 2, 2),
    ],
)
@pytest.mark.parametrize("feed", ["registrations", "event_attendance", "poll_responses"])
def test_equal_rows_that_name_nobody_are_several(
    feed: str, pages: list[list[Row]], total: int | None, expected: int
) -> None:
    """Unless pages overlapped, which the total shows."""
    deduplicator = deduplicator_for(FEEDS[feed], "airmeet", ColumnTypeRegistry())
    for page in pages:
        deduplicator.add([{**row, "polls": [{"question": "Which?"}]} for row in page])
    deduplicator.settle(total)
    assert deduplicator.received == expected
    assert deduplicator.tables()[feed].num_rows == expected


_FEEDS_OF_PEOPLE = [
    "registrations",
    "participants",
    "event_attendance",
    "session_attendance",
    "booth_attendance",
]


@pytest.mark.parametrize("feed", _FEEDS_OF_PEOPLE)
def test_a_page_that_comes_again_with_somebody_edited_adds_nobody(feed: str) -> None:
    """No total is known: it is the page that tells that its nameless rows came before."""
    deduplicator = deduplicator_for(FEEDS[feed], "airmeet", ColumnTypeRegistry())
    known = {**_NAMELESS, "email": "a@example.com", "id": 7}
    for city in ("Bonn", "Rome"):
        deduplicator.add([_NAMELESS, {**known, "city": city}, _NAMELESS])
    deduplicator.add([_NAMELESS, {**known, "id": 8, "email": "b@example.com"}])
    deduplicator.settle(None)
    rows = deduplicator.tables()[feed]
    assert (deduplicator.received, rows.num_rows) == (5, 5)
    assert "Rome" in rows["city"].to_pylist()


@pytest.mark.parametrize(
    ("feed", "items"), [("poll_responses", "polls"), ("questions", "questions")]
)
def test_a_page_that_comes_again_with_one_more_answer_adds_nobody(feed: str, items: str) -> None:
    deduplicator = deduplicator_for(FEEDS[feed], "airmeet", ColumnTypeRegistry())
    asked = [{"question": "Which?"}, {"question": "When?"}]
    nobody, known = {"name": "Guest"}, {"name": "Ann", "email": "a@example.com"}
    for count in (1, 2):
        deduplicator.add(
            [
                {**nobody, items: asked[:1]},
                {**known, items: asked[:count]},
                {**nobody, items: asked[:1]},
            ]
        )
    deduplicator.settle(None)
    assert deduplicator.tables()[feed].num_rows == 4


@pytest.mark.parametrize("feed", ["event_attendance", "session_attendance"])
def test_numbers_that_python_hashes_alike_are_two_ids(feed: str) -> None:
    deduplicator = deduplicator_for(FEEDS[feed], "airmeet", ColumnTypeRegistry())
    deduplicator.add([{"id": -1, "name": "a"}, {"id": -2, "name": "b"}])
    deduplicator.add([{"id": 2**61 - 1, "name": "c"}, {"id": 0, "name": "d"}])
    assert deduplicator.tables()[feed].num_rows == 4


def test_keys_in_another_writing_are_the_known_keys() -> None:
    deduplicator = deduplicator_for(FEEDS["participants"], "airmeet", ColumnTypeRegistry())
    answers = [{"field_id": "f", "Value": "yes"}]
    deduplicator.add([{"Email": "a@example.com", "userProfile": answers, "usertype": "x"}])
    tables = deduplicator.tables()
    assert tables["participants"]["email"].to_pylist() == ["a@example.com"]
    [answer] = tables["participant_answers"].to_pylist()
    assert (answer["person"], answer["field_id"], answer["value"]) == ("a@example.com", "f", "yes")


def test_what_an_entry_says_of_itself_stands_above_and_null_covers_nothing() -> None:
    polls = deduplicator_for(FEEDS["poll_responses"], "airmeet", ColumnTypeRegistry())
    entries = [{"question": "1", "name": "Own"}, {"question": "2", "name": None, "email": ""}]
    polls.add([{"user_id": "u", "email": "a@example.com", "name": "Other", "polls": entries}])
    rows = polls.tables()["poll_responses"].to_pylist()
    assert [row["name"] for row in rows] == ["Own", "Other"]
    assert [row["person"] for row in rows] == ["a@example.com", "a@example.com"]
    fields = deduplicator_for(FEEDS["custom_fields"], "airmeet", ColumnTypeRegistry())
    fields.add([{"fieldId": "f", "label": "Own", "type": {"label": "Other", "inputType": "text"}}])
    [field] = fields.tables()["custom_fields"].to_pylist()
    assert (field["label"], field["input_type"]) == ("Own", "text")


@pytest.mark.parametrize("nobody", ["undefined", "null", "", " ", "NULL", None])
def test_ids_that_identify_nobody_are_none(nobody: str | None) -> None:
    deduplicator = deduplicator_for(FEEDS["event_attendance"], "airmeet", ColumnTypeRegistry())
    deduplicator.add([{"id": 1, "user_id": nobody, "email": nobody}, {"id": 2, "user_id": "u-1"}])
    rows = deduplicator.tables()["event_attendance"].to_pylist()
    assert [(row["user_id"], row["person"]) for row in rows] == [(None, None), ("u-1", "user:u-1")]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=12), st.integers(1, 5)
)
def test_of_a_thing_with_an_id_the_last_writing_counts(
    things: list[tuple[str, int]], size: int
) -> None:
    deduplicator = deduplicator_for(FEEDS["session_attendance"], "airmeet", ColumnTypeRegistry())
    rows = [{"id": id, "name": str(n)} for id, n in things]
    for page in _pages(rows, size):
        deduplicator.add(page, session_id="session")
    assert deduplicator.received == len(dict(things))
    table = deduplicator.tables()["session_attendance"]
    last = {id: str(n) for id, n in things}
    assert sorted(table["name"].to_pylist()) == sorted(last.values())


_ADA = {"id": "u-ada", "email": "ada@example.com"}
_ENTRIES = st.lists(
    st.sampled_from(
        [
            "u-ada",
            "ada@example.com",
            " Ada@Example.com ",
            _ADA,
            {"email": "ADA@example.com", "id": "u-ada", "bio": '\\ ¤ "'},
            {"userId": "u-ada"},
            "u-bo",
            {"id": "bo@example.com"},
            7,
            None,
            "",
            {},
            {"id": None, "email": " "},
        ]
    ),
    max_size=5,
)


@given(
    st.dictionaries(st.sampled_from("xyz"), st.tuples(_ENTRIES | st.none(), _ENTRIES), max_size=3),
    st.booleans(),
)
def test_a_person_in_lists_is_one_row_a_session_and_role(
    lists: dict[str, tuple[list[Any] | None, list[Any]]], twice: bool
) -> None:
    rows = [
        {"sessionid": id, "speakerList": described, "speaker_id": ids, "host_id": ids}
        for id, (ids, described) in lists.items()
    ]
    deduplicator = deduplicator_for(FEEDS["sessions"], "airmeet", ColumnTypeRegistry())
    for row in rows * 2 if twice else rows:
        deduplicator.add([row])
    tables = deduplicator.tables()
    assert tables["sessions"].num_rows == len(rows)
    found = tables["session_people"].to_pylist()
    for row in found:
        assert not (row["id"] and "@" in row["id"])
    expected: set[tuple[str, str, str]] = set()
    for id, (ids, described) in lists.items():
        named = {"host": _named(ids), "speaker": _named(ids) | _named(described)}
        is_known = {role: any(_is_both(e) for e in _of(role, ids, described)) for role in named}
        for role, people in named.items():
            if is_known[role]:  # an entry with id and address: the two are one
                people = {"ada" if person.startswith("ada ") else person for person in people}
            expected |= {(id, role, person) for person in people}
    assert len(found) == len(expected), (found, expected)
    assert {(row["session_id"], row["role"]) for row in found} == {key[:2] for key in expected}


def _of(role: str, ids: list[Any] | None, described: list[Any]) -> list[Any]:
    return [*(ids or []), *(described if role == "speaker" else [])]


def _is_both(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("id") == "u-ada"


def _named(entries: list[Any] | None) -> set[str]:
    """The people that a list names, by the one thing or both that it says of each."""
    people: set[str] = set()
    for entry in entries or ():
        values = entry.values() if isinstance(entry, dict) else [entry]
        words = {str(value).strip().lower() for value in values if value not in (None, "")}
        if "u-ada" in words:
            people.add("ada by id")
        elif "ada@example.com" in words:
            people.add("ada by address")
        else:
            people |= words & {"u-bo", "bo@example.com", "7"}
    return people
