"""Connections to DuckDB whose settings stand in the statements, where dlt binds them.

For each value that is bound DuckDB looks whether it is one of pandas', and imports pandas to find
out: a third of a second, and the memory of it, for commands that have no use of it. It overrides a
part of dlt that is not public; `tests/trust/test_foreign_internals.py` fails when dlt changes it.
"""

from typing import Any, Literal

import duckdb
from dlt.common.data_writers.escape import escape_duckdb_literal
from dlt.destinations.impl.duckdb.configuration import DuckDbConnectionPool


class LiteralPool(DuckDbConnectionPool):
    """dlt's pool in all else."""

    @staticmethod
    def _apply_config(
        conn: duckdb.DuckDBPyConnection, scope: Literal["GLOBAL", "SESSION"], config: dict[str, Any]
    ) -> None:
        for name, value in config.items():
            try:
                conn.execute(f"SET {scope} {name} = {escape_duckdb_literal(value)}")
            except duckdb.CatalogException:
                if name != "search_path":  # of a dataset that is still to come
                    raise
