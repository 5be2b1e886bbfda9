"""The community of the reports' tests, with HTML in its names, and its reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dlt
import pytest
from airmeet_dashboard.reading import Reports, open_reports
from airmeet_etl.reports.publish import publish, published_file

from tests.reports import community
from tests.reports.conftest import loaded_and_built
from tests.reports.raw import Tables

if TYPE_CHECKING:  # the tests without a browser run without Playwright
    from playwright.sync_api import Browser

    from tests.dashboard.watched import WatchedPage

NAME = '<img src=x onerror="alert(1)"> "Spring" & <b>🚀</b>'
QUESTION = "</script><script>alert(2)</script>When's tea?"
ANSWER = "<b>Yes</b>"


def with_html() -> Tables:
    """The community with HTML in names, questions and answers."""
    tables = {name: [dict(row) for row in rows] for name, rows in community.TABLES.items()}
    for row in tables["airmeets"]:
        if row["airmeet_id"] == "spring":
            row["name"] = NAME
    for row in tables["questions"]:
        row["question"] = QUESTION if row["question"] == "When?" else row["question"]
    for row in tables["poll_responses"]:
        row["answer"] = ANSWER if row["answer"] == "Yes" else row["answer"]
    return {name: list(rows) for name, rows in tables.items()}


@pytest.fixture(scope="session")
def community_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    """A pipeline whose reports are built and published."""
    pipeline = loaded_and_built(tmp_path_factory.mktemp("dashboard"), with_html())
    publish(pipeline)
    yield pipeline


@pytest.fixture(scope="session")
def published(community_pipeline: dlt.Pipeline) -> Path:
    """The published reports of the community."""
    return published_file(community_pipeline)


@pytest.fixture
def reports(published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reports]:
    """The community's reports, as the dashboard opens them."""
    warehouse = published.with_name("warehouse.duckdb")
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", str(warehouse))
    with open_reports() as opened:
        yield opened


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    """A browser."""
    from tools.screenshot import browser

    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    """Where the app is served."""
    from tools.screenshot import served

    warehouse = str(published.with_name("warehouse.duckdb"))
    with served(DESTINATION__DUCKDB__CREDENTIALS=warehouse) as found:
        yield found


@pytest.fixture
def watched(opened: Browser, address: str) -> Iterator[WatchedPage]:
    """The app, freshly opened."""
    from tests.dashboard.watched import WatchedPage
    from tools.screenshot import wait_for_page

    with opened.new_context(viewport={"width": 1400, "height": 900}) as context:
        found = WatchedPage(context.new_page(), (address.rsplit("/", 2)[0], "data:", "blob:"))
        found.page.goto(address)
        wait_for_page(found.page, "portfolio")
        yield found
