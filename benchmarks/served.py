"""The simulator's process, as the benchmark uses it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Community:
    """What is served.

    Attributes:
        registrations: mean of an airmeet.
        days_ago: how many days in the past the community's present is, so that all is settled.
        one_in: so many of its airmeets is listed; the others are archived.
        live: airmeets that are live today all the same.
        live_registrations: of each of these.
    """

    airmeets: int
    registrations: int
    days_ago: float = 0.0
    one_in: int = 1
    live: int = 0
    live_registrations: int = 0


STANDARD = Community(60, 1_722)
"""About 700,000 rows."""


class Served:
    """A running server.

    Attributes:
        base: its URL, in the specification's layout.
        rows: rows in all raw tables of a load.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        started = self._answer()
        self.base: str = started["base"]
        self.rows: int = started["rows"]

    def latency(self, milliseconds: float) -> None:
        """Delay every answer."""
        self._ask(f"latency {milliseconds}")

    def requests(self) -> int:
        """How many requests came since the last call."""
        return int(self._ask("requests")["requests"])

    def hour(self) -> None:
        """Let an hour pass: people come to the live airmeets."""
        self._ask("hour")

    def settle(self) -> None:
        """Take the pages made so far out of garbage collection."""
        self._ask("settle")

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def served(community: Community, stop_after: int = 7_200) -> Iterator[Served]:
    """Serve a community while the context lasts, or `stop_after` seconds."""
    command = [sys.executable, "-m", "benchmarks.server"]
    command += ["--airmeets", str(community.airmeets)]
    command += ["--registrations", str(community.registrations)]
    command += ["--days-ago", str(community.days_ago), "--stop-after", str(stop_after)]
    command += ["--one-in", str(community.one_in), "--live", str(community.live)]
    command += ["--live-registrations", str(community.live_registrations)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Served(process)
        finally:
            process.kill()
