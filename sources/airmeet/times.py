"""Times as the API writes them: ISO 8601, Unix seconds or milliseconds, and the field's own."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC)
"""The times that databases hold and that are within the years 1 to 9999 in every zone."""

SECONDS_BEGIN, SECONDS_END = 100_000_000, 100_000_000_000
"""A number within is Unix seconds (1973 to 5138), a larger one milliseconds. A smaller one is no
time: 20261001 is a date written without dashes, 0 stands for none."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_END = (LATEST - _EPOCH) // timedelta(milliseconds=1)

COLONS, DASHES = r"^(\d{4}):(\d\d):(\d\d)([T ])", r"\1-\2-\3\4"
"""The date of `2021:12:25T12:20:56.00Z`, and what to write in its place."""

_JAVASCRIPT = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<year>\d{4})"
    r" (?P<time>\d\d:\d\d:\d\d) (?:GMT|UTC)(?P<zone>[+-]\d{4})?(?: \(.*\))?"
)
"""`Sat Dec 25 2021 12:20:56 GMT+0000 (Coordinated Universal Time)`."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def as_time(value: Any) -> datetime:
    """The time that a JSON value says, in UTC; one without a zone is UTC.

    Raises:
        ValueError: it is none, or one that databases cannot hold.
    """
    time = _read(value)
    if not EARLIEST <= time <= LATEST:
        raise ValueError("a time that databases cannot hold")
    return time


def _read(value: Any) -> datetime:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _unix(value)
    if not isinstance(value, str):
        raise ValueError("neither a text nor a number")
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return _unix(float(text))
    try:
        if script := _JAVASCRIPT.fullmatch(text):
            month = 1 + _MONTHS.index(script["month"])
            date = f"{script['year']}-{month:02}-{int(script['day']):02}"
            time = datetime.fromisoformat(f"{date}T{script['time']}{script['zone'] or '+0000'}")
        elif text[:1].isalpha():
            time = parsedate_to_datetime(text)
        else:
            time = datetime.fromisoformat(re.sub(COLONS, DASHES, text))
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        raise ValueError("no time in a form that is known") from None


def _unix(number: float) -> datetime:
    if not SECONDS_BEGIN <= number <= MILLISECONDS_END:
        raise ValueError("a number beyond time")
    unit = "seconds" if number < SECONDS_END else "milliseconds"
    return _EPOCH + timedelta(**{unit: number})


def in_utc(value: Any) -> Any:
    """A moment from a database in UTC; any other value as it is."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value
