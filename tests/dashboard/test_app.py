"""The app in a real browser."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import duckdb
import pytest

playwright = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, Page  # noqa: E402
from websockets.exceptions import InvalidStatus  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

from tests.dashboard.conftest import ANSWER, NAME, QUESTION  # noqa: E402
from tests.dashboard.watched import TABS, WatchedPage  # noqa: E402
from tools.screenshot import CHROMIUM, served, wait_for_page  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="chromium is not installed: apt-get install chromium"
    ),
]


def sql(published: Path, query: str) -> tuple[Any, ...]:
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set schema = 'airmeet_reports'")
        row = connection.sql(query).fetchone()
    assert row
    return row


def test_every_page_shows_without_an_error(watched: WatchedPage) -> None:
    for tab in TABS:
        watched.open(tab)
        assert watched.page.locator(f"[data-page={TABS[tab]}] .panel").count() >= 1
    assert not watched.errors


def test_it_fits_a_narrow_screen_and_a_dark_theme(opened: Browser, address: str) -> None:
    with opened.new_context(viewport={"width": 400, "height": 900}, color_scheme="dark") as context:
        watched = WatchedPage(context.new_page(), (address.rsplit("/", 2)[0], "data:", "blob:"))
        watched.page.goto(address)
        wait_for_page(watched.page, "portfolio")
        for tab in TABS:
            watched.open(tab)
            width = watched.page.evaluate(
                "Math.max(...[...document.querySelectorAll('.airmeet .panel, .airmeet .card')]"
                ".map(part => part.getBoundingClientRect().right))"
            )
            assert width <= 400, tab
            assert "rgb(0, 0, 0)" not in inks(watched.page), tab
        ground = watched.page.locator(".airmeet .card").first.evaluate(
            "card => getComputedStyle(card).backgroundColor"
        )
        assert ground == "rgb(27, 33, 43)"
        assert not watched.errors


def inks(page: Page) -> set[str]:
    """The colours of the words in charts."""
    return set(
        page.evaluate(
            "() => [...document.querySelectorAll('.chart, .chart *')]"
            ".flatMap(part => [...(part.shadowRoot ?? part).querySelectorAll('svg text')])"
            ".map(words => getComputedStyle(words).fill)"
        )
    )


def test_pages_are_reached_by_the_keyboard(watched: WatchedPage) -> None:
    keyboard = watched.page.keyboard
    watched.page.get_by_role("button", name="Read again").focus()
    keyboard.press("Tab")
    for key, page in {
        "ArrowRight": "event",
        "End": "health",
        "ArrowLeft": "people",
        "Home": "portfolio",
    }.items():
        keyboard.press(key)
        watched.page.wait_for_selector(f"[data-page={page}]")
    assert not watched.errors


def test_figures_equal_the_sql_and_a_filter_changes_them(
    watched: WatchedPage, published: Path
) -> None:
    (events, registered) = sql(published, "select count(*), sum(registered) from event_summary")
    assert watched.figure("events") == str(events)
    assert watched.figure("registered") == str(registered)
    (provisional,) = sql(
        published, "select count(*) from event_summary where not coalesce(is_final, false)"
    )
    assert watched.figure("provisional") == str(provisional)

    watched.choose_event("Night")
    watched.page.wait_for_function(
        "document.querySelector('[data-figure=events]').textContent === '1'"
    )
    registered, attended, rate = sql(
        published,
        """select registered, attended, attendance_rate
        from event_summary where airmeet_id = 'night'""",
    )
    assert watched.figure("registered") == str(registered)
    assert watched.figure("attended") == str(attended)
    assert watched.figure("attendance_rate") == f"{100 * rate:.1f}%"
    watched.open("Event")
    assert watched.page.locator("[data-event=night]").count() == 1
    watched.open("Data health")
    assert watched.figure("final") == "1 of 1"
    assert not watched.errors


def test_status_is_a_filter(watched: WatchedPage, published: Path) -> None:
    watched.page.locator("marimo-multiselect button").first.click()
    watched.page.get_by_role("option", name="CREATED").click()
    (events, registered) = sql(
        published,
        "select count(*), sum(registered) from event_summary where status = 'CREATED'",
    )
    watched.page.wait_for_function(
        f"document.querySelector('[data-figure=events]').textContent === '{events}'"
    )
    assert watched.figure("registered") == str(registered)


def test_dates_are_a_filter(watched: WatchedPage, published: Path) -> None:
    watched.page.locator("marimo-date-range [role=spinbutton]").first.click()
    watched.page.keyboard.type("06012026")
    watched.page.keyboard.press("Tab")
    (events,) = sql(
        published,
        "select count(*) from event_summary where start_date >= '2026-06-01'",
    )
    watched.page.wait_for_function(
        f"document.querySelector('[data-figure=events]').textContent === '{events}'"
    )


def test_unknown_figures_are_shown_as_unknown(watched: WatchedPage) -> None:
    assert watched.figure("attended") == "14"  # without June, whose attendance is lost
    watched.choose_event("June")
    watched.page.wait_for_function(
        "document.querySelector('[data-figure=attended]').textContent === 'unknown'"
    )
    watched.open("Event")
    assert watched.page.get_by_text("These figures are provisional").is_visible()


def test_people_are_filtered_and_downloaded(watched: WatchedPage, published: Path) -> None:
    watched.choose_event("Spring")
    watched.open("Follow-up")
    watched.page.get_by_role("checkbox").click()
    (wanting,) = sql(
        published,
        "select count(*) from follow_up where airmeet_id = 'spring' and wants_contact",
    )
    watched.page.wait_for_function(
        "wanted => document.querySelector('[data-figure=follow_up_people]').textContent === wanted",
        arg=str(wanting),
    )
    with watched.page.expect_download() as download:
        watched.page.get_by_text("Download CSV").click()
    assert download.value.suggested_filename == "follow-up.csv"
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 1 + wanting
    assert not watched.errors


def test_a_click_opens_an_event_and_its_address_can_be_shared(watched: WatchedPage) -> None:
    events = watched.page.locator("[data-table=events]")
    events.locator("input").first.fill("Night")
    events.locator("tbody tr").nth(1).wait_for(state="detached")
    events.locator("tbody td").first.click()
    watched.page.wait_for_selector("[data-page=event] [data-event=night]")
    watched.page.wait_for_url("**/?page=event&event=night")
    watched.page.reload()
    watched.page.wait_for_selector("[data-page=event] [data-event=night]")
    assert "Night" in watched.page.locator("marimo-dropdown button").first.inner_text()
    assert not watched.errors


def test_a_table_sorts_and_downloads(watched: WatchedPage, published: Path) -> None:
    events = watched.page.locator("[data-table=events]")
    heading = events.locator("thead th", has_text="Registered")
    heading.hover()
    heading.get_by_test_id("data-table-sort-button").click()
    (fewest,) = sql(published, "select min(registered) from event_summary")
    cell = events.locator("tbody tr").first.locator("td").nth(3)
    playwright.expect(cell).to_have_text(str(fewest))
    watched.page.get_by_role("button", name="Export").click()
    with watched.page.expect_download() as download:
        watched.page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "events.csv"
    (rows,) = sql(published, "select count(*) from event_summary")
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 1 + rows
    assert not watched.errors


def test_another_event_is_chosen_to_compare_with(watched: WatchedPage) -> None:
    watched.choose_event("Spring")
    watched.open("Compare")
    watched.page.locator("marimo-dropdown button").last.click()
    watched.page.keyboard.type("Night")
    watched.page.get_by_role("option").first.click()
    watched.page.wait_for_selector("[data-page=compare] [data-event=night]")
    assert watched.page.locator("[data-page=compare] [data-event=spring]").count() == 1
    assert not watched.errors


def test_names_are_shown_as_they_are_written(watched: WatchedPage) -> None:
    watched.choose_event("Spring")
    watched.open("Event")
    page = watched.page.locator("[data-page=event]")
    assert page.locator("h2").inner_text() == NAME
    assert page.get_by_text(QUESTION).is_visible()
    assert page.get_by_text(ANSWER).first.is_visible()
    assert page.locator("img").count() == 0
    assert not watched.errors


def test_without_a_warehouse_the_app_says_what_to_do(opened: Browser, tmp_path: Path) -> None:
    missing = str(tmp_path / "warehouse.duckdb")
    with (
        served(DESTINATION__DUCKDB__CREDENTIALS=missing) as address,
        opened.new_context() as context,
    ):
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("[data-page=empty]", timeout=90_000)
        text = page.locator("[data-page=empty]").inner_text()
        assert "Nothing is loaded yet" in text
        assert "make load" in text
        assert "Traceback" not in page.content()
    assert not Path(missing).exists()


FOREIGN_PAGE = """<!DOCTYPE html><script>
const address = ADDRESS, seen = {};
const tried = (name, promise) => promise
  .then(what => { seen[name] = what }, () => { seen[name] = "refused" });
