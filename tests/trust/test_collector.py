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
    collector = deduplicator_for(FEEDS["participants"], "airmeet", ColumnTypeRegistry())
    for page in _pages(rows, size):
        collector.add(page)
    latest: dict[str, Row] = {}
    for row in rows:
        known = latest.get(_person(row))
        if known is None or (row["registrationDate"] or "") >= (known["registrationDate"] or ""):
            latest[_person(row)] = row
    tables = collector.tables()
    kept = tables["participants"].select(["email", "name", "registration_date"]).to_pylist()
    assert sorted(map(_told, kept)) == sorted(
        _told({**row, "registration_date": row["registrationDate"]}) for row in latest.values()
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


def _told(row: Row) -> tuple[str, str, str]:
    date = row["registration_date"] or ""
    day = date[:10] if isinstance(date, str) else date.date().isoformat()
    return str(row["email"]), str(row["name"]), day


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=12), st.integers(1, 5)
)
def test_of_a_thing_with_an_id_the_last_writing_counts(
    things: list[tuple[str, int]], size: int
) -> None:
    collector = deduplicator_for(FEEDS["session_attendance"], "airmeet", ColumnTypeRegistry())
    rows = [{"id": id, "name": str(n)} for id, n in things]
    for page in _pages(rows, size):
        collector.add(page, session_id="session")
    assert collector.received == len(dict(things))
    table = collector.tables()["session_attendance"]
    last = {id: str(n) for id, n in things}
    assert sorted(table["name"].to_pylist()) == sorted(last.values())
