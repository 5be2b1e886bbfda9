import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports import plan
from airmeet_etl.reports import sql_files as files
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.sql_files import STATES_MODEL, sql_files, stored_files

from tests.made_once import made_once
from tests.reports import community
from tests.reports.raw import Tables, load_raw


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    """A pipeline to a DuckDB file of its own, with nothing loaded."""
    yield new_pipeline(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dlt.Pipeline]:
    """The reports of the community in `community.py`."""
    folder = tmp_path_factory.mktemp("community")
    yield reported(folder, community.TABLES, free_mail_domains="domain\nmail.example.com\n")


def reported(folder: Path, tables: Tables, **seeds: str) -> dlt.Pipeline:
    """A pipeline of its own with these raw tables loaded and the reports built from them.

    Args:
        seeds: what stands in the CSV files that take the place of the project's, by their names.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, text in seeds.items():
            file = folder / f"{name}.csv"
            file.write_text(text, encoding="utf-8")
            patch.setenv(f"REPORTS__{name.upper()}", str(file))
        return loaded_and_built(folder, tables)


def loaded_and_built(folder: Path, tables: Tables) -> dlt.Pipeline:
    """As `reported`, with the seeds that the settings name; made once for all test processes."""

    def make(folder: Path) -> None:
        pipeline = new_pipeline(folder)
        load_raw(pipeline, tables)
        build_reports(pipeline)

    seeds = {
        name: Path(file).read_text(encoding="utf-8")
        for name, file in sorted(os.environ.items())
        if name.startswith("REPORTS__")
    }
    made_once(hashlib.sha256(repr((tables, seeds)).encode()).hexdigest(), folder, make)
    return new_pipeline(folder)


def new_pipeline(folder: Path) -> dlt.Pipeline:
    return dlt.pipeline(
        "airmeet",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="airmeet",
    )


@contextmanager
def building(*names: str) -> Iterator[None]:
    """Builds make the reports of these names and those that they read, and no other."""
    known = {file.name: file for file in stored_files()}
    models = {**sql_files("intermediate"), **sql_files("parts"), **known}
    wanted: set[str] = set()
    unseen = {*names, STATES_MODEL}
    while unseen:
        wanted |= unseen
        read: set[str] = set()
        for name in unseen:
            file = models[name]
            read |= file.reads | ({file.follows.table} if file.follows else set())
        unseen = read & models.keys() - wanted
    few = [file for file in known.values() if file.name in wanted]
    with pytest.MonkeyPatch.context() as patch:
        for module in (plan, files):
            patch.setattr(module, "stored_files", lambda: few)
        patch.setattr(files, "reports", lambda: [file for file in few if not file.stored])
        yield


def report(pipeline: dlt.Pipeline, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a report in the order of its grain, of all columns or those given."""
    table = read_report(pipeline, name)
    chosen = table.select(list(columns)) if columns else table
    return [tuple(row.values()) for row in chosen.to_pylist()]
