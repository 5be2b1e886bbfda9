"""Brings a copy of the published file up by what the last build changed.

Only of a DuckDB warehouse, whose last build made some airmeets anew alone, and only where what is
published is the build before it: else all is copied (`publish`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .compile import CHANGED
from .destination import columns_of, duckdb_connection, full_name
from .rebuild import last_build
from .sql_files import WHOLE, SqlFile, sql_files
from .tables import moved_table

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase
    from duckdb import DuckDBPyConnection


def lacks_last_changes(source: "SqlJobClientBase", published: object) -> bool:
    """Whether what the last build changed is all that is missing in what is published.

    Args:
        source: open client of the reports' dataset.
        published: which build that is.
    """
    if duckdb_connection(source) is None:
        return False
    last = last_build(source)
    return last is not None and not last.is_whole and last.before == published


def copy_changes(
    target: "DuckDBPyConnection", schema: str, source: "SqlJobClientBase"
) -> list[SqlFile]:
    """Bring up a copy of the published file, attached as `schema` to the warehouse's connection.

    Returns:
        The reports in which anything changed.
    """
    there = columns_of(source, [moved_table(name) for name in sql_files("reporting")])
    return [
        file
        for name, file in sql_files("reporting").items()
        if _copy(target, f'{schema}."{name}"', source, file, there)
    ]


def _copy(
    target: "DuckDBPyConnection",
    table: str,
    source: "SqlJobClientBase",
    file: SqlFile,
    there: Mapping[str, Mapping[str, object]],
) -> bool:
    columns = ", ".join(f'"{column.name}"' for column in file.columns)
    rows = full_name(source, file.name)
    of_changed, by_place = "true", "true"
    if file.rebuilt != WHOLE:
        keys = full_name(source, CHANGED[file.rebuilt])
        of_changed = f'"{file.rebuilt}" IN (SELECT "{file.rebuilt}" FROM {keys})'
        # Of the other columns, DuckDB then reads those blocks alone in which such rows are.
        by_place = f"rowid IN (SELECT rowid FROM {rows} WHERE {of_changed})"
    changed = _run(target, f"DELETE FROM {table} WHERE {of_changed}")
    changed += _run(target, f"INSERT INTO {table} SELECT {columns} FROM {rows} WHERE {by_place}")
    if file.follows and there[moved_table(file.name)]:
        moved = full_name(source, moved_table(file.name))
        taken = {mine for mine, _ in file.follows.taken}
        before = " AND ".join(f'moved."{name}" = mine."{name}"' for name in file.grain)
        after = " AND ".join(
            f'moved."{"new_" if name in taken else ""}{name}" = mine."{name}"'
            for name in file.grain
        )
        exists = f"EXISTS (SELECT 1 FROM {moved} AS moved WHERE "
        changed += _run(target, f"DELETE FROM {table} AS mine WHERE {exists}{before})")
        chosen = f"SELECT {columns} FROM {rows} AS mine WHERE {exists}{after})"
        changed += _run(target, f"INSERT INTO {table} {chosen}")
    return changed > 0


def _run(target: "DuckDBPyConnection", statement: str) -> int:
    """Run a statement; how many rows it changed is returned."""
    row = target.execute(statement).fetchone()
    return int(row[0]) if row else 0
