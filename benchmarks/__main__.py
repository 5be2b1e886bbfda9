"""`make bench`: the contestants in turns, over one community, as one table.

python -m benchmarks                      everything; many minutes
python -m benchmarks --only latency-50    one part; see --help
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contestants import AIRMEET, FLOOR, IMPORTS, OURS, REST_API, STATUS, WITH_REPORTS
from benchmarks.hourly import hourly
from benchmarks.measuring import Contestant, Figures, Sample, in_turns, load, measure, settings
from benchmarks.results import BenchmarkPart, write
from benchmarks.served import STANDARD, Community, Served, served

LARGE = Community(60, 8_610)
"""Five times the standard one: about 3.5 million rows."""
FOR_REPORTS = Community(60, 12_500)
"""A little over 5 million rows."""
SETTLED = Community(500, 10, days_ago=120)
"""All its airmeets are over and settled: after one load nothing is due."""

Log = Callable[[str], None]


def at_latency(milliseconds: int, runs: int, rest_api_runs: int, log: Log) -> BenchmarkPart:
    """The contestants against the standard community."""
    contestants = [OURS, FLOOR]
    if milliseconds == 50:
        contestants.append(WITH_REPORTS)
    contestants.append(Contestant("rest_api", REST_API, rest_api_runs))
    with served(STANDARD) as server:
        _warm(server, log)
        server.latency(milliseconds)
        figures = in_turns(contestants, server, runs, log)
    return BenchmarkPart(f"{milliseconds} ms a request, {server.rows:,} rows", figures, server.rows)


def large(runs: int, log: Log) -> BenchmarkPart:
    """Five times the rows: is the cost linear, and memory constant?"""
    with served(LARGE) as server:
        _warm(server, log)
        server.latency(50)
        figures = in_turns([OURS], server, runs, log)
    return BenchmarkPart(f"50 ms a request, {server.rows:,} rows", figures, server.rows)


def reports(runs: int, log: Log) -> BenchmarkPart:
    """All reports built anew, checked and published; the same without a published file; and the
    command where nothing changed."""
    with TemporaryDirectory() as folder:
        with served(FOR_REPORTS) as server:
            log(f"loading {server.rows:,} rows once")
            load(OURS.command, Path(folder), server)
        build, loaded = (*AIRMEET, "reports"), settings(Path(folder), None)
        # Not measured: the first build has no reports to replace.
        measure(build, loaded)
        alone = {**loaded, "REPORTS__PUBLISH": "false"}
        figures = [
            Figures(name, tuple(measure(command, chosen) for _ in range(runs)))
            for name, command, chosen in (
                ("airmeet reports --full", (*build, "--full"), loaded),
                ("airmeet reports, nothing changed", build, loaded),
                ("airmeet reports --full, none published", (*build, "--full"), alone),
            )
        ]
    return BenchmarkPart(f"Reports over {server.rows:,} raw rows", figures, 0)


def nothing_due(runs: int, log: Log) -> BenchmarkPart:
    """A run over 500 settled airmeets that were loaded before, and what beside it takes as long."""
    alone = [
        Contestant("airmeet status", STATUS),
        Contestant("python -c 'import dlt, duckdb'", IMPORTS),
        Contestant("airmeet --help", (*AIRMEET, "--help")),
    ]
    with served(SETTLED) as server, TemporaryDirectory() as folder:
        log("loading 500 airmeets once")
        load(WITH_REPORTS.command, Path(folder), server)
        load(WITH_REPORTS.command, Path(folder), server)
        samples: dict[str, list[Sample]] = defaultdict(list)
        for _ in range(runs):
            samples["airmeet load"].append(load(WITH_REPORTS.command, Path(folder), server))
            for other in alone:
                samples[other.name].append(measure(other.command, settings(Path(folder), server)))
    figures = [Figures(name, tuple(taken)) for name, taken in samples.items()]
    return BenchmarkPart("500 airmeets, nothing due", figures, 0)


def _warm(server: Served, log: Log) -> Sample:
    """Let the simulator make every page once, so that no contestant waits for that."""
    log("warming the simulator")
    for contestant in (OURS, FLOOR):
        with TemporaryDirectory() as folder:
            sample = load(contestant.command, Path(folder), server)
    server.settle()
    return sample


def _parts(args: argparse.Namespace, log: Log) -> Iterator[BenchmarkPart]:
    chosen = set(args.only or PARTS)
    for milliseconds in (50, 0, 200):
        if f"latency-{milliseconds}" in chosen:
            yield at_latency(milliseconds, args.runs, args.rest_api_runs, log)
    if "large" in chosen:
        yield large(args.runs, log)
    if "reports" in chosen:
        yield reports(args.runs, log)
    if "nothing-due" in chosen:
        yield nothing_due(args.runs, log)
    if "hourly" in chosen:
        yield hourly(args.runs, log)


PARTS = ("latency-50", "latency-0", "latency-200", "large", "reports", "nothing-due", "hourly")


def main() -> int:
    """Measure and print; a complete run, or one with --keep, is written to RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; repeatable")
    parser.add_argument("--runs", type=int, default=3, help="of each contestant (%(default)s)")
    parser.add_argument(
        "--rest-api-runs", type=int, default=3, help="of rest_api, which is slow (%(default)s)"
    )
    parser.add_argument(
        "--keep", action="store_true", help="write RESULTS.md although parts are left out"
    )
    args = parser.parse_args()

    def log(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    parts = list(_parts(args, log))
    left_out = [part for part in PARTS if args.only and part not in args.only]
    write(parts, left_out, keep=args.keep or not left_out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
