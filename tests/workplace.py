"""Where a test works: a folder of its own, the real command in it, and the warehouse it loads."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from airmeet_etl.cli import main
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.faults import Faults
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import Address, running
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

TABLES = (
    "airmeets",
    "sessions",
    "session_people",
    "custom_fields",
    "custom_field_options",
    "registrations",
    "participants",
    "participant_answers",
    "event_attendance",
    "session_attendance",
    "booths",
    "booth_exhibitors",
    "booth_tags",
    "booth_attendance",
    "poll_responses",
    "questions",
)

Row = Mapping[str, Any]

_OURS = {"_removed", "last_listed_at", "_dlt_load_id", "_dlt_id"}
"""Columns that the API does not send."""


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

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What a query on the warehouse gives."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def execute(self, statement: str) -> None:
        """Change the warehouse."""
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(statement)

    def rows(self, table: str, dataset: str = "airmeet") -> list[dict[str, Any]]:
        """A table of the warehouse."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
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
    with running(simulator) as address:
        yield simulator, address


def assert_same_rows(actual: Iterable[Row], truth: Iterable[Row]) -> None:
    """Each row of the truth is there once, whole, and nothing else is."""
    expected, found = Counter(map(_whole, truth)), Counter(map(_whole, actual))
    missing, extra = expected - found, found - expected
    assert not missing and not extra, (
        f"{missing.total()} rows missing, such as {next(iter(missing), None)}; "
        f"{extra.total()} too many, such as {next(iter(extra), None)}"
    )


def assert_loaded(
    workplace: Workplace, simulator: Simulator, dataset: str = "airmeet", layout: str = "v1"
) -> None:
    """The warehouse holds what the simulator holds, row by row."""
    for table in TABLES:
        assert_same_rows(workplace.rows(table, dataset), simulator.truth(table, layout))


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
        return int(value) if value.isdigit() else value
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    return value
