"""What a load is to do, on each destination: each test begins with an empty one."""

from collections.abc import Iterator
from typing import Any

import pytest
from airmeet_etl.erase.person import Person
from airmeet_etl.erase.trace_search import traces_in_destination
from airmeet_etl.reports.destination import full_name, open_client
from airmeet_etl.warehouse import lease
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.conftest import Alter
from tests.engines.conformance.places import Place
from tests.engines.conformance.stand import AIRMEETS, REGISTRATIONS, Stand, pointed
from tests.privacy.test_erase import is_of, somebody
from tests.privacy.traces import traces
from tests.trust.killing import killed
from tests.trust.several import Loaders
from tests.workplace import TABLES, Workplace, assert_same_rows, simulated

pytestmark = pytest.mark.slow


@pytest.fixture
def stand(place: Place, workplace: Workplace, request: pytest.FixtureRequest) -> Iterator[Stand]:
    with (
        simulated(AIRMEETS, REGISTRATIONS) as (simulator, address),
        place.opened(workplace.folder, request) as settings,
    ):
        pointed(workplace, settings, address)
        yield Stand(place, workplace, simulator, address)


def asked(stand: Stand) -> dict[str, int]:
    """How many requests each feed had in the last load."""
    found: dict[str, int] = {}
    for entry in stand.simulator.requests.entries:
        found[entry.feed] = found.get(entry.feed, 0) + 1
    return found


def traced(stand: Stand, address: str) -> set[str]:
    """Where the search for what is left finds a person: `dataset.table.column`."""
    pipeline = open_pipeline(stand.place.name)
    person = Person(frozenset({address}))
    return {place.partition(" ")[0] for place in traces_in_destination(pipeline, person)}


def test_check(stand: Stand) -> None:
    assert "dataset airmeet is new" in stand.run("check").out
    assert stand.datasets() == set()


def test_load(stand: Stand) -> None:
    stand.load()
    stand.truth_is_loaded()
    assert all(line["is_final"] for line in stand.rows("feed_syncs"))


def test_nothing_new(stand: Stand) -> None:
    stand.load()
    stand.load()
    assert asked(stand) == {"airmeets": 1}
    stand.truth_is_loaded()


def test_changes(stand: Stand) -> None:
    stand.load()
    first, second = (airmeet.uid for airmeet in stand.simulator.airmeets())
    stand.simulator.edit_airmeet(first, name="Called otherwise")
    stand.simulator.break_feed(first, "questions", "500")
    stand.simulator.archive_airmeet(second)
    questions, airmeets = stand.rows("questions"), len(stand.rows("airmeets"))
    stand.simulator.forget_exports()
    stand.run("load --no-reports", code=3)
    assert stand.rows("questions") == questions
    assert len(stand.rows("airmeets")) == airmeets
    stand.simulator.mend_feed(first, "questions")
    stand.simulator.archive_airmeet(second, archived=False)
    # On another machine: the ledger is at the destination.
    stand.workplace.set(DLT_DATA_DIR=stand.folder / "new_machine")
    stand.load()
    assert {e.feed for e in stand.simulator.requests.entries if e.airmeet_id == first} == {
        "questions"
    }
    stand.truth_is_loaded()


def test_deletes(stand: Stand) -> None:
    stand.load()
    first, _ = (airmeet.uid for airmeet in stand.simulator.airmeets())
    gone = str(next(iter(stand.simulator.truth("registrations")))["email"])
    stand.simulator.edit_airmeet(first, name="Called otherwise")
    stand.simulator.remove_registration(first, gone)
    stand.simulator.clear_feed(first, "session_attendance")
    stand.simulator.forget_exports()
    stand.load()
    stand.truth_is_loaded()
    assert first not in {row["airmeet_id"] for row in stand.rows("session_attendance")}


def test_a_new_column(stand: Stand, alter: Alter) -> None:
    stand.load()
    alter(stand.simulator, "/registrations", lambda rows: [r.update(seatNumber=7) for r in rows])
    stand.load("--full-refresh")
    rows = stand.rows("registrations")
    assert {row.pop("seat_number") for row in rows} == {7}
    assert_same_rows(rows, stand.simulator.truth("registrations"))


def test_full_refresh(stand: Stand) -> None:
    stand.load()
    stand.load("--full-refresh")
    assert sum(asked(stand).values()) > len(TABLES)
    stand.truth_is_loaded()


def test_repair(stand: Stand) -> None:
    """What was deleted by hand is fetched again."""
    stand.load()
    first, _ = (airmeet.uid for airmeet in stand.simulator.airmeets())
    with open_client(open_pipeline(stand.place.name), "airmeet") as client:
        table = full_name(client, "questions")
        client.sql_client.execute_sql(f"DELETE FROM {table} WHERE airmeet_id = '{first}'")
    damaged = stand.run("load", code=3)  # what checks find is made due again
    assert f"fetches again what is damaged: questions of {first}" in damaged.out + damaged.err
    lines = {
        line["feed"]: line["is_final"]
        for line in stand.rows("feed_syncs")
        if line["airmeet_id"] == first
    }
    assert [feed for feed, is_final in lines.items() if not is_final] == ["questions"]
    stand.load()
    stand.truth_is_loaded()


def test_kill(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a first load, and of the one that goes on with it."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 5.0)  # of a dead one; else two minutes
    for number, moment in enumerate(stand.place.killed_at):
        command = ["load", "--no-reports", "--destination", stand.place.name]
        killed(moment, command if not number else [*command, "--full-refresh"])
        stand.load()
        assert sum(asked(stand).values()) <= 2
        stand.truth_is_loaded()


class _Loaders(Loaders):
    """Loaders of a stand."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.destination = stand.place.name

    @property
    def folder(self) -> Any:
        return self.stand.folder


def test_a_second_loader(stand: Stand) -> None:
    loaders = _Loaders(stand)
    refresh = "load --no-reports --full-refresh"
    assert loaders.at_once("load --no-reports", refresh) == [0, 0], loaders.said()
    stand.truth_is_loaded()
    assert len(stand.rows("feed_syncs")) == len(
        {(line["airmeet_id"], line["feed"]) for line in stand.rows("feed_syncs")}
    )


def test_erase(stand: Stand, alter: Alter) -> None:
    address, name = somebody(stand.simulator)
    faqs = [{"question": "Who answers?", "answer": f"{address} does"}]
    alter(stand.simulator, "/booth/public", lambda rows: [row.update(faqs=faqs) for row in rows])
    stand.run("load")
    assert address in stand.held()
    places = traced(stand, address)
    assert {"airmeet.registrations.email", "airmeet_reports.people.person"} <= places
    stand.run("erase", "--email", address, "--yes")
    assert address not in stand.held() and name.lower() not in stand.held()
    assert all("Who answers?" in str(booth["faqs"]) for booth in stand.rows("booths"))
    stand.run("load --no-reports --full-refresh")
    assert address not in stand.held() and name.lower() not in stand.held()
    left = traces(stand.folder, (address, name))
    kept_by_the_server = stand.place.server_folder
    assert not {
        file for file in left if not kept_by_the_server or not file.startswith(kept_by_the_server)
    }
    for table in set(TABLES) - {"session_people"}:
        others = [{**row} for row in stand.simulator.truth(table) if not is_of({**row}, address)]
        found = stand.rows(table)
        for row in (*found, *others) if table == "booths" else ():
            row.pop("faqs")
        assert_same_rows(found, others)
