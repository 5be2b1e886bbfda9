"""Engines within the test process, each as three verbs: take a raw table, store a query, read.

They are driven without dlt: what is compared is what the same SQL gives.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from airmeet.schemas import RAW_TABLES, Kind, Table
from airmeet_etl.reports.compile import Compiler
from airmeet_etl.reports.seeds import seeds, spelled_zones
from sqlglot import exp

from tests.reports.raw import Tables, with_people


class Engine(Protocol):
    """An engine; `dialect` is sqlglot's name of its SQL, `prefix` what stands before tables."""

    dialect: str
    prefix: str

    def load(self, table: Table, rows: pa.Table) -> None: ...
    def store(self, name: str, sql: str) -> None: ...
    def read(self, name: str, order: str) -> pa.Table: ...


CLICKHOUSE_TYPES: dict[Kind, str] = {
    "text": "String",
    "bigint": "Int64",
    "double": "Float64",
    "bool": "Bool",
    "timestamp": "DateTime64(6, 'UTC')",
    "json": "String",
}


class ClickHouse:
    """chdb: ClickHouse in this process."""

    dialect, prefix = "clickhouse", "lab."

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session: Any = import_module("chdb.session").Session(str(folder / "chdb"))
        self.session.query("CREATE DATABASE lab")

    def load(self, table: Table, rows: pa.Table) -> None:
        columns = ", ".join(
            f"`{c.name}` Nullable({CLICKHOUSE_TYPES[c.kind]})" for c in table.columns
        )
        name = f"lab.{table.name}"
        self.session.query(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        file = self.folder / f"{table.name}.parquet"
        pq.write_table(rows, file)
        if rows.num_rows:
            self.session.query(f"INSERT INTO {name} SELECT * FROM file('{file}')")

    def store(self, name: str, sql: str) -> None:
        self.session.query(f"CREATE TABLE lab.{name} ENGINE = MergeTree ORDER BY tuple() AS {sql}")

    def read(self, name: str, order: str) -> pa.Table:
        table: pa.Table = self.session.query(
            f"SELECT * FROM lab.{name} ORDER BY {order}", "ArrowTable"
        )
        return table


class SparkSql:
    """What answers the client of Spark in a session."""

    session: Any

    def read(self, name: str, order: str) -> pa.Table:
        table: pa.Table = self.session.sql(f"SELECT * FROM lab_{name} ORDER BY {order}").toArrow()
        return table


class Spark(SparkSql):
    """pyspark in local mode."""

    # Every CTE gets a name of its own: as in a warehouse, tables must not be taken for one.
    dialect, prefix = "spark", "lab_"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.ui.enabled": "false",
        }
        builder = import_module("pyspark.sql").SparkSession.builder.master("local[2]")
        for key, value in settings.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()

    def load(self, table: Table, rows: pa.Table) -> None:
        file = str(self.folder / f"{table.name}.parquet")
        pq.write_table(rows, file)
        self.session.read.parquet(file).createOrReplaceTempView(f"lab_{table.name}")

    def store(self, name: str, sql: str) -> None:
        # Stored, not a view: else each report would plan all those that it reads once more.
        file = str(self.folder / f"{name}.parquet")
        self.session.sql(sql).write.parquet(file)
        self.session.read.parquet(file).createOrReplaceTempView(f"lab_{name}")


class DuckLake:
    """DuckLake with a catalog in SQLite, its extensions from PyPI."""

    dialect, prefix = "duckdb", "lake."

    def __init__(self, folder: Path) -> None:
        duckdb: Any = import_module("duckdb")
        self.connection: Any = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        for name in ("sqlite_scanner", "ducklake"):
            package = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
            self.connection.execute(f"LOAD '{package / f'{name}.duckdb_extension'}'")
        place = f"ducklake:sqlite:{folder / 'catalog.sqlite'}"
        self.connection.execute(f"ATTACH '{place}' AS lake (DATA_PATH '{folder / 'data'}')")

    def load(self, table: Table, rows: pa.Table) -> None:
        self.connection.register("incoming", rows)
        self.connection.execute(f"CREATE TABLE lake.{table.name} AS FROM incoming")

    def store(self, name: str, sql: str) -> None:
        self.connection.execute(f"CREATE TABLE lake.{name} AS {sql}")

    def read(self, name: str, order: str) -> pa.Table:
        query = f"SELECT * FROM lake.{name} ORDER BY {order}"
        table: pa.Table = self.connection.execute(query).to_arrow_table()
        return table


def loaded(engine: Engine, tables: Tables, own_seeds: Mapping[str, str]) -> Compiler:
    """Load raw tables, those that are not given empty; returns what compiles queries on them."""
    for name, table in RAW_TABLES.items():
        schema = pa.schema([(column.name, column.arrow_type) for column in table.columns])
        given = with_people(table, tables.get(name, []))
        engine.load(table, pa.Table.from_pylist(given, schema=schema))
    zones = spelled_zones(str(row["timezone"]) for row in tables["airmeets"])
    return Compiler(
        lambda name: exp.to_table(engine.prefix + name),
        {name: {column.name for column in table.columns} for name, table in RAW_TABLES.items()},
        lambda name: exp.to_table(engine.prefix + name),
        seeds(zones, own_seeds, 7),
    )
