"""Spark and Sail read a lake's tables, and build the reports from them with the same SQL.

Sail, which answers Spark's client, reads Delta by itself, and the reports that it builds are Delta
tables again. A session of Spark that has Delta's own reader asks its log which files are the
table; that reader is no package of Python's, so here `deltalake` is asked, and Spark reads exactly
these files.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.queries import Facts, facts_of, sql_of
from airmeet_etl.reports.sql_files import reports
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.engines.embedded import Spark, SparkSql
from tests.engines.test_lake import use_folder
from tests.figures.comparing import same
from tests.trust.conftest import MakeScenario, make_scenario
from tests.workplace import TABLES, assert_same_rows

deltalake = pytest.importorskip("deltalake")
pytest.importorskip("pyspark")
pytest.importorskip("pysail")
__all__ = ["make_scenario"]

LAKE = ("--destination", "filesystem")


class SparkOverTheLake(Spark):
    """Spark, with a view for each Delta table of a dataset."""

    def __init__(self, folder: Path, dataset: Path) -> None:
        super().__init__(folder)
        for log in dataset.glob("*/_delta_log"):
            name = log.parent.name
            table = deltalake.DeltaTable(log.parent)
            files = table.file_uris()
            if not files:
                files = [str(folder / f"{name}.parquet")]
                pq.write_table(pa.schema(table.schema().to_arrow()).empty_table(), files[0])
            read = self.session.read.option("mergeSchema", "true")
            read.parquet(*files).createOrReplaceTempView(f"lab_{name}")


class SailOverTheLake(SparkSql):
    """Sail, with a view for each Delta table of a dataset."""

    def __init__(self, session: Any, folder: Path, dataset: Path) -> None:
        self.session = session
        self.folder = folder
        session.conf.set("spark.sql.session.timeZone", "UTC")
        for log in dataset.glob("*/_delta_log"):
            self._show(log.parent)

    def store(self, name: str, sql: str) -> None:
        self.session.sql(sql).write.format("delta").save(str(self.folder / name))
        self._show(self.folder / name)

    def _show(self, table: Path) -> None:
        read = self.session.read.format("delta").load(str(table))
        read.createOrReplaceTempView(f"lab_{table.name}")


Reader = Callable[[Path, Path], AbstractContextManager[SparkOverTheLake | SailOverTheLake]]


@contextmanager
def spark(folder: Path, dataset: Path) -> Iterator[SparkOverTheLake]:
    yield SparkOverTheLake(folder, dataset)


@contextmanager
def sail(folder: Path, dataset: Path) -> Iterator[SailOverTheLake]:
    server = import_module("pysail.spark").SparkConnectServer(ip="127.0.0.1", port=0)
    server.start()
    _, port = server.listening_address
    # Its own client, for beside a Spark of this process the common one refuses to start.
    client: Any = import_module("pyspark.sql.connect.session").SparkSession
    session = client.builder.remote(f"sc://127.0.0.1:{port}").create()
    try:
        yield SailOverTheLake(session, folder, dataset)
    finally:
        session.stop()
        server.stop()


def for_spark(facts: Facts) -> Facts:
    """What is known of the lake, with its tables as the views of Spark."""

    def views(names: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple((name, f"lab_{name}") for name, _ in names)

    return replace(facts, dialect="spark", raw=views(facts.raw), reports=views(facts.reports))


@pytest.mark.parametrize("reader", [spark, sail])
def test_a_lake_is_read_and_the_same_reports_built(
    make_scenario: MakeScenario, tmp_path_factory: pytest.TempPathFactory, reader: Reader
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
    facts = for_spark(facts_of(pipeline, "airmeet_reports"))
    with reader(tmp_path_factory.mktemp("engine"), lake / "airmeet") as engine:
        for table in TABLES:
            assert_same_rows(engine.read(table, "1").to_pylist(), scenario.simulator.truth(table))
        for file in reports():
            engine.store(file.name, sql_of(file, facts))
            found = _in_order(engine.read(file.name, "1"))
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
