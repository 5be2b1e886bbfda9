"""DuckLake, ClickHouse and Spark give the same reports as DuckDB; `make test-engines` has them."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.sql_files import reports, sql_files

from tests.engines.embedded import ClickHouse, DuckLake, Engine, Spark, loaded
from tests.reports import community
from tests.reports.table_text import as_csv

EXPECTED = Path(__file__).parent.parent / "reports" / "expected"


def engine(kind: Callable[[Path], Engine], package: str) -> object:
    missing = pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")
    return pytest.param(kind, id=package, marks=missing)


ENGINES = [
    engine(DuckLake, "duckdb_extension_ducklake"),
    engine(ClickHouse, "chdb"),
    engine(Spark, "pyspark"),
]


@pytest.mark.parametrize("kind", ENGINES)
def test_reports_are_the_same_as_on_duckdb(kind: Callable[[Path], Engine], tmp_path: Path) -> None:
    engine = kind(tmp_path)
    free_mail = tmp_path / "free_mail.csv"
    free_mail.write_text("domain\nmail.example.com\n")
    compiler = loaded(engine, community.TABLES, {"free_mail_domains": str(free_mail)})
    for file in reports():
        engine.store(file.name, render(compiler.compile(file), engine.dialect))
        # Engines differ in where nulls go; only a poll's answer in a grain can be one.
        found = as_csv(engine.read(file.name, ", ".join(file.grain))).splitlines()
        expected = (EXPECTED / f"{file.name}.csv").read_text(encoding="utf-8").splitlines()
        assert sorted(found) == sorted(expected), file.name
    for file in sql_files("checks").values():
        engine.store(file.name, render(compiler.compile(file), engine.dialect))
        offending = engine.read(file.name, "1").num_rows  # a warning may be right
        assert offending == 0 or file.severity == "warning", file.name
