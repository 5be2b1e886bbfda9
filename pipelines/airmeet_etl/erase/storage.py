"""What is deleted in a database stays in its files for a while: written over, or cleaned up."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt

from ..warehouse.lake import Lake
from ..warehouse.statements import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LAKE_STEPS = (
    "ducklake_flush_inlined_data('{lake}')",
    "ducklake_rewrite_data_files('{lake}', delete_threshold => 0)",
    "ducklake_expire_snapshots('{lake}', older_than => now())",
    "ducklake_cleanup_old_files('{lake}', cleanup_all => true)",
)
"""A data file keeps deleted rows until it is rewritten, and stays while a snapshot names it."""


def write_anew(file: Path) -> None:
    """Copy a DuckDB file without what is deleted in it, and put the copy in its place. A link
    stays, and what it leads to is written.

    Raises:
        Exception: what DuckDB raises; the file is as it was.
    """
    import duckdb

    real = file.resolve()
    draft = real.with_name(f".{real.name}.draft")
    log = draft.with_name(f"{draft.name}.wal")
    try:
        try:
            _copy(file, draft, _copy_at_once)
        except duckdb.ConstraintException:
            # DuckDB copies tables in an order of its own, whatever their foreign keys say.
            _copy(file, draft, _copy_by_table)
        shutil.copymode(real, draft)
        draft.replace(real)
        for path in (file, real):
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    finally:
        draft.unlink(missing_ok=True)
        log.unlink(missing_ok=True)


def _copy(file: Path, draft: Path, way: Any) -> None:
    import duckdb

    draft.unlink(missing_ok=True)
    draft.with_name(f"{draft.name}.wal").unlink(missing_ok=True)
    with duckdb.connect() as connection:
        for path, name in ((file, "before"), (draft, "after")):
            quoted = str(path).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS {name}")
        connection.execute("FORCE CHECKPOINT before")
        way(connection)
        connection.execute("CHECKPOINT after")


def _copy_at_once(connection: "DuckDBPyConnection") -> None:
    connection.execute("COPY FROM DATABASE before TO after")


def _copy_by_table(connection: "DuckDBPyConnection") -> None:
    """Tables that others refer to first: whichever fails is tried again after the others."""
    import duckdb

    connection.execute("COPY FROM DATABASE before TO after (SCHEMA)")
    names = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'before'"
    ).fetchall()
    waiting = [quoted(*pair) for pair in names]
    while waiting:
        refused = []
        for table in waiting:
            try:
                connection.execute(f"INSERT INTO after.{table} FROM before.{table}")
            except duckdb.ConstraintException:
                refused.append(table)
        if refused == waiting:
            raise duckdb.ConstraintException(f"tables refer to each other: {', '.join(refused)}")
        waiting = refused


def is_lake(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination keeps old versions of its tables: a DuckLake, or Delta tables."""
    return pipeline.destination.destination_type.endswith((".ducklake", ".filesystem"))


def clean_lake(pipeline: dlt.Pipeline) -> None:
    """Let a lake forget what is deleted: old versions, and the files that only they name.

    Raises:
        Exception: what DuckDB raises.
    """
    if isinstance(pipeline.destination, Lake):
        pipeline.destination.tables.forget_deleted()
        return
    with pipeline.sql_client() as client:
        credentials: Any = client.credentials
        lake = str(credentials.ducklake_name).replace("'", "''")
        for step in _LAKE_STEPS:
            client.execute_sql(f"CALL {step.format(lake=lake)}")
    catalog = credentials.catalog
    if catalog.drivername == "sqlite":
        _vacuum(Path(str(catalog.database)))
    elif catalog.drivername == "duckdb":
        write_anew(Path(str(catalog.database)))


def lake_files(pipeline: dlt.Pipeline) -> list[Path]:
    """A lake's files on this machine: data, and a DuckLake's catalog."""
    if isinstance(pipeline.destination, Lake):
        return sorted(p for p in pipeline.destination.tables.folder.rglob("*") if p.is_file())
    config: Any = pipeline.destination_client().config
    credentials = config.credentials
    found = []
    if credentials.storage.is_local_filesystem:
        found += [path for path in Path(credentials.storage_url).rglob("*") if path.is_file()]
    if credentials.catalog.drivername in ("sqlite", "duckdb"):
        found.append(Path(str(credentials.catalog.database)))
    return sorted(found)


def _vacuum(catalog: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(catalog)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
