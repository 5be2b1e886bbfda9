"""What the API sends beyond its specification, or otherwise than before, never stops a load."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from simulator.simulator import Simulator
from tests.desk import Workplace, simulated

Change = Callable[[list[dict[str, Any]]], object]


@pytest.fixture
def altered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Simulator, str, Change], None]:
    """Alters the rows that a simulator sends for a path's ending."""

    def alter(simulator: Simulator, ending: str, change: Change) -> None:
        respond = simulator.respond

        def altering(method: str, path: str, *others: Any, **named: Any) -> Any:
            answer = respond(method, path, *others, **named)
            if not path.endswith(ending) or answer.status != 200:
                return answer
            body = orjson.loads(answer.body)
            change(next(value for value in body.values() if isinstance(value, list)))
            return replace(answer, body=orjson.dumps(body))

        monkeypatch.setattr(simulator, "respond", altering)

    return alter


def _load(workplace: Workplace) -> None:
    result = workplace.run("load", "--full-refresh", "--no-reports")
    assert result.code == 0, result.err


def test_a_new_field_keeps_its_kind_and_its_other_values(
    workplace: Workplace, altered: Callable[[Simulator, str, Change], None]
) -> None:
    def every_second(rows: list[dict[str, Any]]) -> None:
        for number, row in enumerate(rows):
            row["seatNumber"] = number if number % 2 else f"row {number}"

    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        altered(simulator, "/registrations", lambda rows: [r.update(seatNumber=7) for r in rows])
        _load(workplace)
        altered(simulator, "/registrations", every_second)
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


def test_a_retyped_field_goes_to_a_text_column(
    workplace: Workplace, altered: Callable[[Simulator, str, Change], None]
) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        altered(simulator, "/info", lambda rows: [r.update(duration="half an hour") for r in rows])
        altered(simulator, "/registrations", lambda rows: [r.update(name=["A", 1]) for r in rows])
        _load(workplace)
    assert workplace.sql("select distinct duration, duration_text from airmeet.sessions") == [
        (None, "half an hour")
    ]
    assert workplace.sql("select distinct name from airmeet.registrations") == [('["A",1]',)]


def test_rows_of_no_sense_fail_their_own_feed(
    workplace: Workplace, altered: Callable[[Simulator, str, Change], None]
) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        altered(simulator, "/polls", lambda rows: [r.update(polls="none") for r in rows])
        result = workplace.run("load", "--no-reports")
    assert result.code == 3
    assert "polls is not a list of objects" in result.out
    statuses = workplace.sql("select distinct feed from airmeet.feed_syncs where status = 'failed'")
    assert statuses == [("poll_responses",)]


def test_an_airmeet_without_an_id_is_counted(
    workplace: Workplace, altered: Callable[[Simulator, str, Change], None]
) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        altered(simulator, "/airmeets", lambda rows: rows.append({"name": "nobody's"}))
        result = workplace.run("load", "--no-reports")
    assert result.code == 0
    assert "1 listed airmeet(s) bear no uid" in result.out
    assert workplace.sql("select count(*) from airmeet.airmeets") == [(3,)]
