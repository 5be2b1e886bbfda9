"""A community whose reports are built, and ways to change it by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from airmeet_etl.reports.build import build

from tests.made_once import made_once
from tests.reports import community
from tests.reports.conftest import new_pipeline
from tests.reports.raw import load_raw

REPORTS = "airmeet_reports"
IDS = {row["airmeet_id"] for row in community.TABLES["airmeets"]}


@pytest.fixture
def pipeline(tmp_path: Path) -> dlt.Pipeline:
    made_once("community-and-reports", tmp_path, _loaded_and_built)
    return new_pipeline(tmp_path)


def _loaded_and_built(folder: Path) -> None:
    pipeline = new_pipeline(folder)
    load_raw(pipeline, community.TABLES)
    assert build(pipeline).how == "all built anew (no earlier build is known)"


@contextmanager
def warehouse(pipeline: dlt.Pipeline) -> Iterator[duckdb.DuckDBPyConnection]:
    with pipeline.sql_client() as client:
        yield client.native_connection


def run(pipeline: dlt.Pipeline, statement: str) -> list[tuple[Any, ...]]:
    with warehouse(pipeline) as connection:
        return connection.execute(statement).fetchall()


def fetch_again(pipeline: dlt.Pipeline, *airmeets: str) -> None:
    listed = ", ".join(f"'{airmeet}'" for airmeet in airmeets)
    run(
        pipeline,
        "update airmeet.feed_syncs set requested_at = requested_at + interval 1 second "
        f"where airmeet_id in ({listed})",
    )
