"""Fields that the API sends otherwise than known are reported: after the load, in its summary,
and by `status` on a machine that has never seen the account."""

import json
import shutil
from typing import Any

import pytest

from tests.conftest import Alter
from tests.workplace import Workplace, simulated

Reported = set[tuple[str, str, str]]


def _reported(text: str) -> Reported:
    """Feed, field and drift of each line of the table of drift."""
    lines = (line.split() for line in text.splitlines())
    return {
        (words[0], words[1], words[2])
        for words in lines
        if len(words) > 2 and words[2] in ("new", "retyped", "missing")
    }


def _load(workplace: Workplace, *arguments: str) -> tuple[Reported, Reported]:
    """What a load reports at its end, and what its summary says."""
    result = workplace.run("load", "--no-reports", "--summary", "load.json", *arguments)
    assert result.code == 0, result.err
    drift = json.loads((workplace.folder / "load.json").read_text())["drift"]
    return _reported(result.out), {(d["feed"], d["field"], d["drift"]) for d in drift}


def _status(workplace: Workplace) -> Reported:
    """What a machine reports that has nothing but the destination."""
    shutil.rmtree(workplace.folder / "dlt", ignore_errors=True)
    return _reported(workplace.run("status").out)


@pytest.mark.slow
@pytest.mark.parametrize("extra_fields", [False, True])
@pytest.mark.parametrize("region", ["v1", "global"])
def test_an_api_as_it_is_known_is_no_drift(
    workplace: Workplace, region: str, extra_fields: bool
) -> None:
    with simulated(airmeets=6, extra_fields=extra_fields) as (_, address):
        workplace.point_at(address.v1 if region == "v1" else address.gateway, region)
        assert _load(workplace) == (set(), set())
    assert _status(workplace) == set()


@pytest.mark.slow
def test_new_retyped_and_missing_fields_are_reported(workplace: Workplace, alter: Alter) -> None:
    def changed(rows: list[dict[str, Any]]) -> None:
        for number, row in enumerate(rows):
            row["seatNumber"] = number
            row["country"] = None  # null is not missing
            del row["city"]

    expected = {
        ("registrations", "seat_number", "new"),
        ("registrations", "city", "missing"),
        ("sessions", "duration", "retyped"),
        ("airmeets", "timezone", "missing"),
        ("airmeets", "plan", "new"),
    }
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        assert _load(workplace) == (set(), set())
        alter(simulator, "/registrations", changed)
        alter(simulator, "/info", lambda rows: [row.update(duration="an hour") for row in rows])
        alter(simulator, "/airmeets", _without_a_zone)
        assert _load(workplace, "--full-refresh") == (expected, expected)
    assert _status(workplace) == expected
    assert "duration_text" in workplace.run("status").out


def _without_a_zone(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        del row["timezone"]
        row["plan"] = "business"


@pytest.mark.slow
def test_a_field_that_one_row_carries_is_not_missing(workplace: Workplace, alter: Alter) -> None:
    """Nor is one of a feed that brought no rows."""
    left: list[dict[str, Any]] = []

    def all_but_one(rows: list[dict[str, Any]]) -> None:
        for row in rows[bool(not left) :]:
            del row["city"]
        left.extend(rows[:1])

    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/registrations", all_but_one)
        alter(simulator, "/custom-fields", list.clear)
        assert _load(workplace) == (set(), set())
    assert _status(workplace) == set()


@pytest.mark.slow
def test_a_field_that_comes_back_is_missing_no_more(workplace: Workplace, alter: Alter) -> None:
    with simulated(airmeets=3) as (lost, address):
        workplace.point_at(address.v1)
        alter(lost, "/registrations", lambda rows: [row.pop("city") for row in rows])
        assert _load(workplace)[0] == {("registrations", "city", "missing")}
    with simulated(airmeets=3) as (_, address):
        workplace.point_at(address.v1)
        assert _load(workplace, "--full-refresh") == (set(), set())
    assert _status(workplace) == set()


@pytest.mark.slow
def test_a_run_that_brings_nothing_of_a_feed_leaves_its_drift(
    workplace: Workplace, alter: Alter
) -> None:
    missing = ("registrations", "city", "missing")
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/registrations", lambda rows: [row.pop("city") for row in rows])
        assert _load(workplace)[0] == {missing}
        assert _load(workplace, "--only", "sessions", "--full-refresh") == (set(), set())
    assert _status(workplace) == {missing}
