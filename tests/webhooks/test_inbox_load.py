"""Deliveries reach the warehouse once each, whatever is killed, and are a hint alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airmeet_simulator.simulator import Simulator

from tests.trust.killing import Moment, killed
from tests.webhooks.conftest import SECRET, Listener
from tests.workplace import Workplace

Start = Callable[..., Listener]
CLICK = "trigger.attendee.clicked_cta"
ADDED = "trigger.airmeet.attendee.added"

MOMENTS = {
    "before the package is made": Moment("dlt.normalize.normalize:Normalize.run"),
    "before it is loaded": Moment("dlt.load.load:Load.load_single_package"),
    "with some tables merged": Moment(
        "dlt.destinations.job_client_impl:SqlLoadJob.run", late=True, call=2
    ),
    "once it is committed": Moment("dlt.load.load:Load.complete_package", late=True),
    "before the ledger knows what is due": Moment("airmeet_etl.load.inbox:make_due"),
    "with the files still there": Moment("airmeet_etl.load.inbox:make_due", late=True),
}


def click(number: int, airmeet: str = "a1") -> dict[str, Any]:
    return {
        "email": f"p{number}@example.com",
        "airmeetId": airmeet,
        "cta_text": "Book a demo",
        "cta_link": "https://shop.example.com/demo",
        "click": number,
    }


def clickers(workplace: Workplace, table: str = "webhook_events") -> list[str]:
    rows = workplace.sql(f"select person from airmeet.{table} order by 1")
    return [person for (person,) in rows]


def asked(workplace: Workplace, airmeet: str) -> dict[str, Any]:
    """When each feed of an airmeet was last fetched."""
    query = "select feed, loaded_at from airmeet.feed_syncs where airmeet_id = "
    return dict(workplace.sql(f"{query}'{airmeet}'"))


def everybody(count: int) -> list[str]:
    return sorted(f"p{number}@example.com" for number in range(count))


def test_without_an_inbox_nothing_is_there(workplace: Workplace, simulator: Simulator) -> None:
    result = workplace.run("load", "--no-reports")
    assert result.code == 0, result.err
    tables = workplace.sql("select table_name from duckdb_tables()")
    assert not {"webhook_events", "cta_clicks"} & {name for (name,) in tables}
    assert "webhook" not in result.out + result.err


def test_each_delivery_is_a_row_and_the_files_go(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Start
) -> None:
    listener = listen()
    assert listener.deliver(CLICK, click(0), click(1), click(1), click(2)) == [200] * 4
    assert len([*inbox.glob("*.jsonl")]) == 4
    result = workplace.run("load", "--no-reports")
    assert result.code == 0, result.err
    assert "took up 3 deliveries" in result.err
    assert [*inbox.glob("*.jsonl")] == []
    assert clickers(workplace) == clickers(workplace, "cta_clicks") == everybody(3)
    # What was taken up before is not taken up again.
    assert listener.deliver(CLICK, click(1)) == [200]
    assert workplace.run("load", "--no-reports").code == 0
    assert clickers(workplace) == everybody(3)
    assert listener.stop() == 0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if number in (2, 5) else [pytest.mark.long])
        for number, name in enumerate(MOMENTS)
    ],
)
def test_a_load_that_is_killed_loses_and_doubles_nothing(
    name: str, workplace: Workplace, simulator: Simulator, inbox: Path, listen: Start
) -> None:
    assert workplace.run("load", "--no-reports").code == 0
    airmeet = simulator.truth("airmeets")[0]["airmeet_id"]
    listener = listen()
    listener.deliver(ADDED, {"email": "new@example.com", "airmeetId": airmeet})
    listener.burst(CLICK, [click(number) for number in range(40)])
    killed(MOMENTS[name], ["load", "--no-reports"])
    assert workplace.run("load", "--no-reports").code == 0
    assert clickers(workplace, "cta_clicks") == everybody(40)
    assert len(clickers(workplace)) == 41
    assert [*inbox.glob("*.jsonl")] == []


def deliver_with_kills(workplace: Workplace, listen: Start, count: int, bursts: int) -> None:
    """Deliver in bursts; the receiver is killed in each, and whoever was not answered sends again,
    as does everybody of every third burst; each other load is killed."""
    size = count // bursts
    listener = listen()
    # Clicks make nothing due: the moments of that are not reached.
    kills = [moment for moment in MOMENTS.values() if not moment.where.endswith(":make_due")]
    for burst in range(bursts):
        payloads = [click(number) for number in range(burst * size, (burst + 1) * size)]
        half = listener.burst(CLICK, payloads[: size // 2])
        doomed = listener
        with_kill = payloads[size // 2 :]
        statuses = listener.burst(CLICK, with_kill[: size // 4])
        doomed.kill()
        statuses += listener.burst(CLICK, with_kill[size // 4 :])
        listener = listen()
        again = [p for p, s in zip(payloads, half + statuses, strict=True) if s != 200]
        assert again, "the kill came too late to be one"
        assert {*listener.burst(CLICK, payloads if burst % 3 == 0 else again)} == {200}
        if burst % 2:
            killed(kills[burst // 2 % len(kills)], ["load", "--no-reports"])
        else:
            assert workplace.run("load", "--no-reports").code == 0
    assert workplace.run("load", "--no-reports").code == 0
    assert clickers(workplace) == clickers(workplace, "cta_clicks") == everybody(count)


@pytest.mark.long
def test_receiver_and_loader_are_killed_in_bursts(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Start
) -> None:
    deliver_with_kills(workplace, listen, 500, 4)


@pytest.mark.long
@pytest.mark.slow
def test_ten_thousand_deliveries_with_kills(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Start
) -> None:
    deliver_with_kills(workplace, listen, 10_000, 10)


@pytest.mark.long
def test_a_registration_makes_that_feed_of_that_airmeet_due_alone(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Start
) -> None:
    assert workplace.run("load", "--no-reports").code == 0
    [(airmeet,)] = workplace.sql(
        "select airmeet_id from airmeet.feed_syncs group by 1 having bool_and(is_final) limit 1"
    )
    assert workplace.run("load", "--no-reports").code == 0
    workplace.execute("update airmeet.feed_syncs set checked_at = now()")
    before = asked(workplace, airmeet)
    listener = listen()
    added = {"email": "ghost@example.com", "airmeetId": airmeet, "name": "A Ghost"}
    assert listener.deliver(ADDED, added) == [200]
    result = workplace.run("load", "--no-reports")
    assert result.code == 0, result.err
    assert "1 feed(s) are due again" in result.err
    after = asked(workplace, airmeet)
    assert [feed for feed, moment in after.items() if moment != before[feed]] == ["registrations"]
    # It was a hint: Airmeet does not list this person.
    assert workplace.sql(
        "select count(*) from airmeet.registrations where person = 'ghost@example.com'"
    ) == [(0,)]


def test_what_cannot_be_read_is_kept_named_and_holds_nothing_up(
    workplace: Workplace, simulator: Simulator, inbox: Path, listen: Start
) -> None:
    listener = listen()
    assert listener.post(f"/{SECRET}/{CLICK}", b"{not json") == 200
    assert listener.post(f"/{SECRET}/{CLICK}", b"\xff\xfe") == 200
    assert listener.deliver(CLICK, click(0)) == [200]
    result = workplace.run("load", "--no-reports")
    assert result.code == 0, result.err
    assert "2 of them cannot be read" in result.err
    found = workplace.sql("select error is null, count(*) from airmeet.webhook_events group by 1")
    assert dict(found) == {True: 1, False: 2}
    kept = {path.read_bytes() for path in (inbox / "unreadable").iterdir()}
    assert kept == {b"{not json", b"\xff\xfe"}
    assert clickers(workplace, "cta_clicks") == everybody(1)


def test_an_inbox_that_cannot_be_read_does_not_hold_the_feeds_up(
    workplace: Workplace, simulator: Simulator, inbox: Path
) -> None:
    inbox.mkdir()
    (inbox / "0-x.jsonl").mkdir()
    result = workplace.run("load", "--no-reports")
    assert result.code == 3
    assert "could not be taken up" in result.err
    assert workplace.rows("registrations")
