"""A scheduled run's cost: three airmeets are live, and all others were loaded and are settled.

An hour's people come to the live airmeets before each run. Each contestant has a warehouse of its
own, so that every run finds as many new rows as the other's. The same over a tenth of the history
shows how the cost grows with what is stored, and not with what is new.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contestants import OURS, WITH_REPORTS
from benchmarks.measuring import Figures, Sample, load
from benchmarks.results import BenchmarkPart
from benchmarks.served import Community, served

LARGE = Community(600, 1_250, days_ago=120, live=3, live_registrations=1_250)
"""About 5 million rows."""
SMALL = replace(LARGE, one_in=10)
"""About half a million, with the same live airmeets."""


@dataclass(frozen=True)
class _OverHistory:
    """Figures over a history of so many rows."""

    rows: int
    alone: Figures
    with_reports: Figures


def hourly(runs: int, log: Callable[[str], None]) -> BenchmarkPart:
    """Hourly runs with and without reports, over both histories."""
    small, large = (_over(community, runs, log) for community in (SMALL, LARGE))
    remarks = [
        f"growth, {large.rows:,} ÷ {small.rows:,} rows: "
        f"{large.alone.wall / small.alone.wall:.2f} for the load alone, "
        f"{large.with_reports.wall / small.with_reports.wall:.2f} with reports",
        "with reports ÷ the load alone: "
        f"{small.with_reports.wall / small.alone.wall:.2f} over {small.rows:,} rows, "
        f"{large.with_reports.wall / large.alone.wall:.2f} over {large.rows:,}",
    ]
    figures = [small.alone, small.with_reports, large.alone, large.with_reports]
    title = "Hourly run: three airmeets are live, all others settled"
    return BenchmarkPart(title, figures, 0, remarks)


def _over(community: Community, runs: int, log: Callable[[str], None]) -> _OverHistory:
    samples: dict[str, list[Sample]] = {OURS.name: [], WITH_REPORTS.name: []}
    with served(community) as server, TemporaryDirectory() as place:
        log(f"loading {server.rows:,} rows, twice")
        folders = {name: Path(place) / str(number) for number, name in enumerate(samples)}
        first, second = folders.values()
        first.mkdir()
        # Not measured: the second time because the first one has no reports to replace.
        load(WITH_REPORTS.command, first, server)
        load(WITH_REPORTS.command, first, server)
        shutil.copytree(first, second)
        server.settle()
        server.latency(50)
        for turn in range(runs):
            for contestant in (OURS, WITH_REPORTS):
                server.hour()
                sample = load(contestant.command, folders[contestant.name], server)
                samples[contestant.name].append(sample)
                log(f"{contestant.name}, run {turn + 1}: {sample.wall:.2f} s, {sample.peak:.0f} MB")
        alone, with_reports = (
            Figures(f"{name}, {server.rows:,} rows", tuple(taken))
            for name, taken in samples.items()
        )
        return _OverHistory(server.rows, alone, with_reports)
