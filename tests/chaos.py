"""Random fault schedules: whatever goes wrong, the destination ends equal to the truth.

`python -m tests.chaos` runs SCHEDULES of them (1,000), from FIRST_SEED on, and prints how many
ended well. A schedule draws a small community, the field's ways, and faults, from its seed. Run 1
loads it under faults, in some schedules only to be killed (SIGKILL); in half of them the community
changes then; run 2 goes on under other faults, and run 3 is calm. It ends with the run after which
nothing is missing. In one of five each run builds the reports, which must then be those of a full
build.
"""

import io
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from airmeet_etl.cli import main
from airmeet_etl.reports.build import build_reports
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.faults import PASSING, FaultKind, Faults
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import running
from airmeet_simulator.simulator import Simulator
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.rebuild.comparing import differences
from tests.reports.conftest import new_pipeline
from tests.trust.killing import MOMENTS, outlived
from tests.workplace import TABLES, assert_same_rows

RUNS = 3
WITH_REPORTS = 5
"""One of so many schedules builds the reports."""
_KINDS: tuple[FaultKind, ...] = (*PASSING, "412", "refusal", "hang")
_SERVED_BY = ("registrations", "session_attendance", "participants", "poll_responses")
_DEADLY = ("inside dlt's extract", "with rows merged and not noted", "with some rows merged")


@dataclass(frozen=True)
class Ending:
    """How a schedule ended: after how many runs, under how many faults; `wrong` if it did not."""

    seed: int
    runs: int
    faults: int
    wrong: str = ""


def run_schedule(seed: int, folder: Path) -> Ending:
    """Run one schedule in an empty folder of its own."""
    draw = Random(seed)
    simulator = Simulator(Plan(draw.randint(1, 4), draw.randint(2, 9), seed), _ways(draw))
    faults = 0
    with running(simulator) as address, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in _environment(folder, address.v1).items():
            patch.setenv(name, value)
        codes: list[int] = []
        wrong: str | None = None
        moving = draw.random() < 0.5
        arguments = _arguments(draw)
        if builds := seed % WITH_REPORTS == 0:
            arguments.remove("--no-reports")
        for run in range(1, RUNS + 1):
            simulator.set_faults(_faults(draw) if run < RUNS else None)
            killed = run == 1 and draw.random() < 0.1
            codes.append(_killed_load(draw, arguments) if killed else _load(arguments))
            faults += simulator.chaos.met.total()
            if run == 1 and moving:
                for _ in range(draw.randint(1, 5)):
                    _change(draw, simulator)
                simulator.forget_exports()
            elif codes[-1] == 0:
                wrong = _difference(folder, simulator, _tables_of(arguments))
                wrong = wrong or (_report_difference(folder) if builds else None)
                if not wrong:
                    return Ending(seed, run, faults)
    return Ending(seed, RUNS, faults, f"runs ended with {codes}; {wrong}")


def _report_difference(folder: Path) -> str | None:
    """What the reports say otherwise than a full build of the same rows."""
    copy = folder / "copy"
    copy.mkdir(exist_ok=True)
    shutil.copy(folder / "warehouse.duckdb", copy / "warehouse.duckdb")
    whole = new_pipeline(copy)
    build_reports(whole, full=True)
    # A run that finds all as it was builds nothing: the reports say when the list was seen then.
    found = differences(new_pipeline(folder), whole, frozenset({"last_listed_at"}))
    return found[0] if found else None


def _ways(draw: Random) -> SimulatorOptions:
    return SimulatorOptions(
        token_at_top=draw.random() < 0.5,
        participants_key=draw.choice(("paticipants", "participants")),
        pending=draw.choice(("http", "body")),
        refusal=draw.choice(("http", "body")),
        attendance_page_max=draw.choice((2, 3, 50)),
        participants_page_max=draw.choice((2, 3, 500)),
        last_page=draw.choice(("null", "last_id", "loop", "missing")),
        airmeets_after=draw.choice(("works", "ignored", "newest_first")),
        extra_fields=draw.random() < 0.3,
        attendance=draw.choice(("finished", "any")),
        prepare_polls=draw.choice((0, 0, 1, 3)),
    )


def _faults(draw: Random) -> Faults:
    return Faults(
        seed=draw.randrange(1 << 30),
        probability=draw.choice((0.02, 0.1, 0.3)),
        most=draw.choice((5, 40, 1000)),
        most_each=draw.choice((1, 2, 8)),
        kinds=tuple(draw.sample(_KINDS, draw.randint(1, len(_KINDS)))),
        retry_after=draw.choice(("seconds", "date")),
        retry_after_seconds=0,
    )


