"""What the API sends beyond its specification, or otherwise than before, never stops a load."""

from typing import Any

import pytest

from tests.conftest import Alter
from tests.workplace import Workplace, simulated


def _load(workplace: Workplace) -> None:
    result = workplace.run("load", "--full-refresh", "--no-reports")
    assert result.code == 0, result.err


@pytest.mark.slow
def test_a_new_field_keeps_its_kind_and_its_other_values(
    workplace: Workplace, alter: Alter
) -> None:
    def every_second(rows: list[dict[str, Any]]) -> None:
        for number, row in enumerate(rows):
            row["seatNumber"] = number if number % 2 else f"row {number}"

    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/registrations", lambda rows: [r.update(seatNumber=7) for r in rows])
        _load(workplace)
        alter(simulator, "/registrations", every_second)
        _load(workplace)
    seats = workplace.sql("select seat_number, seat_number_text from airmeet.registrations")
    numbers = {type(number) for number, _ in seats if number is not None}
    texts = {text for _, text in seats if text is not None}
    assert numbers == {int}
    assert texts and all(text.startswith("row ") for text in texts)
    [(error,)] = workplace.sql(
        "select distinct error from airmeet.feed_syncs "
        "where feed = 'registrations' and error is not null"
    )
    assert "seat_number_text" in error


def test_a_retyped_field_goes_to_a_text_column(workplace: Workplace, alter: Alter) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/info", lambda rows: [r.update(duration="half an hour") for r in rows])
        alter(simulator, "/registrations", lambda rows: [r.update(name=["A", 1]) for r in rows])
        _load(workplace)
    assert workplace.sql("select distinct duration, duration_text from airmeet.sessions") == [
        (None, "half an hour")
    ]
    assert workplace.sql("select distinct name from airmeet.registrations") == [('["A",1]',)]


@pytest.mark.slow
def test_rows_of_no_sense_fail_their_own_feed(workplace: Workplace, alter: Alter) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/polls", lambda rows: [r.update(polls="none") for r in rows])
        result = workplace.run("load", "--no-reports")
    assert result.code == 3
    assert "polls is not a list of objects" in result.out
    statuses = workplace.sql("select distinct feed from airmeet.feed_syncs where status = 'failed'")
    assert statuses == [("poll_responses",)]


def test_an_airmeet_without_an_id_is_counted(workplace: Workplace, alter: Alter) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        alter(simulator, "/airmeets", lambda rows: rows.append({"name": "nobody's"}))
        result = workplace.run("load", "--no-reports")
    assert result.code == 0
    assert "1 listed airmeet(s) bear no uid" in result.out
    assert workplace.sql("select count(*) from airmeet.airmeets") == [(3,)]
