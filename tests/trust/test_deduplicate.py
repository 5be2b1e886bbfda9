"""Rows that come twice: a property of people and of things with an id, against the plain rule."""

import json
from collections.abc import Sequence
from typing import Any

from airmeet.extract.deduplicate import deduplicator_for
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.feeds import FEEDS
from hypothesis import given
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
    return (row["email"] or "").strip().lower() or json.dumps(row, sort_keys=True)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "email": _ADDRESSES,
                "registrationDate": _DATES,
                "name": _NAMES,
                "user_profile": _ANSWERS,
            }
        ),
        max_size=12,
    ),
    st.integers(1, 5),
)
def test_of_a_person_the_latest_registration_counts_with_its_answers(
    rows: list[Row], size: int
) -> None:
    deduplicator = deduplicator_for(FEEDS["participants"], "airmeet", ColumnTypeRegistry())
    for page in _pages(rows, size):
        deduplicator.add(page)
    latest: dict[str, Row] = {}
    for row in rows:
        known = latest.get(_person(row))
        if known is None or (row["registrationDate"] or "") >= (known["registrationDate"] or ""):
            latest[_person(row)] = row
    tables = deduplicator.tables()
    kept = tables["participants"].select(["email", "name", "registration_date"]).to_pylist()
    assert sorted(map(_as_words, kept)) == sorted(
        _as_words({**row, "registration_date": row["registrationDate"]}) for row in latest.values()
    )
    columns = ["email", "field_id", "value"]
    stored = tables["participant_answers"].select(columns).to_pylist()
    assert sorted(tuple(str(row[column]) for column in columns) for row in stored) == sorted(
        answer for row in latest.values() for answer in _answers(row)
    )


def _answers(row: Row) -> set[tuple[str, str, str]]:
    """What a person chose, each choice once."""
    given = [(answer["fieldId"], answer.get("value")) for answer in row["user_profile"]]
    return {
        (str(row["email"]), field, choice)
        for field, value in given
        for choice in (value if isinstance(value, list) else [value])
        if choice is not None
    }


def _as_words(row: Row) -> tuple[str, str, str]:
    date = row["registration_date"] or ""
    day = date[:10] if isinstance(date, str) else date.date().isoformat()
    return str(row["email"]), str(row["name"]), day


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
