"""The table `recording_copies`: written by statements, beside whatever else writes the dataset."""

from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest
from airmeet.dlt_tables import merged_resource
from airmeet.schemas import RECORDING_COPIES
from airmeet_etl.recordings.copies import read_copies
from airmeet_etl.warehouse.warehouse import file_format, open_pipeline
from airmeet_simulator.simulator import Simulator
from dlt.extract import DltResource

from tests.ducklake import install_extensions
from tests.sweeps import on_engines
from tests.workplace import Workplace, simulated

ALL = ("--since", "2000-01-01")


@pytest.fixture
def simulator(workplace: Workplace) -> Iterator[Simulator]:
    """A gateway with recordings of a few bytes."""
    with simulated(airmeets=2, recording_bytes=1000) as (simulator, address):
        workplace.point_at(address.gateway, "global")
        yield simulator


@pytest.fixture(params=["duckdb", *on_engines("postgres", "ducklake")])
def destination(request: pytest.FixtureRequest, workplace: Workplace) -> str:
    """Where the table is."""
    if request.param == "postgres":
        pytest.importorskip("psycopg2")
        database = request.getfixturevalue("database")
        workplace.set(DESTINATION__POSTGRES__CREDENTIALS=database)
    elif request.param == "ducklake":
        install_extensions(workplace)
    return str(request.param)


class Desk:
    """Runs commands on one destination."""

    def __init__(self, workplace: Workplace, simulator: Simulator, destination: str) -> None:
        self.workplace, self.simulator, self.destination = workplace, simulator, destination
        self.at = ("--destination", destination)
        self.to = workplace.folder / "copies"

    def copy(self, code: int = 0) -> None:
        """Copy all recordings."""
        args = ("--to", str(self.to), *self.at, *ALL)
        result = self.workplace.run("recordings", *args)
        assert result.code == code, result.err

    def load(self) -> None:
        """Load a feed."""
        result = self.workplace.run(
            "load",
            "--only",
            "session_recordings",
            "--no-reports",
            "--destination",
            self.destination,
        )
        assert result.code == 0, result.err

    def move(self) -> None:
        """Be another machine: one without dlt's working folder."""
        self.workplace.set(DLT_DATA_DIR=self.workplace.folder / "elsewhere")

    def states(self) -> list[str]:
        """What became of each recording, as the table says; once each."""
        copies = read_copies(open_pipeline(self.destination))
        truth = {
            str(r["session_id"]) for r in self.simulator.truth("session_recordings", "gateway")
        }
        assert {session for _, session, _ in copies} == truth and len(copies) == len(truth)
        return sorted({copy.status for copy in copies.values()})

    def fail_once(self) -> None:
        """Have a run fail and write that down."""
        self.to.write_text("a file where the folder is to be")
        self.copy(code=1)
        self.to.unlink()
        assert self.states() == ["failed"]


@pytest.fixture
def desk(workplace: Workplace, simulator: Simulator, destination: str) -> Desk:
    return Desk(workplace, simulator, destination)


@pytest.mark.parametrize("moves", [False, True])
def test_a_load_goes_on_where_copies_were_written_first(desk: Desk, moves: bool) -> None:
    desk.fail_once()
    if moves:
        desk.move()
    desk.load()
    assert desk.states() == ["failed"]
    desk.copy()
    assert desk.states() == ["copied"]
    desk.load()
    assert desk.states() == ["copied"]


@pytest.mark.parametrize("moves", [False, True])
def test_copies_are_written_where_a_load_was_first(desk: Desk, moves: bool) -> None:
    desk.load()
    if moves:
        desk.move()
    desk.fail_once()
    desk.copy()
    assert desk.states() == ["copied"]
    desk.load()
    assert desk.states() == ["copied"]


def test_a_table_that_a_package_made_is_written_on(desk: Desk) -> None:
    """As earlier releases did."""
    desk.fail_once()
    replace_by_package(desk)
    assert desk.states() == ["failed"]
    desk.copy()
    assert desk.states() == ["copied"]


def replace_by_package(desk: Desk) -> None:
    """Have all of the dataset made anew by a package of dlt's, with the rows that it has."""
    columns = list(RECORDING_COPIES.by_name)
    pipeline = open_pipeline(desk.destination)
    with pipeline.sql_client() as client:
        table = client.make_qualified_table_name(RECORDING_COPIES.name)
        chosen = ", ".join(map(client.escape_column_name, columns))
        lines = client.execute_sql(f"SELECT {chosen} FROM {table}") or ()
        client.drop_dataset()
    rows = [dict(zip(columns, line, strict=True)) for line in lines]

    @dlt.source(name="airmeet", section="airmeet", max_table_nesting=0)
    def copies() -> DltResource:
        return merged_resource(RECORDING_COPIES, rows)

    pipeline.drop()
    pipeline.run(copies(), loader_file_format=file_format(pipeline))


def test_a_table_that_was_dropped_is_made_anew(desk: Desk) -> None:
    desk.fail_once()
    with open_pipeline(desk.destination).sql_client() as client:
        client.execute_sql(f"DROP TABLE {client.make_qualified_table_name(RECORDING_COPIES.name)}")
    desk.copy()
    assert desk.states() == ["copied"]


def test_dlt_knows_the_table_as_any_other(desk: Desk) -> None:
    """Who attaches to the pipeline with dlt alone reads it, and finds the load of each row."""
    desk.copy()
    dataset = open_pipeline(desk.destination).dataset()
    assert RECORDING_COPIES.name in dataset.tables
    rows = dataset[RECORDING_COPIES.name].select("_dlt_id", "_dlt_load_id").fetchall()
    ids, loads = zip(*rows, strict=True)
    assert len({*ids}) == len(rows) > 1
    assert {*loads} == {load for (load,) in dataset["_dlt_loads"].select("load_id").fetchall()}


def test_a_name_with_every_sign_is_written_as_it_is(desk: Desk) -> None:
    desk.to = desk.workplace.folder / 'it\'s 100%s \\ "done"'
    desk.copy()
    assert desk.states() == ["copied"]
    for copy in read_copies(open_pipeline(desk.destination)).values():
        assert copy.location and Path(copy.location).is_relative_to(desk.to)


@pytest.mark.parametrize("moves", [False, True])
def test_nothing_but_copies_is_read_and_erased_from(desk: Desk, moves: bool) -> None:
    desk.fail_once()
    if moves:
        desk.move()
    for command in ("status", "sql select count(*) from airmeet.recording_copies"):
        name, *rest = command.split(" ", 1)
        result = desk.workplace.run(name, *rest, *desk.at)
        assert result.code == 0, result.err
    erased = desk.workplace.run("erase", "--email", "gone@example.com", "--yes", *desk.at)
    assert erased.code == 0, erased.err
    desk.copy()
    assert desk.states() == ["copied"]
