"""What a row to be written must be like, by the specification's own limits. Pure: no clock, no I/O.

Reasons name columns and rules, never what a row says of a person.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from ..errors import SelectionError
from ..rows import ADDRESS, as_truth, column_name
from ..times import SECONDS_END
from . import time_zones
from .declaration import Field, Values, Write
from .operations import SESSION_SECONDS, for_the_gateway, on_the_gateway

_URL = re.compile(r"https?://[^\s/]+\S*")
_OURS = "_dlt_"


@dataclass(frozen=True)
class CheckedRow:
    """A row that may be written.

    Attributes:
        line: where it stands in the user's file.
        airmeet_id: whose; "" for an airmeet to be created.
        key: what names it within its airmeet.
        values: by column, checked.
        given: answers to custom fields as they were given, by the column's name.
        answers: the same as the API takes them, once they are checked.
    """

    line: int
    airmeet_id: str
    key: str
    values: Values
    given: Mapping[str, Any] = field(default_factory=dict)
    answers: list[Values] = field(default_factory=list)


@dataclass(frozen=True, order=True)
class Problem:
    """Why a line cannot be written."""

    line: int
    reason: str


def check_columns(write: Write, columns: Iterable[str]) -> None:
    """Refuse columns that the write does not take; nothing is dropped in silence.

    Raises:
        SelectionError: naming them and the ones there are.
    """
    taken = [f.column for f in write.fields] + ["airmeet_id"] * write.per_airmeet
    unknown = [c for c in columns if c not in taken and not c.startswith(_OURS)]
    if unknown and not write.has_answers:
        elsewhere = for_the_gateway(write, unknown)
        raise SelectionError(
            f"{write.table} take no column {', '.join(map(repr, unknown))}; "
            f"they take {', '.join(taken)}"
            + (f" ({', '.join(elsewhere)}: {on_the_gateway()})" if elsewhere else "")
        )


def require_columns(write: Write, columns: Iterable[str], airmeet_id: str = "") -> None:
    """Refuse columns among which one is missing that every row must fill: it is said once.

    Raises:
        SelectionError: naming what is missing.
    """
    there = set(columns)
    needed = [f.column for f in write.fields if f.required]
    if write.has_answers and there & {"first_name", "last_name"}:
        needed.remove("name")
    if missing := [column for column in needed if column not in there]:
        raise SelectionError(
            f"{write.table} need a column {' and a column '.join(map(repr, missing))}; "
            f"there are {', '.join(map(repr, there)) or 'none'}"
        )
    if write.per_airmeet and not airmeet_id and "airmeet_id" not in there:
        raise SelectionError(
            f"{write.table} belong to an airmeet: name it with --airmeet, or in a column airmeet_id"
        )


def checked(
    write: Write, lines: Iterable[tuple[int, Mapping[str, Any]]], airmeet_id: str = ""
) -> tuple[list[CheckedRow], list[Problem]]:
    """The rows that are in order, and what is wrong with the others.

    Args:
        write: what the rows are for.
        lines: each row with its line.
        airmeet_id: of rows that name none.
    """
    rows: list[CheckedRow] = []
    problems: list[Problem] = []
    taken: dict[tuple[str, ...], int] = {}
    for line, raw in lines:
        row, reasons = _row(write, line, raw, airmeet_id)
        if not reasons:
            reasons = _clashes(write, row, taken) or _overlaps(write, row, rows)
        if reasons:
            problems += [Problem(line, reason) for reason in reasons]
            continue
        for names in _names(write, row):
            taken[names] = line
        rows.append(row)
    return rows, problems


def _row(
    write: Write, line: int, raw: Mapping[str, Any], airmeet_id: str
) -> tuple[CheckedRow, list[str]]:
    raw = {key: value for key, value in raw.items() if not key.startswith(_OURS)}
    reasons: list[str] = []
    values: Values = {}
    zone = _text(raw.get("timezone")) if "timezone" in (f.column for f in write.fields) else ""
    if zone and zone not in time_zones.known():
        zone = "UTC"  # that it is none is said once
    named = any(_text(raw.get(c)) for c in ("first_name", "last_name")) and write.has_answers
    for one in write.fields:
        value = raw.get(one.column)
        if _is_empty(value):
            if one.required and not (one.column == "name" and named):
                reasons.append(f"{one.column} is missing")
            continue
        try:
            values[one.column] = _value(one, value, zone)
        except ValueError as wrong:
            reasons.append(f"{one.column} {wrong}")
    if {"start_time", "end_time"} <= values.keys() and values["end_time"] <= values["start_time"]:
        reasons.append("end_time is not after start_time")
    mine = _text(raw.get("airmeet_id")) or airmeet_id if write.per_airmeet else ""
    if write.per_airmeet and not mine:
        reasons.append("airmeet_id is missing")
    known = {"airmeet_id", *(f.column for f in write.fields)}
    given = {c: v for c, v in raw.items() if c not in known and not _is_empty(v)}
    key = "" if reasons else write.key_of(values)
    return CheckedRow(line, mine, key, values, given if write.has_answers else {}), reasons


def _names(write: Write, row: CheckedRow) -> list[tuple[str, ...]]:
    """All that no other row of the file may be called."""
    names: list[tuple[str, ...]] = [(row.airmeet_id, " and ".join(write.key), row.key)]
    return names + [
        (row.airmeet_id, column, str(row.values[column]).lower()) for column in write.unique
    ]


def _clashes(write: Write, row: CheckedRow, taken: Mapping[tuple[str, ...], int]) -> list[str]:
    return [
        f"the same {names[1]} as line {taken[names]}"
        for names in _names(write, row)
        if names in taken
    ]


def _overlaps(write: Write, row: CheckedRow, rows: Sequence[CheckedRow]) -> list[str]:
    if write.table != "sessions":
        return []
    start, end = session_span(row.values)
    for other in rows:
        if other.airmeet_id == row.airmeet_id:
            begun, ended = session_span(other.values)
            if start < ended and begun < end:
                return [f"it overlaps with the session of line {other.line}"]
    return []


def session_span(values: Values) -> tuple[int, int]:
    """When a session begins and ends, in milliseconds."""
    start: int = values["session_start_time"]
    return start, start + values.get("session_duration", SESSION_SECONDS) * 1000


def _value(one: Field, value: Any, zone: str) -> Any:
    """The value of a field as the API takes it.

    Raises:
        ValueError: what is wrong with it.
    """
    match one.kind:
        case "email":
            return _email(value)
        case "emails":
            return [_email(item) for item in _items(value)]
        case "texts":
            return _items(value)
        case "time":
            moment = milliseconds(value, zone)
            if one.whole_minutes and moment % 60_000:
                raise ValueError("is not on the minute")
            return moment
        case "count":
            return _count(one, value)
        case "flag":
            try:
                return as_truth(value)
            except ValueError:
                raise ValueError("is neither true nor false") from None
        case "zone":
            return _zone(value)
        case "url":
            if not _URL.fullmatch(url := _plain(value)):
                raise ValueError("is no address of a web page, such as https://example.com/a.png")
            return url
        case "text":
            return _limited(one, _plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool | bytes | list | tuple | dict):
        raise ValueError("is no text")
    return _text(value)


def _zone(value: Any) -> str:
    name = _plain(value)
    if name not in time_zones.canonical():
        mend = time_zones.canonical_of(name)
        raise ValueError(
            f"is no canonical time zone; write {mend}"
            if mend
            else "is no canonical time zone, such as Asia/Kolkata"
        )
    return name


def _limited(one: Field, text: str) -> str:
    if one.choices and text not in one.choices:
        elsewhere = f": {on_the_gateway()}" if text in one.gateway_choices else ""
        raise ValueError(f"is not {' or '.join(one.choices)}{elsewhere}")
    if len(text) < one.least:
        raise ValueError(f"is shorter than {one.least} characters")
    if one.most and len(text) > one.most:
        raise ValueError(f"is longer than {one.most} characters")
    return text


def _count(one: Field, value: Any) -> int:
    text = _text(value)
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if isinstance(value, bool) or not text.isdecimal():
        raise ValueError("is no whole number")
    if int(text) < one.least:
        raise ValueError(f"is less than {one.least}")
    return int(text)


def _email(value: Any) -> str:
    text = _plain(value)
    if not ADDRESS.fullmatch(text):
        raise ValueError("is no e-mail address")
    return text


def milliseconds(value: Any, zone: str = "") -> int:
    """A time as the API takes it: from milliseconds, or an ISO 8601 text or a datetime.

    Args:
        value: the time.
        zone: of a time without a zone.

    Raises:
        ValueError: what is wrong with it.
    """
    text = _text(value)
    if isinstance(value, int | float) or text.isdecimal():
        if isinstance(value, bool) or float(text) < SECONDS_END or float(text) >= 2**53:
            raise ValueError("is not in milliseconds")
        return int(float(text))
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no time, such as 2026-03-01T10:00+05:30") from None
    if moment.tzinfo is None:
        if zone not in time_zones.known():
            raise ValueError("has no zone, as in 2026-03-01T10:00+05:30")
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return round(moment.timestamp() * 1000)


def with_answers(
    row: CheckedRow, fields: Sequence[Mapping[str, Any]], gateways: Collection[str] = ()
) -> tuple[CheckedRow, list[str]]:
    """The row with its answers as §3.3 has them, and what is wrong with them.

    A custom field is named by its id, its technical name or its label.

    Args:
        row: whose `given` are looked at.
        fields: the airmeet's custom fields, as table rows; `options` are rows, too.
        gateways: names that are no custom fields on the gateway.
    """
    answers, reasons = [], []
    named: dict[str, str] = {}
    for name, value in _flattened(row.given).items():
        found = [f for f in fields if name in _names_of(f)]
        if len(found) != 1:
            what = "no custom field" if not found else "several custom fields"
            mend = f" ({on_the_gateway()})" if name in gateways and not found else ""
            reasons.append(f"{what} of this airmeet is called {name!r}{mend}")
            continue
        field_id = found[0]["field_id"]
        if field_id in named:
            reasons.append(f"{name!r} is the same custom field as {named[field_id]!r}")
            continue
        named[field_id] = name
        try:
            answers.append({"fieldId": field_id, "value": _answer(found[0], value)})
        except ValueError as wrong:
            reasons.append(f"{name!r} {wrong}")
    return CheckedRow(row.line, row.airmeet_id, row.key, row.values, row.given, answers), reasons


def _flattened(given: Mapping[str, Any]) -> Values:
    """The answers by field; a column `custom_fields` may hold several, as a JSON object."""
    flat = {name: value for name, value in given.items() if name != "custom_fields"}
    several = given.get("custom_fields")
    if isinstance(several, str):
        try:
            several = orjson.loads(several)
        except orjson.JSONDecodeError:
            several = {"custom_fields": several}
    if isinstance(several, dict):
        flat |= {name: value for name, value in several.items() if not _is_empty(value)}
    elif several is not None:
        flat["custom_fields"] = several
    return flat


def _names_of(one: Mapping[str, Any]) -> set[str]:
    """What a custom field may be called, also after dlt has written it in snake_case."""
    names = {str(one[key]) for key in ("field_id", "name", "label") if one.get(key)}
    return names | {column_name(name) for name in names}


def _answer(one: Mapping[str, Any], value: Any) -> str | list[str]:
    """An answer with its options' codes.

    Raises:
        ValueError: it is none of the field's options, or of another kind.
    """
    codes: dict[str, str] = {}
    for option in one["options"]:
        shown, code = option["display_value"], option["code"]
        chosen_as = shown if code is None else code
        codes |= {name: chosen_as for name in (shown, code) if name is not None}
    several = one.get("input_type") == "checkbox"
    if not several and isinstance(value, list | tuple | dict):
        raise ValueError("takes one value")
    chosen = _items(value) if several else [_text(value)]
    if codes and (wrong := [choice for choice in chosen if choice not in codes]):
        raise ValueError(f"has no option {wrong[0]!r}; it has {', '.join(dict.fromkeys(codes))}")
    chosen = [codes.get(choice, choice) for choice in chosen]
    return chosen if several else chosen[0]


def _items(value: Any) -> list[str]:
    """The items of a list: a list, its JSON, or a text with semicolons in between."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise ValueError("is no list") from None
    if isinstance(value, list | tuple):
        return [_text(item) for item in value]
    return [item.strip() for item in _text(value).split(";") if item.strip()]


def _is_empty(value: Any) -> bool:
    # NaN is how a data frame writes that there is nothing.
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value).strip()
