"""Reports of the community of the reports' tests, to be published."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dlt
import pytest

from tests.reports import community
from tests.reports.conftest import loaded_and_built, new_pipeline


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB warehouse whose reports are built; to be copied."""
    folder = tmp_path_factory.mktemp("publish")
    loaded_and_built(folder, community.TABLES)
    return folder / "warehouse.duckdb"


@pytest.fixture
def pipeline(tmp_path: Path, warehouse: Path) -> Iterator[dlt.Pipeline]:
    """A pipeline to a copy of the warehouse."""
    shutil.copy(warehouse, tmp_path / "warehouse.duckdb")
    yield new_pipeline(tmp_path)
