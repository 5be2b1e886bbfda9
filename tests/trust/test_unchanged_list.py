"""A list of airmeets that is as it was loaded is not loaded again; nothing is missed for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace, first_load, simulated


@contextmanager
def listed_once(workplace: Workplace) -> Iterator[Simulator]:
    with simulated(airmeets=6) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        yield simulator


def load(workplace: Workplace, *arguments: str) -> str:
    """Load the list and nothing else that is due; what the command says."""
    result = workplace.run("load", "--no-reports", "--since", "2100-01-01", *arguments)
    assert result.code == 0, result.err
    return result.out


def seen(workplace: Workplace) -> tuple[Any, ...]:
    [found] = workplace.sql(
        "select min(last_listed_at), max(last_listed_at), count(*) from airmeet.airmeets"
    )
    return found


def test_it_is_noted_as_seen_without_a_package(workplace: Workplace) -> None:
    with listed_once(workplace):
        load(workplace)  # the first one may have left something to note
        before = seen(workplace)
        assert "0 package(s)" in load(workplace)
    after = seen(workplace)
    assert after[0] == after[1] > before[1]
    assert after[2] == before[2]


@pytest.mark.parametrize(
    "damage",
    [
        "delete from airmeet.airmeets where airmeet_id = (select min(airmeet_id) from {})",
        "update airmeet._dlt_loads set status = 1",
        "delete from airmeet._dlt_pipeline_state",
    ],
    ids=["a row", "a package", "the state"],
)
def test_what_is_lost_comes_back(workplace: Workplace, damage: str) -> None:
    with listed_once(workplace) as simulator:
        workplace.execute(damage.format("airmeet.airmeets"))
        load(workplace)
        assert seen(workplace)[2] == len(simulator.airmeets())


def test_a_changed_name_arrives(workplace: Workplace) -> None:
    with listed_once(workplace) as simulator:
        airmeet = simulator.airmeets()[0].uid
        simulator.edit_airmeet(airmeet, name="Another name")
        assert "1 package(s)" in load(workplace)
    [(name,)] = workplace.sql(f"select name from airmeet.airmeets where airmeet_id = '{airmeet}'")
    assert name == "Another name"


def test_one_that_left_the_list_is_seen_no_more(workplace: Workplace) -> None:
    with listed_once(workplace) as simulator:
        simulator.archive_airmeet(simulator.airmeets()[0].uid)
        load(workplace)
        load(workplace)
    first, last, count = seen(workplace)
    assert first < last and count == 6


def test_a_list_that_became_empty_is_said_and_takes_nothing_away(workplace: Workplace) -> None:
    with listed_once(workplace) as simulator:
        for airmeet in simulator.airmeets():
            simulator.archive_airmeet(airmeet.uid)
        for _ in range(2):
            result = workplace.run("load", "--no-reports")
            assert result.code == 0
            assert "Airmeet lists no airmeets any more, where it listed 6;" in result.err
    assert seen(workplace)[2] == 6


def test_a_full_refresh_brings_it_anew(workplace: Workplace) -> None:
    with listed_once(workplace):
        workplace.execute("update airmeet.airmeets set name = 'by hand'")
        load(workplace)
        load(workplace, "--full-refresh")
    assert workplace.sql("select count(*) from airmeet.airmeets where name = 'by hand'") == [(0,)]
