"""The simulator in a process of its own, told over standard input what to do.

It ends with its standard input, or by an alarm: no benchmark leaves it behind.

    latency 50    every answer takes 50 ms from now on
    requests      prints how many requests came since it was last asked
    settle        nothing is made any more: what there is is left to the garbage collector no longer
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
"""Room for every page of the largest community: a page made anew would be the client's wait."""


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--airmeets", type=int, required=True)
    parser.add_argument("--registrations", type=int, required=True)
    parser.add_argument("--days-ago", type=float, default=0.0, help="when the community's now is")
    parser.add_argument("--stop-after", type=int, required=True, metavar="SECONDS")
    args = parser.parse_args()
    signal.alarm(args.stop_after)
    # Ready as soon as they were asked for once, and then kept: no contestant waits for an export.
    options = SimulatorOptions(prepare_seconds=0.0, export_seconds=1e9)
    simulator = Simulator(
        Plan(args.airmeets, args.registrations),
        options,
        clock=lambda: time.time() - args.days_ago * 86_400,
    )
    simulator.pages = Pages(_PAGE_BYTES)
    with running(simulator) as address:
        _say({"base": address.v1, "rows": sum(simulator.counts().values())})
        for line in sys.stdin:
            match line.split():
                case ["latency", milliseconds]:
                    # Not by `set_options`, which forgets the pages.
                    simulator.options = replace(simulator.options, latency_ms=float(milliseconds))
                    _say({})
                case ["requests"]:
                    _say({"requests": simulator.requests.total})
                    simulator.requests.clear()
                case ["settle"]:
                    gc.collect()
                    gc.freeze()
                    _say({})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
