"""Any value in a column of any kind: what fits is the same, the rest is text, none is lost."""

from datetime import datetime
from typing import Any, get_args

import orjson
import pyarrow as pa
import pytest
from airmeet.extract.columns import typed_column
from airmeet.rows import column_name
from airmeet.schemas import Kind, arrow_types
from airmeet.times import MILLISECONDS_END, SECONDS_BEGIN, SECONDS_END
from hypothesis import example, given, settings
from hypothesis import strategies as st

_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.from_regex(r"\A[+-]?[0-9_]{1,25}(\.[0-9]{1,5})?\Z"),
    st.datetimes().map(datetime.isoformat),
    st.lists(st.integers() | st.text(), max_size=3),
    st.dictionaries(st.text(), st.integers(), max_size=2),
)


@settings(deadline=None)
@given(st.lists(_VALUE, max_size=8), st.sampled_from(get_args(Kind)))
def test_each_value_is_in_the_column_or_beside_it(values: list[Any], kind: Kind) -> None:
    column, rest = typed_column(values, kind)
    assert column.type == arrow_types()[kind]
    beside = rest.to_pylist() if rest is not None else [None] * len(values)
    for value, fitting, text in zip(values, column.to_pylist(), beside, strict=True):
        if value is None or (value == "" and kind not in ("text", "json")):
            assert fitting is None or value == ""
        else:
            assert (fitting is None) != (text is None)
        if kind in ("bigint", "double") and fitting is not None and isinstance(value, int):
            assert fitting == value


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("bigint", "360000", 360000),
        ("bigint", "-5", -5),
        ("bigint", "02134", None),
        ("bigint", "1_000", None),
        ("bigint", "+5", None),
        ("bigint", " 7", None),
        ("bigint", "-0", None),
        ("bigint", 2.0, 2),
        ("bigint", 2.5, None),
        ("bigint", "1800000.0", 1800000),
        ("bigint", "-2.00", -2),
        ("bigint", "2.5", None),
        ("bigint", "02.0", None),
        ("bigint", "2.", None),
        ("bigint", "9223372036854775808.0", None),
        ("bigint", 2**63, None),
        ("bigint", "9223372036854775808", None),
        ("bigint", True, None),
        ("double", "1.5", 1.5),
        ("double", "01.5", None),
        ("double", "1_0.5", None),
        ("double", "nan", None),
        ("double", "1e999", None),
        ("double", 2**53 + 1, None),
        ("double", 10**400, None),
        ("bool", "yes", True),
        ("bool", 2, None),
        ("timestamp", "9999-12-31T23:59:59.000Z", None),
        ("timestamp", 20261001, None),
    ],
)
@pytest.mark.parametrize("among", [[], [None, 1], [None, "7"], [None, True]])
def test_a_number_is_never_another_one(kind: Kind, value: Any, fits: Any, among: list[Any]) -> None:
    column, rest = typed_column([*among, value], kind)
    assert column.to_pylist()[-1] == fits
    if fits is None:
        assert rest is not None
        written = value if isinstance(value, str) else str(value)
        assert rest.to_pylist()[-1].lower() == written.lower()


def test_a_time_out_of_range_leaves_its_neighbours_alone() -> None:
    column, rest = typed_column(["2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"], "timestamp")
    assert [time and time.year for time in column.to_pylist()] == [2026, None]
    assert rest is not None and rest.to_pylist() == [None, "9999-12-31T23:59:59Z"]


_EDGES = (SECONDS_BEGIN, SECONDS_END, MILLISECONDS_END + 1)

_WRITTEN = st.one_of(
    st.none(),
    st.datetimes(min_value=datetime(1, 1, 3)).map(
        lambda time: f"{time:%Y:%m:%dT%H:%M:%S}.{time.microsecond // 10_000:02}Z".zfill(23)
    ),
    st.datetimes().map(datetime.isoformat),
    st.sampled_from(["", "2021:13:25T12:20:56.00Z", "12:20:56", "2021:12:25", 1640434856]),
)


_UNIX = st.none() | st.one_of(
    st.sampled_from([0, 20261001, -1, 10**18, 10**30, *_EDGES, *(edge - 1 for edge in _EDGES)]),
    st.integers(SECONDS_BEGIN, SECONDS_END),
    st.integers(SECONDS_END, MILLISECONDS_END),
)


@given(st.lists(_WRITTEN, max_size=6) | st.lists(_UNIX, max_size=6))
@example([SECONDS_BEGIN, None, SECONDS_END - 1])
@example([SECONDS_END, MILLISECONDS_END])
@example([SECONDS_END - 1, SECONDS_END])
def test_times_of_a_whole_column_are_those_of_its_values(values: list[Any]) -> None:
    together, beside = typed_column(values, "timestamp")
    alone = [typed_column([value], "timestamp") for value in values]
    assert together.to_pylist() == [column[0].as_py() for column, _ in alone]
    texts = [rest[0].as_py() if rest else None for _, rest in alone]
    assert (beside.to_pylist() if beside else [None] * len(values)) == texts


def test_deep_nesting_is_text_or_one_kind_of_error() -> None:
    deep = orjson.loads("[" * 900 + "]" * 900)
    column, rest = typed_column([deep], "text")
    assert column.to_pylist() == ["[" * 900 + "]" * 900] and rest is None
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(ValueError, match="deep"):
        typed_column([deep], "json")
    while deep:
        deep = deep[0]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("registrationDate", "registration_date"),
        ("Designation", "designation"),
        ("userProfile", "user_profile"),
        ("名前", "u540d_u524d"),
        ("年齢", "u5e74_u9f62"),
        ("Prénom", "prenom"),
        ("Straße", "stra_u00df_e"),
        ("", "unnamed"),
        ("--", "unnamed"),
        ("😀", "unnamed"),
        ("2nd choice", "_2nd_choice"),
    ],
)
def test_a_key_has_one_name(key: str, name: str) -> None:
    assert column_name(key) == name


@settings(deadline=None)
@given(st.text())
def test_every_key_has_a_name_that_a_database_takes(key: str) -> None:
    name = column_name(key)
    assert name.isascii() and name.isidentifier() and name == name.lower()


def test_an_empty_column_of_each_kind() -> None:
    for kind in get_args(Kind):
        column, rest = typed_column([], kind)
        assert isinstance(column, pa.Array) and len(column) == 0 and rest is None
