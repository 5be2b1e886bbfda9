"""The simulator in a process of its own, controlled by lines on its standard input.

It ends with its standard input, or after `--stop-after` seconds: no benchmark leaves it running.

    latency 50    every answer takes 50 ms from now on
    requests      prints how many requests came since the last time
    settle        takes all objects made so far out of garbage collection
"""

import argparse
import gc
import json
import signal
import sys
import time
from dataclasses import replace

from airmeet_simulator.airmeets import Plan
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.pages import Pages
from airmeet_simulator.server import running
from airmeet_simulator.simulator import Simulator

_PAGE_BYTES = 4_000_000_000
"""Enough for every page of the largest community: clients would wait for a page made again."""


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--airmeets", type=int, required=True)
    parser.add_argument("--registrations", type=int, required=True)
    parser.add_argument("--days-ago", type=float, default=0.0, help="present of the community")
    parser.add_argument("--stop-after", type=int, required=True, metavar="SECONDS")
    args = parser.parse_args()
    signal.alarm(args.stop_after)
    # Exports are ready at the second request and stay so: no contestant waits for one.
    options = SimulatorOptions(prepare_seconds=0.0, export_seconds=1e9)
    simulator = Simulator(
        Plan(args.airmeets, args.registrations),
        options,
        clock=lambda: time.time() - args.days_ago * 86_400,
    )
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
                case ["settle"]:
                    gc.collect()
                    gc.freeze()
                    _print({})


def _print(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
