"""Connections to DuckDB whose settings stand in the statements, where dlt binds them.

For each value that is bound DuckDB looks whether it is one of pandas', and imports pandas to find
out: a third of a second, and the memory of it, for commands that have no use of it. It overrides a
part of dlt that is not public; `tests/trust/test_foreign_internals.py` fails when dlt changes it.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, TypeVar

import duckdb
from dlt.common.data_writers.escape import escape_duckdb_literal
from dlt.common.destination.dataset import DBApiCursor
from dlt.destinations.impl.duckdb.configuration import DuckDbConnectionPool
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.destinations.sql_client import SqlClientBase

_Client = TypeVar("_Client", bound=SqlClientBase[Any])


class Unbound:
    """dlt's SQL client in all but that values, which are no personal data, stand in the query."""

    def __init__(self, client: SqlClientBase[Any]) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def execute_query(self, query: str, *values: Any) -> AbstractContextManager[DBApiCursor]:
        """Run a query in which %s stands for each value, and nothing else has a %."""
        return self._client.execute_query(_filled(query, values))

    def execute_sql(self, query: str, *values: Any) -> Sequence[Sequence[Any]] | None:
        """Likewise; the rows are returned."""
        return self._client.execute_sql(_filled(query, values))


def unbound(client: _Client) -> _Client:
    """A client for values that are no personal data, which binds none to a DuckDB."""
    return Unbound(client) if isinstance(client, DuckDbSqlClient) else client  # type: ignore[return-value]


def _filled(query: str, values: Sequence[Any]) -> str:
    return query % tuple(map(escape_duckdb_literal, values)) if values else query


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
