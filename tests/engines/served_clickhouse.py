"""chdb, ClickHouse within this process, in place of the server that dlt's client of it talks to.

dlt's client and the driver are the real ones up to where the driver would send a statement: the
statement is cut, and values are put into it, as ever. chdb then runs it; what comes back are
Python's values as the driver gives them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import RLock
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

ADDRESS = "clickhouse://default:none@127.0.0.1:1/lab?secure=0"


class Served:
    """One database, `lab`; statements run one after the other."""

    def __init__(self, folder: Path) -> None:
        self.session: Any = import_module("chdb.session").Session(str(folder / "chdb"))
        self.lock = RLock()
        self.session.query("CREATE DATABASE IF NOT EXISTS lab")

    def query(self, statement: str) -> Any:
        """The rows of a statement as an Arrow table; None where it gives none."""
        errors = import_module("clickhouse_driver.errors")
        with self.lock:
            try:
                return self.session.query(statement, "ArrowTable")
            except Exception as error:
                code = str(error).partition("Code: ")[2].partition(".")[0]
                raise errors.ServerException(str(error), int(code or 0)) from None

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        found: list[dict[str, Any]] = self.query(statement).to_pylist()
        return found


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """While the context lasts, dlt's client of ClickHouse is served by chdb."""
    client = import_module("clickhouse_driver.client").Client
    sql_client = import_module("dlt.destinations.impl.clickhouse.sql_client").ClickHouseSqlClient
    server = Served(folder)
    context = SimpleNamespace(
        client_settings={"server_side_params": False},
        server_info=SimpleNamespace(get_timezone=lambda: "UTC"),
    )

    def execute(self: Any, query: str, params: Any = None, **_: Any) -> Any:
        if params is not None:
            query = self.substitute_params(query, params, context)
        table = server.query(query)
        if table is None or not hasattr(table, "schema"):
            return [], []
        rows = [tuple(row.values()) for row in table.to_pylist()]
        return rows, [(field.name, str(field.type)) for field in table.schema]

    def insert_file(self: Any, file_path: str, table_name: str, file_format: str, _: str) -> None:
        table = self.make_qualified_table_name(table_name)
        if file_format == "Parquet":
            names = pq.read_schema(file_path).names
        else:
            described = server.query(f"DESCRIBE file('{file_path}', '{file_format}')")
            names = described.column("name").to_pylist()
        columns = ", ".join(f"`{name}`" for name in names)
        server.query(
            f"INSERT INTO {table} ({columns}) SELECT {columns} "
            f"FROM file('{file_path}', '{file_format}')"
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "execute", execute)
        patch.setattr(sql_client, "insert_file", insert_file)
        try:
            yield server
        finally:
            server.session.close()