def _environment(folder: Path, base: str) -> dict[str, str]:
    settings: dict[str, object] = {
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        **dict.fromkeys(("api_url", "analytics_url", "bff_url"), base),
        "async_poll_seconds": 0,
        "retry_seconds": 0,
        "request_timeout_seconds": 0.5,
    }
    return {
        "DLT_DATA_DIR": str(folder / "dlt"),
        "DESTINATION__DUCKDB__CREDENTIALS": str(folder / "warehouse.duckdb"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        **{f"SOURCES__AIRMEET__{name.upper()}": str(value) for name, value in settings.items()},
    }


def _arguments(draw: Random) -> list[str]:
    """Most schedules load a few feeds alone, which takes less time."""
    few = draw.sample(TABLES[1:], 3) if draw.random() < 0.75 else []
    return ["load", "--no-reports", *(word for feed in few for word in ("--only", feed))]


def _tables_of(arguments: list[str]) -> tuple[str, ...]:
    """The tables that a load with these arguments fills."""
    feeds = [word for before, word in pairwise(arguments) if before == "--only"]
    return ("airmeets", *feeds) if feeds else TABLES


def _load(arguments: list[str]) -> int:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return main(arguments)


def _killed_load(draw: Random, arguments: list[str]) -> int:
    """A load in a process of its own that is killed, unless it ends before that."""
    code = outlived(MOMENTS[draw.choice(_DEADLY)], arguments)
    return -signal.SIGKILL if code is None else code


def _change(draw: Random, simulator: Simulator) -> None:
    """Let something happen: people come and go, airmeets are added, renamed, ended, archived."""
    airmeets = simulator.airmeets()
    if not airmeets or draw.random() < 0.15:
        ended = datetime.now(UTC) - timedelta(days=draw.choice((0, 30)), hours=5)
        simulator.add_airmeet("Added later", start=ended, registrations=draw.randint(0, 5))
        return
    airmeet = draw.choice(airmeets)
    # The list says nothing of rows that change: who settled an airmeet counts on its rows.
    simulator.edit_airmeet(airmeet.uid, name=f"Renamed {draw.randrange(1000)}")
    people = [row["email"] for row in simulator.truth("registrations")]
    somebody = str(draw.choice(people)) if people else "first@example.com"
    match draw.randrange(6):
        case 0:
            simulator.add_registration(airmeet.uid, f"new{draw.randrange(99)}@example.com")
        case 1:
            simulator.remove_registration(airmeet.uid, somebody)
        case 2:
            simulator.add_row(airmeet.uid, "event_attendance", somebody)
        case 3:
            simulator.clear_feed(airmeet.uid, draw.choice(_SERVED_BY))
        case 4:
            simulator.finish_airmeet(airmeet.uid)
        case _:
            simulator.archive_airmeet(airmeet.uid)


def _difference(folder: Path, simulator: Simulator, tables: tuple[str, ...]) -> str | None:
    """What the destination holds otherwise than the truth; archived airmeets keep their rows."""
    listed = {airmeet.uid for airmeet in simulator.airmeets()}
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for table in tables:
            try:
                relation = connection.sql(f"from airmeet.{table}")
            except duckdb.CatalogException:
                return f"there is no table {table}"
            rows = (dict(zip(relation.columns, r, strict=True)) for r in relation.fetchall())
            kept = [row for row in rows if row["airmeet_id"] in listed]
            try:
                assert_same_rows(kept, simulator.truth(table))
            except AssertionError as difference:
                return f"{table}: {difference}"
    return None


def run_in_new_folder(seed: int) -> Ending:
    """Run one schedule; what is not an ending is one, too, and names the seed."""
    with tempfile.TemporaryDirectory(prefix="airmeet-chaos-") as folder:
        try:
            return run_schedule(seed, Path(folder))
        except Exception as error:
            return Ending(seed, 0, 0, f"{type(error).__name__}: {error}")


def _endings(seeds: range) -> Iterator[Ending]:
    context: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        yield from pool.map(run_in_new_folder, seeds)


def run() -> int:
    """Run the schedules; 0 where all ended well."""
    first, count = int(os.environ.get("FIRST_SEED", 1)), int(os.environ.get("SCHEDULES", 1000))
    runs: Counter[int] = Counter()
    faults = 0
    for ending in _endings(range(first, first + count)):
        if ending.wrong:
            print(f"seed {ending.seed}: {ending.wrong}", file=sys.stderr, flush=True)
            continue
        runs[ending.runs] += 1
        faults += ending.faults
    ended = ", ".join(f"{runs[n]:,} after {n} runs" for n in sorted(runs))
    print(
        f"{runs.total():,} of {count:,} fault schedules ended in a destination equal to the truth "
        f"({ended}; {faults:,} faults)"
    )
    return 0 if runs.total() == count else 1


if __name__ == "__main__":
    sys.exit(run())
