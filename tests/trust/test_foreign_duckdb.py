"""What the project uses of DuckDB beyond its public interface; see `test_foreign_internals.py`."""

import subprocess
import sys

import duckdb
import pytest
from airmeet_etl.warehouse.connection import ALLOCATOR_SETTINGS

# duckdb_pool: the one reason for it


def test_duckdb_imports_pandas_to_bind_a_value() -> None:
    """Where it no longer does, the pool can go."""
    code = "import duckdb, sys; c = duckdb.connect(); {}; print('pandas' in sys.modules)"
    found = []
    for call in ("c.execute('SELECT 1')", "c.execute('SELECT ?', ['a'])"):
        command = [sys.executable, "-c", code.format(call)]
        found.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found == ["False\n", "True\n"]


# connection: DuckDB's settings and the text of its memory limit


def test_duckdb_has_the_settings_and_reads_its_limit_back() -> None:
    with duckdb.connect() as connection:
        names = {
            name for (name,) in connection.sql("select name from duckdb_settings()").fetchall()
        }
        assert {*ALLOCATOR_SETTINGS, "memory_limit"} <= names
        for setting in ALLOCATOR_SETTINGS:
            connection.execute(f"SET {setting} = '1MB'")
            connection.execute(f"RESET {setting}")
        current = "select current_setting('memory_limit')"
        connection.execute("SET memory_limit = '300MiB'")
        limit = connection.sql(current).fetchall()[0][0]
        assert limit == "300.0 MiB"
        connection.execute(f"SET memory_limit = '{limit}'")
        assert connection.sql(current).fetchall()[0][0] == limit


def test_duckdb_prints_a_missing_limit_in_a_unit_that_it_does_not_accept() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '-1'")
        limit = connection.sql("select current_setting('memory_limit')").fetchall()[0][0]
        assert limit.endswith("PiB")
        with pytest.raises(duckdb.Error):
            connection.execute(f"SET memory_limit = '{limit}'")


def test_duckdb_rejects_a_limit_that_it_cannot_keep_to_with_its_own_error() -> None:
    assert issubclass(duckdb.OutOfMemoryException, duckdb.Error)
