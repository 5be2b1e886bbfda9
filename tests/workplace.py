"""Where a test works: a folder of its own, the real command in it, and the warehouse it loads."""

import copy
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import duckdb
import pytest
from airmeet.schemas import TABLES as SCHEMAS
from airmeet_etl.cli import main
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.app import App
from airmeet_simulator.faults import Faults
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import Address, running, serving
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY
from airmeet_simulator.truth import TABLES as TABLES

Row = Mapping[str, Any]

_OURS = {
    "_removed",
    "last_listed_at",
    "person",
    "response_position",
    "scope",
    "_dlt_load_id",
    "_dlt_id",
}
"""Columns that the API does not send."""


_KINDS = {(column.name, column.kind) for table in SCHEMAS.values() for column in table.columns}
_NUMBERS = {name for name, kind in _KINDS if kind in ("bigint", "double", "timestamp")} - {
    name for name, kind in _KINDS if kind in ("text", "json")
}
"""Columns that are numbers or times in every table that has them; the API sends some as texts."""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


class Workplace:
    """Runs the command line in a folder of its own."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.file = folder / "warehouse.duckdb"
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self._open: duckdb.DuckDBPyConnection | None = None
        monkeypatch.chdir(folder)
        self.set(
            DLT_DATA_DIR=folder / "dlt",
            DESTINATION__DUCKDB__CREDENTIALS=self.file,
            RUNTIME__DLTHUB_TELEMETRY="false",
            RUNTIME__LOG_LEVEL="ERROR",
        )

    def set(self, **variables: object) -> None:
        """Set environment variables for the commands."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, str(value))

    def unset(self, *variables: str) -> None:
        """Take environment variables away."""
        for name in variables:
            self._monkeypatch.delenv(name, raising=False)

    def setting(self, **settings: object) -> None:
        """Set settings of the source."""
        self.set(**{f"SOURCES__AIRMEET__{name.upper()}": v for name, v in settings.items()})

    def point_at(self, base: str, region: str = "v1") -> None:
        """Point the commands at a simulator, with no waits."""
        self.setting(
            access_key=ACCESS_KEY,
            secret_key=SECRET_KEY,
            region=region,
            api_url=base,
            analytics_url=base,
            bff_url=base,
            async_poll_seconds=0,
            retry_seconds=0,
        )

    def run(self, *arguments: str) -> Result:
        """Run `airmeet` with arguments."""
        self._capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as exit:
            code = int(exit.code or 0)
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse, to read; within it `sql` and `rows` do not open it again, which takes
        longer than most queries do."""
        if self._open:
            yield self._open
            return
        with duckdb.connect(str(self.file), read_only=True) as self._open:
            try:
                yield self._open
            finally:
                self._open = None

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What a query on the warehouse gives."""
        with self.read() as connection:
            return connection.sql(query).fetchall()

    def execute(self, statement: str) -> None:
        """Change the warehouse."""
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(statement)

    def rows(self, table: str, dataset: str = "airmeet") -> list[dict[str, Any]]:
        """A table of the warehouse."""
        with self.read() as connection:
            relation = connection.sql(f'from "{dataset}"."{table}"')
            return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def truth_of(simulator: Simulator, table: str, layout: str = "v1") -> list[dict[str, Any]]:
    """The rows of a raw table that the simulator holds, as a layout serves them."""
    return [dict(row) for row in simulator.truth(table, layout)]


@contextmanager
def simulated(
    airmeets: int = 12,
    registrations: int = 12,
    faults: Faults | None = None,
    seed: int = 1,
    **options: Any,
) -> Iterator[tuple[Simulator, Address]]:
    """A simulator that listens; its exports take one further request."""
    options.setdefault("prepare_polls", 1)
    simulator = Simulator(Plan(airmeets, registrations, seed), SimulatorOptions(**options), faults)
    _made_of[simulator] = f"{airmeets} {registrations} {seed} {simulator.options} {faults}"
    with _SERVER.serve(simulator) as address:
        yield simulator, address


