"""`make bench`: the contestants in turns, over one community, as one table.

python -m benchmarks                      everything; many minutes
python -m benchmarks --only latency-50    one part; see --help
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Contestant, Figures, Sample, in_turns, load, measure, settings
from benchmarks.results import Part, write
from benchmarks.served import STANDARD, Community, Served, served

PYTHON = sys.executable
AIRMEET = (str(Path(PYTHON).parent / "airmeet"),)
OURS = Contestant("airmeet load", (*AIRMEET, "load", "--no-reports"))
WITH_REPORTS = Contestant("airmeet load, with reports", (*AIRMEET, "load"))
FLOOR = Contestant("floor", (PYTHON, "-m", "benchmarks.floor"))
REST_API = (PYTHON, "-m", "benchmarks.rest_api")

LARGE = Community(60, 8_610)
"""Five times the standard one: about 3.5 million rows."""
FOR_REPORTS = Community(60, 12_500)
"""A little over 5 million rows."""
SETTLED = Community(500, 10, days_ago=120)
"""Everything in it is over and settled: loaded once, nothing is due."""

Say = Callable[[str], None]


def at_latency(milliseconds: int, runs: int, rest_api_runs: int, say: Say) -> Part:
    """The contestants against the standard community."""
    contestants = [OURS, FLOOR]
    if milliseconds == 50:
        contestants.append(WITH_REPORTS)
    contestants.append(Contestant("rest_api", REST_API, rest_api_runs))
    with served(STANDARD) as server:
        _warm(server, say)
        server.latency(milliseconds)
        figures = in_turns(contestants, server, runs, say)
    return Part(f"{milliseconds} ms a request, {server.rows:,} rows", figures, server.rows)


def large(runs: int, say: Say) -> Part:
    """Five times the rows: is the cost linear, is memory level?"""
    with served(LARGE) as server:
        _warm(server, say)
        server.latency(50)
        figures = in_turns([OURS], server, runs, say)
    return Part(f"50 ms a request, {server.rows:,} rows", figures, server.rows)


def reports(runs: int, say: Say) -> Part:
    """The reports built, checked and published; and without a published file."""
    with TemporaryDirectory() as folder:
        with served(FOR_REPORTS) as server:
            say(f"loading {server.rows:,} rows once")
            load(OURS.command, Path(folder), server)
        command, loaded = (*AIRMEET, "reports"), settings(Path(folder), None)
        # The first build has no reports to replace: it is no sample.
        measure(command, loaded)
        alone = {**loaded, "REPORTS__PUBLISH": "false"}
        figures = [
            Figures(name, tuple(measure(command, chosen) for _ in range(runs)))
            for name, chosen in (
                ("airmeet reports", loaded),
                ("airmeet reports, none published", alone),
            )
        ]
    return Part(f"Reports over {server.rows:,} raw rows", figures, 0)


def nothing_due(runs: int, say: Say) -> Part:
    """A run over 500 settled airmeets that were loaded before; and the help page."""
    with served(SETTLED) as server, TemporaryDirectory() as folder:
        say("loading 500 airmeets once")
        load(WITH_REPORTS.command, Path(folder), server)
        load(WITH_REPORTS.command, Path(folder), server)
        samples = [load(WITH_REPORTS.command, Path(folder), server) for _ in range(runs)]
    helps = [measure((*AIRMEET, "--help"), {}) for _ in range(runs)]
    return Part(
        "500 airmeets, nothing due",
        [Figures("airmeet load", tuple(samples)), Figures("airmeet --help", tuple(helps))],
        0,
    )


def _warm(server: Served, say: Say) -> Sample:
    """Let the simulator make every page once: its own work is no contestant's."""
    say("warming the simulator")
    for contestant in (OURS, FLOOR):
        with TemporaryDirectory() as folder:
            sample = load(contestant.command, Path(folder), server)
    server.settle()
    return sample


def _parts(args: argparse.Namespace, say: Say) -> Iterator[Part]:
    chosen = set(args.only or PARTS)
    for milliseconds in (50, 0, 200):
        if f"latency-{milliseconds}" in chosen:
            yield at_latency(milliseconds, args.runs, args.rest_api_runs, say)
    if "large" in chosen:
        yield large(args.runs, say)
    if "reports" in chosen:
        yield reports(args.runs, say)
    if "nothing-due" in chosen:
        yield nothing_due(args.runs, say)


PARTS = ("latency-50", "latency-0", "latency-200", "large", "reports", "nothing-due")


def main() -> int:
    """Measure and print; what is whole, or to be kept, is written to benchmarks/RESULTS.md."""
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

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    parts = list(_parts(args, say))
    left_out = [part for part in PARTS if args.only and part not in args.only]
    write(parts, left_out, keep=args.keep or not left_out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
