"""Brings a copy of the published file up by what the last build changed.

Only of a DuckDB warehouse, whose last build made some airmeets anew alone, and only where what is
published is the build before it: else all is copied (`publish`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..warehouse.columns import columns_of
from .compile import CHANGED
from .destination import duckdb_connection, full_name
from .rebuild import last_build
from .sql_files import WHOLE, SqlFile, sql_files
from .tables import before_table, make_table, moved_table

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
    target: "DuckDBPyConnection", schema: str, source: "SqlJobClientBase", builds: int = 1
) -> list[SqlFile]:
    """Bring up a copy of the published file, attached as `schema` to the warehouse's connection.

    Args:
        target: the connection.
        schema: of the reports in the copy.
        source: open client of the reports' dataset.
        builds: how many of the last builds the copy lacks, one or two (`keep_changes`).

    Returns:
        The reports in which anything changed.
    """
    changes = [*CHANGED.values(), *(moved_table(name) for name in sql_files("reporting"))]
    tables = [name for change in changes for name in (change, before_table(change))[:builds]]
    there = {name for name, columns in columns_of(source, tables).items() if columns}

    def both(change: str) -> list[str]:
        names = (change, before_table(change))[:builds]
        return [full_name(source, name) for name in names if name in there]

    def moved(report: str) -> list[str]:
        """Mostly none: to look for none of a report's rows would read all of them."""
        tables = both(moved_table(report))
        return [table for table in tables if _run(target, f"SELECT count(*) FROM {table}")]

    return [
        file
        for name, file in sql_files("reporting").items()
        if _copy(
            target,
            f'{schema}."{name}"',
            source,
            file,
            [] if file.rebuilt == WHOLE else both(CHANGED[file.rebuilt]),
            moved(name) if file.follows else [],
        )
    ]


def keep_changes(source: "SqlJobClientBase") -> None:
    """Keep what the last build changed until the next one is published: what was published before
    it lacks both."""
    changes = [*CHANGED.values(), *(moved_table(name) for name in sql_files("reporting"))]
    there = columns_of(source, changes)
    with source.sql_client.begin_transaction():
        for change in changes:
            if there[change]:
                make_table(
                    source, before_table(change), f"SELECT * FROM {full_name(source, change)}"
                )


def _copy(
    target: "DuckDBPyConnection",
    table: str,
    source: "SqlJobClientBase",
    file: SqlFile,
    changed_keys: Sequence[str],
    moved_rows: Sequence[str],
) -> bool:
    columns = ", ".join(f'"{column.name}"' for column in file.columns)
    rows = full_name(source, file.name)
    of_changed, by_place = "true", "true"
    if file.rebuilt != WHOLE:
        keys = _all_of(changed_keys, f'"{file.rebuilt}"')
        of_changed = f'"{file.rebuilt}" IN ({keys})'
        # Of the other columns, DuckDB then reads those blocks alone in which such rows are.
        by_place = f"rowid IN (SELECT rowid FROM {rows} WHERE {of_changed})"
    changed = _run(target, f"DELETE FROM {table} WHERE {of_changed}")
    changed += _run(target, f"INSERT INTO {table} SELECT {columns} FROM {rows} WHERE {by_place}")
    if file.follows and moved_rows:
        moved = f"({_all_of(moved_rows)})"
        taken = {mine for mine, _ in file.follows.taken}
        before = " AND ".join(f'moved."{name}" = mine."{name}"' for name in file.grain)
        after = " AND ".join(
            f'moved."{"new_" if name in taken else ""}{name}" = mine."{name}"'
            for name in file.grain
        )
        exists = f"EXISTS (SELECT 1 FROM {moved} AS moved WHERE "
        # Of two builds, one may have changed what the other moved: that is there by its key.
        is_there = f"({of_changed}) IS NOT TRUE"
        changed += _run(
            target, f"DELETE FROM {table} AS mine WHERE {exists}{before}) AND {is_there}"
        )
        chosen = f"SELECT {columns} FROM {rows} AS mine WHERE {exists}{after}) AND {is_there}"
        changed += _run(target, f"INSERT INTO {table} {chosen}")
    return changed > 0


def _all_of(tables: Sequence[str], columns: str = "*") -> str:
    return " UNION ALL ".join(f"SELECT {columns} FROM {table}" for table in tables)


def _run(target: "DuckDBPyConnection", statement: str) -> int:
    """Run a statement; how many rows it changed is returned."""
    row = target.execute(statement).fetchone()
    return int(row[0]) if row else 0
