"""Groups of few people are pooled."""

from typing import Any

import pyarrow as pa
import pytest
from airmeet_etl.export.export import ARROW_TYPES
from airmeet_etl.export.small_groups import GROUPS, pooled
from airmeet_etl.reports.compile import sql_files

COLUMNS = {
    **dict.fromkeys(("airmeet_id", "dimension", "value"), "text"),
    "registered": "bigint",
    "attended": "bigint",
    "attendance_rate": "double",
    "engaged": "bigint",
    "engagement_rate": "double",
    "average_minutes": "double",
    "timed_attendees": "bigint",
    "event_name": "text",
}
SCHEMA = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in COLUMNS.items()])


def pool(*rows: tuple[Any, ...], dimension: str = "country") -> list[tuple[Any, ...]]:
    """Rows of (value, registered, attended, attendance rate, engaged, engagement rate, minutes,
    timed attendees), and what is made of them."""
    table = pa.Table.from_pylist(
        [dict(zip(COLUMNS, ("e", dimension, *row, "Event"), strict=True)) for row in rows], SCHEMA
    )
    result = pooled(table, GROUPS["segments"])
    assert result.schema == SCHEMA
    return [tuple(row.values())[2:-1] for row in result.to_pylist()]


LARGE = ("Austria", 5, 4, 0.8, 2, 0.5, 30.0, 4)


def test_groups_of_fewer_than_five_are_one_group() -> None:
    rows = pool(
        LARGE,
        ("Belgium", 4, 2, 0.5, 1, 0.5, 10.0, 2),
        ("Chile", 1, 1, 1.0, 1, 1.0, 40.0, 1),
        ("Denmark", 2, 6, 1.0, 3, 0.5, 20.0, 6),
    )
    assert rows == [
        ("(small groups)", 5, 3, None, 2, pytest.approx(2 / 3), 20.0, 3),
        LARGE,
        ("Denmark", 2, 6, 1.0, 3, 0.5, 20.0, 6),
    ]


def test_where_all_are_large_nothing_changes() -> None:
    assert pool(LARGE) == [LARGE]
    assert pool() == []


def test_what_is_not_known_is_not_made_up() -> None:
    rows = pool(
        ("Belgium", 4, None, None, None, None, None, None),
        ("Chile", None, None, None, None, None, None, None),
    )
    assert rows == [("(small groups)", None, None, None, None, None, None, None)]


def test_a_group_without_times_adds_nothing_to_the_mean() -> None:
    rows = pool(
        ("Belgium", 2, 2, 1.0, 0, 0.0, 10.0, 2),
        ("Chile", 2, 0, 0.0, 0, None, None, 0),
    )
    assert rows == [("(small groups)", 4, 2, None, 0, 0.0, 10.0, 2)]
    assert pool(("Chile", 2, 0, 0.0, 0, None, None, 0)) == [
        ("(small groups)", 2, 0, None, 0, None, None, 0)
    ]


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
    treated = {*groups.counts, *groups.ratios, *groups.means, *groups.unknown}
    assert treated == {column for column, kind in kinds.items() if kind in ("bigint", "double")}
    assert {*groups.within, groups.value} <= kinds.keys()
