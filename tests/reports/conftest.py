from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dlt
import pytest
from airmeet_etl.reports import compile as compiling
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.compile import SqlFile, sql_files, tables_read

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
    pipeline = new_pipeline(folder)
    load_raw(pipeline, tables)
    with pytest.MonkeyPatch.context() as patch:
        for name, text in seeds.items():
            file = folder / f"{name}.csv"
            file.write_text(text, encoding="utf-8")
            patch.setenv(f"REPORTS__{name.upper()}", str(file))
        build_reports(pipeline)
    return pipeline


def new_pipeline(folder: Path) -> dlt.Pipeline:
    return dlt.pipeline(
        "airmeet",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="airmeet",
    )


@contextmanager
def building_what(files: Iterable[SqlFile]) -> Iterator[None]:
    """Builds make the reports that these files read, themselves or by way of others, alone."""
    wanted: set[str] = set()
    unseen = [*files]
    while unseen:
        read = tables_read(unseen.pop().query) & sql_files("reporting").keys()
        unseen += [sql_files("reporting")[name] for name in read - wanted]
        wanted |= read
    few = [file for file in compiling.reports() if file.name in wanted]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "reports", lambda: few)
        yield


def report(pipeline: dlt.Pipeline, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a report in the order of its grain, of all columns or those given."""
    table = read_report(pipeline, name)
    chosen = table.select(list(columns)) if columns else table
    return [tuple(row.values()) for row in chosen.to_pylist()]