const socket = path => new Promise((opened, refused) => {
  const one = new WebSocket(address.replace("http", "ws") + path);
  one.onmessage = message => opened(String(message.data));
  one.onopen = () => opened("opened");
  one.onerror = refused;
});
const loaded = (kind, path) => new Promise((opened, refused) => {
  const one = document.createElement(kind);
  one.onload = () => opened("loaded");
  one.onerror = refused;
  one.src = address + path;
  document.head.append(one);
});
Promise.all([
  tried("socket", socket("ws?session_id=s_abcdef")),
  tried("fetch", fetch(address).then(answer => answer.text())),
  tried("blind fetch", fetch(address, {mode: "no-cors"}).then(answer => answer.type)),
  tried("post", fetch(address + "api/kernel/run", {method: "POST", body: "{}"})),
  tried("script", loaded("script", "")),
]).then(() => { document.title = JSON.stringify(seen) });
</script>"""


class _ForeignPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        page = FOREIGN_PAGE.replace("ADDRESS", json.dumps(self.server.target))  # type: ignore[attr-defined]
        self.wfile.write(page.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_no_page_of_another_origin_reads_it(opened: Browser, address: str, name: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ForeignPage)
    server.target = address  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with opened.new_context() as context:
        page = context.new_page()
        page.goto(address)  # as somebody who has it open already
        page.goto(f"http://{name}:{server.server_port}/")
        page.wait_for_function("document.title")
        seen = json.loads(page.title())
    server.shutdown()
    assert seen == dict.fromkeys(("socket", "fetch", "blind fetch", "post", "script"), "refused")


def test_a_socket_opens_for_its_own_page_alone(address: str) -> None:
    origin = address.rsplit("/", 2)[0]
    url = address.replace("http", "ws") + "ws?session_id=s_abcdef"

    def answer(url: str, origin: str | None) -> int:
        try:
            with connect(url, origin=origin, proxy=None):  # type: ignore[arg-type]
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    assert answer(url, origin) == 101
    assert answer(url, "http://evil.example.com") == 403
    assert answer(url, f"{origin}0") == 403
    assert answer(url, "null") == 403
    assert answer(url.replace(address.split("/")[3], "guessed"), origin) == 403


def test_ctrl_c_stops_it_without_a_traceback(published: Path) -> None:
    warehouse = str(published.with_name("warehouse.duckdb"))
    command = [sys.executable, "-m", "airmeet_dashboard", "serve", "--headless", "--port", "0"]
    with subprocess.Popen(
        command,
        env={**os.environ, "DESTINATION__DUCKDB__CREDENTIALS": warehouse},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        printed = re.search(r"http://\S+", server.stdout.readline())
        assert printed
        with urlopen(printed[0]) as page:  # it serves
            assert page.status == 200
        server.send_signal(signal.SIGINT)
        _, error = server.communicate(timeout=60)
    assert (server.returncode, error) == (0, "")
