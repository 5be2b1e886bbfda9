"""An answer with a character out of order is read; what is no JSON raises one kind of error."""

import json
from typing import Any

import orjson
import pytest
from airmeet.api.json_text import parse_json
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (rb'{"name": "Ann \ud83d"}', {"name": "Ann �"}),
        (rb'["\udc00 first", "last \ud83d"]', ["� first", "last �"]),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"a\u0000b"', "ab"),
        (rb'"a\\u0000b"', r"a\u0000b"),
        (rb'{"\ud83d": 1}', {"�": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b'{"name": "Ren\xe9"}', {"name": "René"}),
        ('{"name": "René", "other": "Ren'.encode() + b'\xe9"}', {"name": "René", "other": "René"}),
        (b'"tab\tand\nline"', "tab\tand\nline"),
    ],
)
def test_it_is_read(content: bytes, value: Any) -> None:
    assert parse_json(content) == value


@pytest.mark.parametrize("content", [b"", b"{", b"<html>", b'{"a": }', b"[" * 100_000, b"\x80\x81"])
def test_what_is_no_json_says_so_without_quoting_it(content: bytes) -> None:
    with pytest.raises(ValueError) as refused:
        parse_json(content)
    assert "html" not in str(refused.value)


def test_depth_is_no_matter_beside_a_nul() -> None:
    assert parse_json(b"[" * 900 + rb'"\u0000"' + b"]" * 900)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(_JSON)
def test_what_is_in_order_is_read_as_it_is(value: Any) -> None:
    assert parse_json(json.dumps(value).encode()) == _without_nul(value)


def _without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    return value.replace("\0", "") if isinstance(value, str) else value


@settings(deadline=None)
@given(st.recursive(st.text(st.characters()), st.lists))
def test_every_text_can_be_stored(value: Any) -> None:
    orjson.dumps(parse_json(json.dumps(value).encode()))
