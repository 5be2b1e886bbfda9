"""Pace and comparison on other engines, over more airmeets than the community by hand has: their
quartiles, medians and name stems are those that they are on DuckDB."""

from collections.abc import Callable
from pathlib import Path

import pytest
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.sql_files import reports, sql_files

from tests.engines.embedded import Engine, loaded
from tests.engines.test_embedded import ENGINES
from tests.engines.test_postgres import pipeline_to
from tests.reports import test_comparison, test_pace
from tests.reports.conftest import building, new_pipeline
from tests.reports.raw import Tables, load_raw
from tests.reports.table_text import as_csv

COMPARED = ("event_comparison", "registration_pace")

RAW: Tables = {
    name: [*test_comparison.RAW.get(name, []), *test_pace.RAW[name]] for name in test_pace.RAW
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    pipeline = new_pipeline(tmp_path_factory.mktemp("expected"))
    load_raw(pipeline, RAW)
    with building(*COMPARED):
        build_reports(pipeline)
    return {name: as_csv(read_report(pipeline, name)).splitlines() for name in COMPARED}


def needed(name: str) -> set[str]:
    """A report, and the reports that it is built on."""
    files = sql_files("reporting")
    read = files[name].reads & files.keys()
    return {name}.union(*map(needed, read))


@pytest.mark.parametrize("kind", ENGINES)
def test_embedded_engines(
    kind: Callable[[Path], Engine], expected: dict[str, list[str]], tmp_path: Path
) -> None:
    engine = kind(tmp_path)
    compiler = loaded(engine, RAW, {})
    for file in reports():
        if file.name in set().union(*map(needed, COMPARED)):
            engine.store(file.name, render(compiler.compile(file), engine.dialect))
    for name in COMPARED:
        order = ", ".join(sql_files("reporting")[name].grain)
        assert as_csv(engine.read(name, order)).splitlines() == expected[name]


def test_postgres(database: str, expected: dict[str, list[str]], tmp_path: Path) -> None:
    pipeline = pipeline_to(database, "airmeet", tmp_path)
    load_raw(pipeline, RAW)
    with building(*COMPARED):
        build_reports(pipeline)
    for name in COMPARED:
        assert as_csv(read_report(pipeline, name)).splitlines() == expected[name]