class _Server:
    """One server for the simulators of a test process, one after the other; a simulator beside
    another one gets a server of its own."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._started: tuple[App, Address] | None = None
        self._is_taken = False

    @contextmanager
    def serve(self, simulator: Simulator) -> Iterator[Address]:
        if self._is_taken:
            with running(simulator) as address:
                yield address
            return
        if self._started is None:
            app = App(simulator)
            self._started = app, self._stack.enter_context(serving(app))
        app, address = self._started
        app.simulator, self._is_taken = simulator, True
        try:
            yield address
        finally:
            # Whoever asks after the end finds nobody who knows the keys.
            app.simulator, self._is_taken = Simulator(Plan(0, 0)), False

    def stop(self) -> None:
        self._stack.close()
        self._started = None


_SERVER = _Server()
stop_server = _SERVER.stop

_made_of: WeakKeyDictionary[Simulator, str] = WeakKeyDictionary()
"""What each simulator was made with."""
_Folder = tempfile.TemporaryDirectory[str]
_loaded: dict[tuple[str, ...], tuple[_Folder, list[Simulator], Result]] = {}
"""First loads: the folder and the simulators as they were after it, and how it ended."""


def first_load(workplace: Workplace, simulator: Simulator, *arguments: str) -> Result:
    """Load into an empty workplace from a new simulator that nobody has changed.

    The second time that a test process loads the same, the workplace gets a copy of the first
    folder, and the simulator the state that it had then.
    """
    return first_load_of_all(workplace, [simulator], *arguments)


def first_load_of_all(
    workplace: Workplace, simulators: Sequence[Simulator], *arguments: str
) -> Result:
    """The same from the simulators of several communities."""
    assert not any(simulator.requests.total for simulator in simulators), "this is no first load"
    assert not any(workplace.folder.iterdir()), "the workplace is not empty"
    settings = (
        f"{name}={value}"
        for name, value in sorted(os.environ.items())
        if name.startswith("SOURCES__AIRMEET__") and not name.endswith("_URL")
    )
    key = (*(_made_of[simulator] for simulator in simulators), *settings, *arguments)
    if key in _loaded:
        folder, known, result = _loaded[key]
        shutil.copytree(folder.name, workplace.folder, dirs_exist_ok=True)
        for simulator, then in zip(simulators, known, strict=True):
            _become(simulator, then)
        return result
    result = workplace.run("load", *arguments)
    assert result.code == 0, result.out + result.err
    folder = tempfile.TemporaryDirectory(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    shutil.copytree(workplace.folder, folder.name, dirs_exist_ok=True)
    known = [Simulator(Plan(0, 0)) for _ in simulators]
    for then, simulator in zip(known, simulators, strict=True):
        _become(then, simulator)
    _loaded[key] = folder, known, result
    return result


def _become(simulator: Simulator, other: Simulator) -> None:
    """Give a simulator the state of another one."""
    memo = {id(other): simulator, id(other.lock): simulator.lock}
    vars(simulator).update(copy.deepcopy(vars(other), memo))


def assert_same_rows(actual: Iterable[Row], truth: Iterable[Row]) -> None:
    """Each row of the truth is there once, whole, and nothing else is."""
    expected = Counter(_whole(_as_declared(row)) for row in truth)
    found = Counter(map(_whole, actual))
    missing, extra = expected - found, found - expected
    assert not missing and not extra, (
        f"{missing.total()} rows missing, such as {next(iter(missing), None)}; "
        f"{extra.total()} too many, such as {next(iter(extra), None)}"
    )


def assert_loaded(
    workplace: Workplace, simulator: Simulator, dataset: str = "airmeet", layout: str = "v1"
) -> None:
    """The warehouse holds what the simulator holds, row by row."""
    with workplace.read():
        for table in TABLES:
            assert_same_rows(workplace.rows(table, dataset), simulator.truth(table, layout))


def _as_declared(row: Row) -> Row:
    """A row as the API sends it, with numbers for texts of digits where a number is declared."""
    texts = {name for name in _NUMBERS & row.keys() if str(row[name]).isdigit()}
    return {**row, **{name: int(row[name]) for name in texts}}


def _whole(row: Row) -> str:
    """A row in one writing, whatever types it came in; columns without a value left out."""
    return json.dumps(
        {k: _plain(v) for k, v in sorted(row.items()) if v is not None and k not in _OURS},
        sort_keys=True,
        ensure_ascii=False,
    )


_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        if _ISO.fullmatch(value):
            return _plain(datetime.fromisoformat(value))
        if value[:1] in ("[", "{"):
            return _plain(json.loads(value))
        return value
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    return value
