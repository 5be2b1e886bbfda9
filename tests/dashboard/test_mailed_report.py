"""The report to mail, made as a user would, in a real browser."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

from airmeet_dashboard.reading import EventFilter, open_reports  # noqa: E402
from airmeet_dashboard.report import report as html_report  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402

from tests.dashboard.test_app import pytestmark as pytestmark  # noqa: E402
from tests.dashboard.test_app import sql  # noqa: E402
from tests.dashboard.watched import WatchedPage  # noqa: E402
from tools.screenshot import wait_for_page  # noqa: E402


def report(folder: Path, published: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """`python -m airmeet_dashboard report`, run as a user would."""
    warehouse = str(published.with_name("warehouse.duckdb"))
    return subprocess.run(
        [sys.executable, "-m", "airmeet_dashboard", "report", "--output", "report.html", *options],
        cwd=folder,
        env={
            **os.environ,
            "DESTINATION__DUCKDB__CREDENTIALS": warehouse,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
    )


def test_the_report_needs_no_network(opened: Browser, published: Path, tmp_path: Path) -> None:
    result = report(tmp_path, published, "--until", "2026-06-15")
    assert result.returncode == 0, result.stderr
    with opened.new_context(offline=True, viewport={"width": 1400, "height": 900}) as context:
        file = tmp_path / "report.html"
        watched = WatchedPage(context.new_page(), (file.as_uri(), "data:"))
        watched.page.goto(file.as_uri())
        wait_for_page(watched.page, "portfolio")
        wait_for_page(watched.page, "people")
        events, registered = sql(
            published,
            """select count(*), sum(registered) from event_summary
            where start_date <= '2026-06-15'""",
        )
        assert watched.page.locator('[data-figure="events"]').inner_text() == str(events)
        first = watched.page.locator('[data-page=portfolio] [data-figure="registered"]')
        assert first.inner_text() == str(registered)
        contents = watched.page.get_by_role("navigation", name="Contents").get_by_role("link")
        for link in contents.all():
            anchor = (link.get_attribute("href") or "").removeprefix("#")
            assert watched.page.locator(f"section#{anchor} h2").first.is_visible()
        assert contents.count() >= 4
        assert not watched.errors


def test_the_report_names_people_only_when_asked(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = published.with_name("warehouse.duckdb")
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(warehouse))
    spring = EventFilter(airmeet_id="spring")
    without_names = html_report(open_reports(), spring)
    assert "ann@acme.example.com" not in without_names and ">Ann<" not in without_names
    assert "acme.example.com" in without_names.replace("<wbr>", "")
    assert "ann@acme.example.com" in html_report(open_reports(), spring, with_people=True)


def test_a_report_on_nothing_says_so(published: Path, tmp_path: Path) -> None:
    result = report(tmp_path, published, "--since", "2030-01-01")
    assert result.returncode == 1
    assert result.stderr == "dashboard: No event matches these filters.\n"
    assert not (tmp_path / "report.html").exists()
