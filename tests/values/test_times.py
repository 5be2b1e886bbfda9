"""Every form of a time that the field sends is a time; everything else raises one kind of error."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from airmeet.times import as_time
from hypothesis import example, given, settings
from hypothesis import strategies as st

CHRISTMAS = datetime(2021, 12, 25, 12, 20, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2021-12-25T12:20:56Z",
        "2021-12-25T12:20:56.000Z",
        " 2021-12-25 12:20:56 ",
        "2021-12-25T17:50:56+05:30",
        "2021:12:25T12:20:56.00Z",
        "2021:12:25 12:20:56",
        1640434856,
        "1640434856",
        1640434856000,
        "1640434856000",
        1640434856.0,
        "Sat Dec 25 2021 12:20:56 GMT+0000 (Coordinated Universal Time)",
        "Sat Dec 25 2021 17:50:56 GMT+0530 (India Standard Time)",
        "Sat Dec 25 2021 12:20:56 GMT",
        "Sat, 25 Dec 2021 12:20:56 GMT",
    ],
)
def test_a_form_of_the_field_is_a_time(value: Any) -> None:
    assert as_time(value) == CHRISTMAS


@pytest.mark.parametrize("month", range(1, 13))
def test_javascript_names_the_months_in_english(month: int) -> None:
    day = datetime(2024, month, 1, 3, 4, 5, tzinfo=UTC)
    assert as_time(f"Mon {day:%b} 1 2024 03:04:05 GMT+0000 (Coordinated Universal Time)") == day


@pytest.mark.parametrize(
    "value",
    [
        20261001, 0, -1, 12345, 1e300, 10**400, float("inf"), float("nan"), "1" * 400, True, None,
        {}, [], "", "soon", "Sat Dec 99 2021 12:20:56 GMT+0000", "Monday", "2021-13-01T00:00:00Z",
        "Sat Dez 25 2021 12:20:56 GMT", "9999-12-31T23:59:59.000Z", "0001-01-01T00:00:00Z",
        "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00",
        "-0001-01-01T00:00:00Z", "12:20:56",
    ],
)  # fmt: skip
def test_what_is_no_time_or_beyond_them_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        as_time(value)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.from_regex(r"\A[A-Z][a-z]{2}[ ,] ?[A-Za-z0-9 :+,]*\Z"),
        st.from_regex(r"\A\d{1,5}[-:]\d\d[-:]\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?\Z"),
    )
)
@example("Sat Dec 25 99999 12:20:56 GMT+9999")
def test_a_time_is_within_the_years_of_every_zone_or_refused(value: Any) -> None:
    try:
        time = as_time(value)
    except ValueError:
        return
    for hours in (-23, 23):
        assert time.astimezone(timezone(timedelta(hours=hours))).tzinfo is not None
