"""The lock of a dataset at its destination: who waits, for whom it says so, and how it ends."""

import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import duckdb
import pytest
from airmeet_etl.warehouse import lease, patience
from airmeet_etl.warehouse.advisory_lock import AdvisoryLock
from airmeet_etl.warehouse.destination_lock import DestinationLock
from airmeet_etl.warehouse.file_lock import CatalogFileLock
from airmeet_etl.warehouse.lease import Lease
from airmeet_etl.warehouse.patience import DatasetBusy, Holder, LockLost, wait_for
from airmeet_etl.warehouse.warehouse import open_pipeline
from dlt.destinations.job_client_impl import SqlJobClientBase

from tests.ducklake import install_extensions
from tests.postgres_server import query
from tests.trust.conftest import MakeScenario
from tests.trust.scenario import LoadScenario
from tests.unattended.test_reading_commands import held
from tests.workplace import Workplace

POSTGRES = ("--destination", "postgres")
BUSY = re.compile(
    r"airmeet load \(host \S+, process \d+, since \d\d:\d\d UTC\) still writes into the dataset "
    r"airmeet after a wait of 0 minutes; run again once it has ended, or end it if it hangs"
)
WAITS = re.compile(
    r"^waiting for airmeet load \(host \S+, process \d+, since \d\d:\d\d UTC\), which writes into "
    r"the dataset airmeet$",
    re.MULTILINE,
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.0)


@pytest.fixture
def postgres(make_scenario: MakeScenario, database: str) -> LoadScenario:
    scenario = make_scenario(airmeets=2)
    scenario.workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    return scenario


def test_who_waits_on_postgres_says_for_whom_and_gives_up(
    postgres: LoadScenario, impatient: None
) -> None:
    lock = DestinationLock(open_pipeline("postgres"), "load")
    with lock.held():
        result = postgres.load(*POSTGRES, code=1)
        reports = postgres.workplace.run("reports", *POSTGRES)
    assert len(WAITS.findall(result.err)) == 1 and BUSY.search(result.err)
    assert f"process {os.getpid()}" in result.err
    assert "none@" not in result.err, "the password"
    assert not postgres.entries, "something was asked for"
    assert reports.code == 1 and BUSY.search(reports.err)
    postgres.load(*POSTGRES)


