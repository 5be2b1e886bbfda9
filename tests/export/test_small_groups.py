"""Groups of few people are pooled."""

from typing import Any

import pyarrow as pa
import pytest
from airmeet_etl.export.export import ARROW_TYPES
from airmeet_etl.export.small_groups import GROUPS, pooled
from airmeet_etl.reports.sql_files import sql_files

COLUMNS = {
    **dict.fromkeys(("airmeet_id", "dimension", "value"), "text"),
    **dict.fromkeys(("registered", "attended"), "bigint"),
    **dict.fromkeys(("attended_registered", "registered_after_end"), "bigint"),
    "attendance_rate": "double",
    "engaged": "bigint",
    "engagement_rate": "double",
    "timed_attendees": "bigint",
    "average_minutes": "double",
    "event_name": "text",
}
SCHEMA = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in COLUMNS.items()])

# value, registered, attended, both, after the end, rate, engaged, rate, timed, minutes
LARGE = ("Austria", 5, 4, 4, 0, 0.8, 2, 0.5, 4, 30.0)
BELGIUM = ("Belgium", 4, 3, 2, 1, 2 / 3, 1, 1 / 3, 2, 10.0)  # 4 + 3 - 2 = 5 people
CHILE = ("Chile", 3, 2, 1, 0, 1 / 3, 1, 0.5, 2, 10.0)
DENMARK = ("Denmark", 1, 2, 1, 0, 1.0, 2, 1.0, 1, 40.0)
ESTONIA = ("Estonia", 1, 0, 0, 1, None, 0, None, 0, None)


def pool(*rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What is made of the values of one dimension."""
    table = pa.Table.from_pylist(
        [dict(zip(COLUMNS, ("e", "country", *row, "Event"), strict=True)) for row in rows], SCHEMA
    )
    result = pooled(table, GROUPS["segments"])
    assert result.schema == SCHEMA
    return [tuple(row.values())[2:-1] for row in result.to_pylist()]


def test_groups_of_fewer_than_five_people_are_one_group() -> None:
    rows = pool(LARGE, BELGIUM, CHILE, DENMARK, ESTONIA)
    assert rows == [
        # 2 of 5 - 1; 3 of 4; (2 × 10 + 1 × 40) ÷ 3
        ("(small groups)", 5, 4, 2, 1, 0.5, 3, 0.75, 3, 20.0),
        LARGE,
        BELGIUM,
    ]


def test_where_all_are_large_nothing_changes() -> None:
    assert pool(LARGE) == [LARGE]
    assert pool() == []


def test_a_group_whose_size_is_not_known_is_as_large_as_it_is_at_least() -> None:
    large = ("Austria", 5, *[None] * 8)
    walk_ins = ("Belgium", None, 5, None, None, None, 1, 0.2, 0, None)
    small = ("Chile", 4, *[None] * 8)
    assert pool(large, walk_ins, small) == [
        ("(small groups)", 4, *[None] * 8),
        large,
        walk_ins,
    ]


def test_what_is_not_known_is_not_made_up() -> None:
    nothing = ("Finland", *[None] * 9)
    assert pool(CHILE, nothing) == [("(small groups)", *[None] * 9)]
    assert pool(ESTONIA) == [("(small groups)", 1, 0, 0, 1, None, 0, None, 0, None)]


def test_while_an_airmeet_is_not_over_there_are_counts_and_no_rate() -> None:
    going_on = ("Chile", 3, 2, 1, 0, None, 1, None, 2, 10.0)
    assert pool(going_on) == [("(small groups)", 3, 2, 1, 0, None, 1, None, 2, 10.0)]


def test_each_airmeet_and_dimension_has_a_pool_of_its_own() -> None:
    table = pa.Table.from_pylist(
        [
            {"airmeet_id": airmeet, "dimension": dimension, "value": value, "registered": 1}
            for airmeet in ("a", "b")
            for dimension in ("country", "organisation")
            for value in ("x", "y")
        ],
        SCHEMA,
    )
    rows = pooled(table, GROUPS["segments"]).to_pylist()
    assert [(r["airmeet_id"], r["dimension"], r["value"], r["registered"]) for r in rows] == [
        (airmeet, dimension, "(small groups)", 2)
        for airmeet in ("a", "b")
        for dimension in ("country", "organisation")
    ]


@pytest.mark.parametrize("name", [name for name in GROUPS if name in sql_files("reporting")])
def test_the_report_has_the_columns(name: str) -> None:
    """Whatever is a figure is summed, worked out anew, or null."""
    groups = GROUPS[name]
    kinds = {column.name: column.kind for column in sql_files("reporting")[name].columns}
    treated = {*groups.counts, *groups.ratios, *groups.means}
    assert treated == {column for column, kind in kinds.items() if kind in ("bigint", "double")}
    assert {*groups.within, groups.value} <= kinds.keys()
