"""Reports of the community of the reports' tests, to be published."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import build_reports

from tests.reports import community
from tests.reports.conftest import new_pipeline
from tests.reports.raw import load_raw


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB warehouse whose reports are built; to be copied."""
    folder = tmp_path_factory.mktemp("publish")
    pipeline = new_pipeline(folder)
    load_raw(pipeline, community.TABLES)
    build_reports(pipeline)
    return folder / "warehouse.duckdb"


@pytest.fixture
def pipeline(tmp_path: Path, warehouse: Path) -> Iterator[dlt.Pipeline]:
    """A pipeline to a copy of the warehouse."""
    shutil.copy(warehouse, tmp_path / "warehouse.duckdb")
    yield new_pipeline(tmp_path)
