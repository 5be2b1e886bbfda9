"""The reports are those of the twin, row by row, on communities that no hand would think of.

A dozen communities, or COMMUNITIES of them from FIRST_SEED on; all but the first few are long.
"""

import os
from pathlib import Path

import dlt
import pytest
from airmeet_etl.reports.build import build_reports

from tests.figures.communities import community
from tests.figures.comparing import differences
from tests.figures.seeds import environment
from tests.reports.conftest import new_pipeline
from tests.reports.raw import load_raw
from tests.sweeps import first

FIRST = int(os.environ.get("FIRST_SEED", 1))
COMMUNITIES = int(os.environ.get("COMMUNITIES", 12))
FEW = 1
SHOWN = 40
"""Differences that a failure shows."""


def found(
    pipeline: dlt.Pipeline, seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    tables, seeds = community(seed)
    for name, value in environment(folder, seeds).items():
        monkeypatch.setenv(name, value)
    load_raw(pipeline, tables)
    build_reports(pipeline)
    return differences(pipeline, tables, seeds)[:SHOWN]


@pytest.mark.slow
@pytest.mark.parametrize("seed", first(FEW, range(FIRST, FIRST + COMMUNITIES)))
def test_the_reports_are_those_of_the_twin(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(new_pipeline(tmp_path), seed, tmp_path, monkeypatch) == []


@pytest.mark.slow
def test_on_postgres_as_well(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg2")
    pipeline = dlt.pipeline(
        "airmeet",
        pipelines_dir=str(tmp_path / "dlt"),
        destination=dlt.destinations.postgres(database),
        dataset_name="airmeet",
    )
    assert found(pipeline, FIRST, tmp_path, monkeypatch) == []
