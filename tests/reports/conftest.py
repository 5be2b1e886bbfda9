from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports.build import build_reports, read_report

from tests.reports import community
from tests.reports.raw import load_raw


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    """A pipeline to a DuckDB file of its own, with nothing loaded."""
    yield new_pipeline(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    """The reports of the community in `community.py`."""
    folder = tmp_path_factory.mktemp("community")
    free_mail = folder / "free_mail.csv"
    free_mail.write_text("domain\nmail.example.com\n")
    pipeline = new_pipeline(folder)
    load_raw(pipeline, community.TABLES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTS__FREE_MAIL_DOMAINS", str(free_mail))
        build_reports(pipeline)
    yield pipeline


def new_pipeline(folder: Path) -> dlt.Pipeline:
    return dlt.pipeline(
        "airmeet",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="airmeet",
    )


def report(pipeline: dlt.Pipeline, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a report in the order of its grain, of all columns or those given."""
    table = read_report(pipeline, name)
    chosen = table.select(list(columns)) if columns else table
    return [tuple(row.values()) for row in chosen.to_pylist()]
