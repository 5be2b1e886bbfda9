"""`python -m tools.first_picture`: how long the dashboard of the demo takes to show something.

Needs Playwright and Debian's chromium; run `make demo` first. Each run has a profile of its own and
opens the page twice. Seconds count from the begin of the navigation, by the browser's own clock.
With --new-server each run has a server of its own, too, which has served nothing yet.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Iterable
from contextlib import ExitStack

from playwright.sync_api import Browser, Page

from tools.screenshot import PATIENCE_SECONDS, browser, served

SEEN = ("tile", "chart", "all charts")
# Asked before each frame is painted. A chart is in a shadow tree of marimo's.
_WATCH = """
const seen = window.seenAfter = {};
const note = (what, is) => { if (is && !(what in seen)) seen[what] = performance.now() / 1000 };
const drawn = chart => [chart, ...chart.querySelectorAll("*")].some(
  part => (part.shadowRoot ?? part).querySelector("svg.marks, canvas.marks"));
const look = () => {
  note("nothing", document.querySelector("[data-page=empty]"));
  const tile = document.querySelector("[data-page=portfolio] [data-figure]");
  note("tile", tile?.checkVisibility() && /[0-9]/.test(tile.textContent));
  const charts = [...document.querySelectorAll("[data-page=portfolio] .chart")];
  note("chart", charts.some(drawn));
  note("all charts", charts.length && charts.every(drawn));
  if (!("all charts" in seen)) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print each run and the medians."""
    parser = argparse.ArgumentParser(prog="python -m tools.first_picture", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--new-server", action="store_true")
    args = parser.parse_args(arguments)
    os.environ.setdefault("DESTINATION__DUCKDB__CREDENTIALS", "demo.duckdb")
    opens: list[dict[str, float]] = []
    reloads: list[dict[str, float]] = []
    print(f"load of the machine: {os.getloadavg()[0]:.2f}")
    with ExitStack() as stack:
        address = None if args.new_server else stack.enter_context(served())
        for number in range(args.runs):
            with ExitStack() as run:
                at = address or run.enter_context(served())
                first, again = _open_twice(run.enter_context(browser()), at)
            opens.append(first)
            reloads.append(again)
            print(f"run {number + 1}: first {_words(first)} | reload {_words(again)}", flush=True)
    print(f"median: first {_words(_medians(opens))} | reload {_words(_medians(reloads))}")
    print(f"load of the machine: {os.getloadavg()[0]:.2f}")
    return 0


def _open_twice(opened: Browser, address: str) -> tuple[dict[str, float], dict[str, float]]:
    page = opened.new_page(viewport={"width": 1400, "height": 1000})
    page.add_init_script(_WATCH)
    page.goto(address, wait_until="commit")
    first = _seen(page)
    page.reload(wait_until="commit")
    return first, _seen(page)


def _seen(page: Page) -> dict[str, float]:
    page.wait_for_function(
        "['all charts', 'nothing'].some(what => what in (window.seenAfter ?? {}))",
        timeout=PATIENCE_SECONDS * 1000,
    )
    seen = dict(page.evaluate("window.seenAfter"))
    if "nothing" in seen:
        raise RuntimeError("the page is empty; run make demo first")
    return seen


def _medians(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    runs = list(runs)
    return {what: statistics.median(run[what] for run in runs) for what in SEEN}


def _words(run: dict[str, float]) -> str:
    return ", ".join(f"{what} {run[what]:.2f} s" for what in SEEN)


if __name__ == "__main__":
    sys.exit(main())
