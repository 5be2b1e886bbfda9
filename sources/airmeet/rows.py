"""Pure rules of the API's rows: their keys in any writing, and the names of columns."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, TypeGuard
from unicodedata import normalize

import orjson

Row = dict[str, Any]
"""A row by the API's keys."""

Columns = dict[str, Sequence[Any]]
"""The values of some rows, one for each row: by the API's keys, or by column."""

_EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^0-9A-Za-z]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]")


@cache
def column_name(api_key: str) -> str:
    """The API's key in snake_case: `registrationDate` and `Designation` become
    `registration_date` and `designation`.

    Destinations take ASCII alone: accents go (`Prénom` is `prenom`), and a letter of another script
    is written as its code point, so that two such keys never share a column (`名前` is
    `u540d_u524d`). A key without any letter or digit is `unnamed`.
    """
    plain = _ACCENTS.sub("", normalize("NFKD", api_key))
    if not plain.isascii():
        plain = "".join(
            f"_u{ord(c):04x}_" if not c.isascii() and c.isalnum() else c
            for c in normalize("NFC", plain)
        )
    name = "_".join(part for part in _EDGES.sub("_", plain).lower().split("_") if part)
    return f"_{name}" if name[:1].isdigit() else name or "unnamed"


ADDRESS = re.compile(r"[^\s@,;<>\"]+@(?:[^\s@.,;<>\"]+\.)+[^\s@.,;<>\"]+")
"""A whole text that Airmeet takes for an e-mail address."""


def find_key(holder: Iterable[str], key: str) -> str | None:
    """A key of an object as it is written there (`userProfile` for `user_profile`), if it is."""
    if key in holder:
        return key
    name = column_name(key)
    return next((other for other in holder if column_name(other) == name), None)


def are_objects(value: Any) -> TypeGuard[list[Row]]:
    """Whether the value of some JSON is a list of objects."""
    return type(value) is list and set(map(type, value)) <= {dict}


def as_json(value: Any, sort_keys: bool = False) -> bytes:
    """A value as JSON.

    Raises:
        ValueError: it is nested too deeply.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if sort_keys else None)
    except TypeError:  # beyond 254 levels, or an integer beyond 64 bits
        pass
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    except RecursionError:
        raise ValueError("a value is nested too deeply") from None
    return text.encode()


def content_hash(row: Row) -> int:
    """By what a row without a better name is known: a hash of 64 bits of all that it says, whatever
    the order of the keys. It holds within this process alone."""
    return hash(as_json(row, sort_keys=True))


def values_of(rows: Sequence[Row]) -> Columns:
    """The rows' values by the API's keys, one for each row; null where a row lacks the key.

    Rows of one kind mostly have the same keys, and then all values are had at once.
    """
    first = tuple(rows[0]) if rows else ()
    if len(first) > 1 and set(map(len, rows)) == {len(first)}:
        try:
            return dict(zip(first, zip(*map(itemgetter(*first), rows), strict=True), strict=True))
        except KeyError:
            pass
    shapes = dict.fromkeys(map(tuple, rows))  # far fewer than rows
    keys = dict.fromkeys(chain.from_iterable(shapes))
    return {key: [*map(dict.get, rows, repeat(key))] for key in keys}


_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def as_truth(value: Any) -> bool:
    """A truth value, or one of its usual spellings.

    Raises:
        ValueError: it is neither.
    """
    truth = value if isinstance(value, bool) else _TRUTHS.get(str(value).strip().lower())
    if truth is None:
        raise ValueError(value)
    return truth
