"""Measures whole processes: wall time, CPU time and peak memory, as the system reports them.

This process imports nothing large: the peak of a child is never less than that of its parent.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.served import ROOT, Served


@dataclass(frozen=True)
class Sample:
    """One process: seconds of wall time and of CPU (user and system), peak MB, requests."""

    wall: float
    cpu: float
    peak: float
    requests: int = 0


@dataclass(frozen=True)
class Figures:
    """Medians of some runs."""

    name: str
    samples: tuple[Sample, ...]

    def median(self, of: Callable[[Sample], float]) -> float:
        """The median of one figure."""
        return median(of(sample) for sample in self.samples)

    @property
    def wall(self) -> float:
        return self.median(lambda sample: sample.wall)

    @property
    def cpu(self) -> float:
        return self.median(lambda sample: sample.cpu)

    @property
    def peak(self) -> float:
        return self.median(lambda sample: sample.peak)

    @property
    def requests(self) -> int:
        return round(self.median(lambda sample: sample.requests))


@dataclass(frozen=True)
class Contestant:
    """A command that is measured.

    Attributes:
        runs: fewer than the others if it is slow; None for as many.
    """

    name: str
    command: tuple[str, ...]
    runs: int | None = None


def settings(folder: Path, server: Served | None) -> dict[str, str]:
    """Environment variables for a process that works in a folder of its own."""
    from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

    chosen = {
        "DLT_DATA_DIR": str(folder / "dlt"),
        "DESTINATION__DUCKDB__CREDENTIALS": str(folder / "warehouse.duckdb"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "SOURCES__AIRMEET__ACCESS_KEY": ACCESS_KEY,
        "SOURCES__AIRMEET__SECRET_KEY": SECRET_KEY,
        "SOURCES__AIRMEET__ASYNC_POLL_SECONDS": "0.2",
    }
    if server is not None:
        for host in ("API_URL", "ANALYTICS_URL", "BFF_URL"):
            chosen[f"SOURCES__AIRMEET__{host}"] = server.base
    return chosen


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Sample:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; its output is printed.
    """
    surroundings = {**os.environ, **environment}
    # Where Python must not keep what it compiled, each command compiles this project anew, but not
    # libraries, which pip has compiled.
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryDirectory() as place, (Path(place) / "log").open("w+") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):  # 3: a live airmeet's feeds are not all there yet
            log.seek(0)
            sys.exit(f"{' '.join(command)} failed ({process.returncode}):\n{log.read()[-4000:]}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turns(
    contestants: Sequence[Contestant], server: Served, runs: int, log: Callable[[str], None]
) -> list[Figures]:
    """Each contestant `runs` times, one after the other, each time into an empty folder."""
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in contestants}
    for turn in range(runs):
        for contestant in contestants:
            if turn >= (runs if contestant.runs is None else contestant.runs):
                continue
            with TemporaryDirectory() as folder:
                sample = load(contestant.command, Path(folder), server)
            samples[contestant.name].append(sample)
            log(f"{contestant.name}, run {turn + 1}: {sample.wall:.2f} s, {sample.peak:.0f} MB")
    return [Figures(name, tuple(taken)) for name, taken in samples.items() if taken]


def load(command: Sequence[str], folder: Path, server: Served) -> Sample:
    """Run a command against a server, with a folder to work in, and count its requests."""
    server.requests()
    sample = measure(command, settings(folder, server))
    return Sample(sample.wall, sample.cpu, sample.peak, server.requests())
