"""The simulator in a process of its own, controlled by lines on its standard input.

It ends with its standard input, or after `--stop-after` seconds: no benchmark leaves it running.

    latency 50    every answer takes 50 ms from now on
    requests      prints how many requests came since the last time
    hour          what an hour brings comes to each live airmeet
    settle        takes all objects made so far out of garbage collection
"""

import argparse
import gc
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from airmeet_simulator.airmeets import Plan
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.pages import Pages
from airmeet_simulator.server import running
from airmeet_simulator.simulator import Simulator

_PAGE_BYTES = 4_000_000_000
"""Enough for every page of the largest community: clients would wait for a page made again."""
_COME_IN_AN_HOUR = 25
"""People who register for a live airmeet within an hour, and join it."""


class _Clock:
    """Seconds since the epoch, so many days ago."""

    def __init__(self, days_ago: float) -> None:
        self.days_ago = days_ago

    def __call__(self) -> float:
        return time.time() - self.days_ago * 86_400


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--airmeets", type=int, required=True)
    parser.add_argument("--registrations", type=int, required=True)
    parser.add_argument("--days-ago", type=float, default=0.0, help="present of the community")
    parser.add_argument("--one-in", type=int, default=1, help="of the airmeets is listed")
    parser.add_argument("--live", type=int, default=0, help="airmeets that are live today")
    parser.add_argument("--live-registrations", type=int, default=0, help="of each of these")
    parser.add_argument("--stop-after", type=int, required=True, metavar="SECONDS")
    args = parser.parse_args()
    signal.alarm(args.stop_after)
    # Exports are ready at the second request and stay so: no contestant waits for one.
    options = SimulatorOptions(prepare_seconds=0.0, export_seconds=1e9)
    clock = _Clock(args.days_ago)
    simulator = Simulator(Plan(args.airmeets, args.registrations), options, clock=clock)
    if args.days_ago:
        _finish_all(simulator)
        clock.days_ago = 0.0
    for airmeet in simulator.airmeets():
        if airmeet.number % args.one_in:
            simulator.archive_airmeet(airmeet.uid)
    began = datetime.now(UTC) - timedelta(hours=1)
    live = [
        simulator.add_airmeet("Live Meetup", "ONGOING", began, args.live_registrations)
        for _ in range(args.live)
    ]
    hours = 0
    simulator.pages = Pages(_PAGE_BYTES)
    with running(simulator) as address:
        _print({"base": address.v1, "rows": sum(simulator.counts().values())})
        for line in sys.stdin:
            match line.split():
                case ["latency", milliseconds]:
                    # Not with `set_options`, which drops the pages.
                    simulator.options = replace(simulator.options, latency_ms=float(milliseconds))
                    _print({})
                case ["requests"]:
                    _print({"requests": simulator.requests.total})
                    simulator.requests.clear()
                case ["hour"]:
                    hours += 1
                    _pass_an_hour(simulator, live, hours)
                    _print({})
                case ["settle"]:
                    gc.collect()
                    gc.freeze()
                    _print({})


def _finish_all(simulator: Simulator) -> None:
    """End what is live: of an airmeet that is called ONGOING nothing is ever final."""
    for airmeet in simulator.airmeets():
        if airmeet.status == "ONGOING":
            simulator.finish_airmeet(airmeet.uid)


def _pass_an_hour(simulator: Simulator, live: Sequence[str], hour: int) -> None:
    for airmeet_id in live:
        for number in range(_COME_IN_AN_HOUR):
            email = f"hour{hour}.{number}@example.com"
            simulator.add_registration(airmeet_id, email, f"Person {number}")
            simulator.add_row(airmeet_id, "event_attendance", email)
    simulator.forget_exports()


def _print(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
