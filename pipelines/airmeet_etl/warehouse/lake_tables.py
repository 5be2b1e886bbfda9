"""Tables of a lake: a folder of Delta tables, one folder a dataset and in it one a table.

`deltalake` writes them, each change of a table as one version; DuckDB reads the Parquet files that
the newest version names, and needs no extension for that. Tables are not partitioned, and have
neither deletion vectors nor renamed columns, so that their files are their rows.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlt.common.data_writers.escape import escape_duckdb_literal, escape_postgres_identifier

if TYPE_CHECKING:
    import duckdb
    from deltalake import DeltaTable

Name = tuple[str, str]
"""A table's dataset and its own name."""

_LOG = "_delta_log"
_TIDIED_EVERY = 50
"""Versions of a table after which its log is shortened and files that no version of the last week
names are deleted."""
_TYPES = {
    "boolean": "BOOLEAN",
    "byte": "TINYINT",
    "short": "SMALLINT",
    "integer": "INTEGER",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP",
    "string": "VARCHAR",
    "binary": "BLOB",
}
"""Delta's primitive types as DuckDB has them; `decimal(p,s)` is written alike in both."""
_AS_TEXT = ("JSON", "TIME", "UUID")
"""DuckDB's types that Delta does not have."""


class LakeTables:
    """The tables of a folder."""

    def __init__(self, folder: Path) -> None:
        """Touches nothing yet."""
        self.folder = folder

    def versions(self) -> dict[Name, int]:
        """Every table with its newest version."""
        return dict(self._versions())

    def _versions(self) -> Iterator[tuple[Name, int]]:
        for log in self.folder.glob(f"*/*/{_LOG}"):
            versions = [int(file.stem) for file in log.glob("*.json") if file.stem.isdigit()]
            if versions:
                yield (log.parent.parent.name, log.parent.name), max(versions)

    def datasets(self) -> list[str]:
        """The datasets that were made."""
        if not self.folder.is_dir():
            return []
        return [path.name for path in self.folder.iterdir() if path.is_dir()]

    def make_dataset(self, dataset: str) -> None:
        """Make a dataset, if it is not there."""
        (self.folder / dataset).mkdir(parents=True, exist_ok=True)

    def drop_dataset(self, dataset: str) -> None:
        """Delete a dataset and all that is in it."""
        shutil.rmtree(self.folder / dataset, ignore_errors=True)

    def drop(self, name: Name) -> None:
        """Delete a table. Its log goes first: what is left of one without it is no table."""
        shutil.rmtree(self._path(name) / _LOG, ignore_errors=True)
        shutil.rmtree(self._path(name), ignore_errors=True)

    def write(
        self,
        name: Name,
        query: str,
        connection: "duckdb.DuckDBPyConnection",
        only: str | None = None,
    ) -> None:
        """Replace a table, or the rows for which `only` is true, by the rows of a query.

        It is one version: readers see the table as it was, or as it is then. The columns become
        those of the query unless rows are kept: then the query has the table's.
        """
        from deltalake import DeltaTable, write_deltalake

        rows: Any = connection.execute(_delta_typed(query, connection)).to_arrow_reader(100_000)
        path = self._path(name)
        path.mkdir(parents=True, exist_ok=True)
        if only is None:
            write_deltalake(path, rows, mode="overwrite", schema_mode="overwrite")
        else:
            write_deltalake(path, rows, mode="overwrite", predicate=only)
        table = DeltaTable(path)
        if table.version() % _TIDIED_EVERY == _TIDIED_EVERY - 1:
            table.create_checkpoint()
            table.cleanup_metadata()
            table.vacuum(dry_run=False)

    def forget_deleted(self) -> None:
        """Delete every file and every version but the newest of each table: rows that were deleted
        are in them."""
        from deltalake import DeltaTable

        for name in self.versions():
            path = self._path(name)
            table = DeltaTable(path)
            table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
            # The log of each version has the least and the greatest value of each column.
            table.create_checkpoint()
            for file in (path / _LOG).glob("*.json"):
                if file.stem.isdigit() and int(file.stem) < table.version():
                    file.unlink()
            for file in (path / _LOG).glob("*.checkpoint*.parquet"):
                if int(file.name.partition(".")[0]) < table.version():
                    file.unlink()

    def select(self, name: Name) -> str:
        """A query for a table's rows as they are now."""
        from deltalake import DeltaTable

        table = DeltaTable(self._path(name))
        columns = _columns(table)
        typed = ", ".join(
            f"CAST(NULL AS {kind}) AS {escape_postgres_identifier(column)}"
            for column, kind in columns.items()
        )
        named = ", ".join(map(escape_postgres_identifier, columns))
        query = f"SELECT {typed} WHERE false"
        if files := table.file_uris():
            listed = ", ".join(escape_duckdb_literal(file) for file in sorted(files))
            query += (
                " UNION ALL BY NAME SELECT * FROM "
                f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
            )
        return f"SELECT {named} FROM ({query})"

    def _path(self, name: Name) -> Path:
        dataset, table = name
        return self.folder / dataset / table


def _columns(table: "DeltaTable") -> dict[str, str]:
    """A table's columns with DuckDB's names of their types."""
    fields = json.loads(table.schema().to_json())["fields"]
    return {str(field["name"]): _duckdb_type(field["type"]) for field in fields}


def _duckdb_type(kind: Any) -> str:
    if isinstance(kind, dict):
        return f"{_duckdb_type(kind['elementType'])}[]"
    return _TYPES.get(str(kind), str(kind))


def _delta_typed(query: str, connection: "duckdb.DuckDBPyConnection") -> str:
    """A query with its columns in types that Delta has."""
    columns = connection.execute(f"DESCRIBE {query}").fetchall()
    texts = [
        f"CAST({name} AS VARCHAR) AS {name}"
        for name, kind in ((escape_postgres_identifier(str(row[0])), row[1]) for row in columns)
        if kind in _AS_TEXT
    ]
    return f"SELECT * REPLACE ({', '.join(texts)}) FROM ({query})" if texts else query