def test_what_is_committed_is_kept_where_the_rest_has_to_wait(
    postgres: LoadScenario, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second package finds the dataset taken: the exit code is that of a part."""
    monkeypatch.setattr("airmeet_etl.load.load.PACKAGE_ROWS", 1)
    other = DestinationLock(open_pipeline("postgres"), "load").held()
    load, calls = AdvisoryLock.release, count(1)

    def released(self: AdvisoryLock) -> None:
        load(self)
        if next(calls) == 2:  # of what comes before packages, and of the first one
            other.__enter__()

    monkeypatch.setattr(AdvisoryLock, "release", released)
    result = postgres.load(*POSTGRES, code=3)
    assert BUSY.search(result.out + result.err)
    monkeypatch.undo()


def test_a_lock_of_a_connection_that_broke_is_noticed(
    postgres: LoadScenario, database: str
) -> None:
    lock = DestinationLock(open_pipeline("postgres"), "load")
    with pytest.raises(LockLost, match="run again"), lock.held():
        query(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name like 'airmeet load %'",
        )
    with lock.held(), lock.held():
        pass


def test_a_package_that_was_not_alone_is_fetched_again(
    postgres: LoadScenario, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_held = AdvisoryLock.is_held
    answers = iter([True, False])  # while nothing is loaded yet, and of the package
    monkeypatch.setattr(AdvisoryLock, "is_held", lambda self: next(answers, True))
    result = postgres.load(*POSTGRES, code=1)
    assert "fetched once more" in result.err
    monkeypatch.setattr(AdvisoryLock, "is_held", is_held)
    postgres.load(*POSTGRES)
    assert postgres.asked().total() > 2


@pytest.mark.engine
def test_the_lock_of_a_lake_is_beside_its_catalog(workplace: Workplace, impatient: None) -> None:
    install_extensions(workplace)
    catalog = Path("ducklake.sqlite").absolute()
    other = CatalogFileLock(catalog, "reports")
    lines: list[str] = []
    lock = DestinationLock(open_pipeline("ducklake"), "load", lines.append)
    assert other.take(0)
    with pytest.raises(DatasetBusy), lock.held():
        pass
    assert re.match(r"waiting for airmeet reports \(host \S+, process \d+, since", lines[0])
    other.release()
    with lock.held():
        assert not other.take(0)
    assert other.take(0)
    other.release()


def test_a_load_waits_for_whoever_has_the_duckdb_file_open(
    scenario: LoadScenario, impatient: None
) -> None:
    duckdb.connect(str(scenario.workplace.file)).close()
    with held(scenario.workplace.file) as process:
        result = scenario.load(code=1)
        assert f"process {process}, which has {scenario.workplace.file} open" in result.err
        assert result.err.count("\n") == 2
        erased = scenario.workplace.run("erase", "--email", "ann@example.com", "--yes")
        assert (erased.code, erased.err.count("waiting for")) == (1, 1)
    scenario.load()


def test_a_wait_ends_when_its_time_is_over() -> None:
    clock = count(step=10.0)
    lines: list[str] = []

    def wait(attempts: Iterator[bool]) -> None:
        wait_for(
            lambda seconds: next(attempts),
            lambda: Holder("load", "elsewhere", "12"),
            "writes",
            lines.append,
            patience=60,
            clock=lambda: next(clock),
        )

    wait(iter([True]))
    assert not lines
    wait(iter([False, False, True]))
    assert lines == ["waiting for airmeet load (host elsewhere, process 12), which writes"]
    with pytest.raises(DatasetBusy, match="a wait of 1 minutes"):
        wait(iter([False] * 9))


Leases = tuple[Lease, Lease, list[float]]


@pytest.fixture
def leases(postgres: LoadScenario, monkeypatch: pytest.MonkeyPatch) -> Leases:
    """Two leases of one dataset, and the time that the second one's clock shows."""
    monkeypatch.setattr(lease, "BEAT_SECONDS", 1000.0)
    now = [0.0]
    pipeline = open_pipeline("postgres")
    first = Lease(pipeline, "load", pause=lambda seconds: None)
    second = Lease(pipeline, "reports", lambda: now[0], lambda seconds: None)
    return first, second, now


def test_a_lease_has_one_holder(leases: Leases) -> None:
    first, second, _ = leases
    assert first.take(0) and first.is_held()
    assert not second.take(0) and not second.is_held()
    assert str(second.holder()).startswith("airmeet load (host ")
    first.release()
    assert second.take(0) and second.is_held() and not first.is_held()
    second.release()


def test_a_lease_whose_holder_died_is_taken_over_and_no_other(
    leases: Leases,
) -> None:
    first, second, now = leases
    assert first.take(0)
    with first._open() as client:  # of a process that began with it
        table = first._table(client)
        client.sql_client.execute_sql(f"INSERT INTO {table} VALUES ('', 0, '')")
    assert not second.take(0)
    now[0] = lease.LEASE_SECONDS - 1
    with first._open() as client:  # a sign of life
        client.sql_client.execute_sql(f"UPDATE {first._table(client)} SET beat = beat + 1")
    assert not second.take(0)
    now[0] += lease.LEASE_SECONDS - 1
    assert not second.take(0)
    now[0] += 1
    assert second.take(0)
    assert not first.is_held()
    first.release()
    assert second.is_held()
    second.release()


def test_only_one_of_two_loaders_that_start_together_gets_the_lease(leases: Leases) -> None:
    """The second looks before the first has made the table, and makes a row of its own after the
    first one took the lease."""
    first, second, _ = leases
    make = second._make

    def later(client: SqlJobClientBase) -> None:
        assert first.take(0)
        make(client)

    second._make = later  # type: ignore[method-assign]
    assert not second.take(0)
    assert first.is_held() and not second.is_held()
    first.release()
    assert second.take(0) and second.is_held()
    second.release()


def test_a_loader_that_only_some_rows_name_gives_them_back(leases: Leases) -> None:
    """The first took its row before the other row was there; the second had read before that."""
    first, second, _ = leases
    assert first.take(0)
    with first._open() as client:
        table = first._table(client)
        client.sql_client.execute_sql(f"INSERT INTO {table} VALUES ('', 0, '')")
    rows, reads = second._rows, count(1)
    second._rows = lambda client: [("", 0)] if next(reads) == 1 else rows(client)  # type: ignore[method-assign]
    assert not second.take(0)
    assert first.is_held() and not second.is_held()
    first.release()
    assert second.take(0) and second.is_held() and not first.is_held()
    second.release()
