"""Spark reads a lake's tables, and builds the reports from them with the same SQL.

A session that has Delta's own reader asks its log which files are the table; that reader is no
package of Python's, so here `deltalake` is asked, and Spark reads exactly these files.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.queries import Facts, facts_of, sql_of
from airmeet_etl.reports.sql_files import reports
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.engines.embedded import Spark
from tests.engines.test_lake import use_folder
from tests.figures.comparing import same
from tests.trust.conftest import MakeScenario, make_scenario
from tests.workplace import TABLES, assert_same_rows

deltalake = pytest.importorskip("deltalake")
pytest.importorskip("pyspark")
__all__ = ["make_scenario"]

LAKE = ("--destination", "filesystem")


class SparkOverTheLake(Spark):
    """Spark, with a view for each Delta table of a dataset."""

    def __init__(self, folder: Path, dataset: Path) -> None:
        super().__init__(folder)
        self.found = {path.parent.name for path in dataset.glob("*/_delta_log")}
        for name in self.found:
            table = deltalake.DeltaTable(dataset / name)
            files = table.file_uris()
            if not files:
                files = [str(folder / f"{name}.parquet")]
                pq.write_table(pa.schema(table.schema().to_arrow()).empty_table(), files[0])
            read = self.session.read.option("mergeSchema", "true")
            read.parquet(*files).createOrReplaceTempView(f"lab_{name}")


def for_spark(facts: Facts) -> Facts:
    """What is known of the lake, with its tables as the views of Spark."""

    def views(names: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((name, f"lab_{name}") for name, _ in names)

    return replace(facts, dialect="spark", raw=views(facts.raw), reports=views(facts.reports))


def test_spark_reads_the_lake_and_builds_the_same_reports(
    make_scenario: MakeScenario, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenario = make_scenario(airmeets=3)
    lake = use_folder(scenario.workplace)
    scenario.load(*LAKE)
    first = scenario.ids[0]
    scenario.simulator.edit_airmeet(first, name="Called otherwise")
    scenario.simulator.clear_feed(first, "session_attendance")
    scenario.refresh()
    scenario.load(*LAKE)  # so that there are files of versions that are no more
    pipeline = open_pipeline("filesystem")
    build_reports(pipeline)
    spark = SparkOverTheLake(tmp_path_factory.mktemp("spark"), lake / "airmeet")
    for table in TABLES:
        rows = spark.read(table, "1").to_pylist()
        assert_same_rows(rows, scenario.simulator.truth(table))
    facts = for_spark(facts_of(pipeline, "airmeet_reports"))
    for file in reports():
        spark.store(file.name, sql_of(file, facts))
        found = _in_order(spark.read(file.name, "1"))
        expected = _in_order(read_report(pipeline, file.name))
        assert len(found) == len(expected), file.name
        for mine, right in zip(found, expected, strict=True):
            differing = {k: (mine[k], v) for k, v in right.items() if not same(mine[k], v)}
            assert not differing, (file.name, right)


def _in_order(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda row: str(sorted(_texts(row).items())))


def _texts(row: dict[str, Any]) -> dict[str, str]:
    """A row's values but for those that engines write otherwise, to sort by."""
    return {k: str(v) for k, v in row.items() if not isinstance(v, float | datetime)}
