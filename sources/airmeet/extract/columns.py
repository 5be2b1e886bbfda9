"""JSON values to one Arrow column of a kind, and the values that do not fit it as text.

All values at once where they are of the kind, as nearly all columns are; value by value where one
is not. No value raises, and none is changed: what would not be the same number, time or truth
written back stays as the text that it is.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..rows import as_json, as_truth
from ..schemas import Kind, arrow_types
from ..times import (
    COLONS,
    DASHES,
    EARLIEST,
    LATEST,
    MILLISECONDS_END,
    SECONDS_BEGIN,
    SECONDS_END,
    as_time,
)

_INTEGER = re.compile(r"(0|-?[1-9]\d*)(\.0+)?")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_BIGINTS = range(-(2**63), 2**63)
_UNFIT = (ValueError, TypeError, ArithmeticError, pa.ArrowException)


def typed_column(values: Sequence[Any], kind: Kind) -> tuple[pa.Array, pa.Array | None]:
    """The values as a column of their kind, and those that did not fit as text, if any.

    Raises:
        ValueError: a value is nested too deeply for any text.
    """
    try:
        return _AT_ONCE[kind](values), None
    except _UNFIT:
        pass
    convert = _ONE_BY_ONE[kind]
    empty = (None,) if kind in ("text", "json") else (None, "")
    fitting: list[Any] = []
    rest: list[str | None] = []
    for value in values:
        try:
            fitting.append(None if value in empty else convert(value))
            rest.append(None)
        except _UNFIT:
            fitting.append(None)
            rest.append(_as_text(value))
    column = pa.array(fitting, arrow_types()[kind])
    return column, pa.array(rest, pa.string()) if any(r is not None for r in rest) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str:
    """A value as JSON.

    Raises:
        ValueError: it is nested too deeply.
    """
    return as_json(value).decode()


def _as_bigint(value: Any) -> int:
    if isinstance(value, str) and (written := _INTEGER.fullmatch(value)):
        value = int(written[1])
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or value not in _BIGINTS:
        raise ValueError("no integer of 64 bits")
    return value


def _as_double(value: Any) -> float:
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        raise ValueError("no number")
    number = float(value)
    if number - number != 0 or (isinstance(value, int) and int(number) != value):
        raise ValueError("no number that a double holds")
    return number


def _times(values: Sequence[Any]) -> pa.Array:
    if {*map(type, values)} <= {int, type(None)}:
        return _unix_times(values)
    texts = pa.array(values, pa.string())
    # The field writes a whole column as `2021:12:25T12:20:56.00Z`.
    if next(filter(None, values), "")[4:5] == ":":
        texts = pc.replace_substring_regex(texts, COLONS, DASHES)
    times = texts.cast(arrow_types()["timestamp"])
    bounds = pc.min_max(times).as_py()
    if bounds["min"] is not None and not EARLIEST <= bounds["min"] <= bounds["max"] <= LATEST:
        raise ValueError("a time that databases cannot hold")
    return times


def _unix_times(values: Sequence[int | None]) -> pa.Array:
    numbers = pa.array(values, pa.int64())
    bounds = pc.min_max(numbers).as_py()
    least, most = bounds["min"], bounds["max"]
    if least is None or SECONDS_BEGIN <= least <= most < SECONDS_END:
        unit = "s"
    elif least >= SECONDS_END and most <= MILLISECONDS_END:
        unit = "ms"
    else:
        raise ValueError("to be read one by one")
    return numbers.cast(pa.timestamp(unit, "UTC")).cast(arrow_types()["timestamp"])


def _bigints(values: Sequence[Any]) -> pa.Array:
    if not {bool, float}.isdisjoint(map(type, values)):
        # Arrow cuts 2.5 to 2, and takes true for 1.
        raise TypeError("to be read one by one")
    try:
        return pa.array(values, pa.int64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # The field sends some numbers as text.
        texts = pa.array(values, pa.string())
        numbers = texts.cast(pa.int64())
        if not pc.all(pc.equal(numbers.cast(pa.string()), texts)).as_py():
            raise ValueError("a number that reads otherwise written back") from None
        return numbers


_AT_ONCE: dict[Kind, Callable[[Sequence[Any]], pa.Array]] = {
    "text": lambda values: pa.array(values, pa.string()),
    "bigint": _bigints,
    "double": lambda values: pa.array(values, pa.float64()),
    "bool": lambda values: pa.array(values, pa.bool_()),
    "timestamp": _times,
    "json": lambda values: pa.array(
        [None if value is None else json_text(value) for value in values], pa.string()
    ),
}

_ONE_BY_ONE: dict[Kind, Callable[[Any], Any]] = {
    "text": _as_text,
    "bigint": _as_bigint,
    "double": _as_double,
    "bool": as_truth,
    "timestamp": as_time,
    "json": json_text,
}
