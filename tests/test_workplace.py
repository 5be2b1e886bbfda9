"""The comparison of rows with the simulator's truth."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workplace import assert_same_rows

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ({"name": "007"}, {"name": "007"}),
        ({"name": "7", "country": None}, {"name": "7"}),
        ({"time_spent": 400}, {"time_spent": "400"}),
        ({"start_time": AT}, {"start_time": "2026-03-01T09:30:00Z"}),
        ({"start_time": AT}, {"start_time": int(AT.timestamp() * 1000)}),
        ({"tags": '["a", 1]'}, {"tags": ["a", 1]}),
    ],
)
def test_rows_are_equal(stored: dict[str, Any], sent: dict[str, Any]) -> None:
    assert_same_rows([stored], [sent])


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ({"name": 7}, {"name": "7"}),
        ({"name": "7"}, {"name": "007"}),
        ({"name": "7"}, {"name": 7}),
        ({"time_spent": "400"}, {"time_spent": "400"}),
        ({"tags": '["1"]'}, {"tags": [1]}),
        ({"name": "a"}, {}),
    ],
)
def test_rows_differ(stored: dict[str, Any], sent: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"[01] rows missing"):
        assert_same_rows([stored], [sent])


def test_each_row_counts() -> None:
    with pytest.raises(AssertionError, match="1 rows missing"):
        assert_same_rows([{"name": "a"}], [{"name": "a"}, {"name": "a"}])
