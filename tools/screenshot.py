"""`python -m tools.screenshot`: the README's picture of the dashboard, from the demo's warehouse.

Needs Playwright and Debian's chromium; run `make demo` first.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_SECONDS = 90
"""The longest wait for a page to show, on a busy machine."""


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """Serve the dashboard in a process of its own, and give the address that it prints."""
    command = [
        sys.executable,
        "-m",
        "airmeet_dashboard",
        "serve",
        "--headless",
        "--port",
        "0",
    ]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            printed = re.search(r"http://\S+", server.stdout.readline())
            if printed is None:
                raise RuntimeError("the dashboard did not start")
            yield printed[0]
        finally:
            server.terminate()


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's chromium without a window and without requests of its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS)
        try:
            yield opened
        finally:
            opened.close()


def wait_for_page(page: Page, key: str) -> None:
    """Wait until a page of the dashboard, all its charts and all its tables are drawn."""
    page.wait_for_selector(f"[data-page={key}]", timeout=PATIENCE_SECONDS * 1000)
    page.wait_for_function(
        "key => [...document.querySelectorAll(`[data-page=${key}] .chart`)].every(chart =>"
        " chart.querySelector('svg.marks') || [...chart.querySelectorAll('*')].some(inner =>"
        " inner.shadowRoot && inner.shadowRoot.querySelector('svg.marks')))"
        " && [...document.querySelectorAll(`[data-page=${key}] marimo-table`)].every(table =>"
        " table.shadowRoot && table.shadowRoot.querySelector('tbody td'))",
        arg=key,
        timeout=PATIENCE_SECONDS * 1000,
    )


def main() -> int:
    """Take the picture of the portfolio page."""
    os.environ.setdefault("DESTINATION__DUCKDB__CREDENTIALS", "demo.duckdb")
    with served() as address, browser() as opened:
        page = opened.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(address)
        wait_for_page(page, "portfolio")
        page.screenshot(path=Path("docs") / "dashboard.png")
    print("docs/dashboard.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
