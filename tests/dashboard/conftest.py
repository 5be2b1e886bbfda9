"""The community of the reports' tests, with HTML in its names, and its reports."""

from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest
from airmeet_dashboard.reading import Reports, open_reports
from airmeet_etl.reports.publish import publish, published_file

from tests.reports import community
from tests.reports.conftest import loaded_and_built
from tests.reports.raw import Tables

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
