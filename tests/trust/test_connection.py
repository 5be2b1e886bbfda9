"""A DuckDB file that is kept open over a load: its settings stay, and no memory is held."""

from contextlib import suppress
from inspect import unwrap

import duckdb
import pytest
from airmeet_etl.warehouse import connection
from airmeet_etl.warehouse.connection import (
    ALLOCATOR_SETTINGS,
    giving_memory_back,
    hold_connection,
    loading_sparingly,
    merging_with_one_thread,
)
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.trust.scenario import LoadScenario

_HELD = "SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory() WHERE tag = 'BASE_TABLE'"
_LIMIT = "SELECT current_setting('memory_limit')"


@pytest.mark.parametrize("memory", ["300MiB", "-1"])
def test_what_duckdb_read_is_let_go_of_and_its_limit_stays_what_it_was(
    scenario: LoadScenario, memory: str
) -> None:
    scenario.first_load()
    pipeline = open_pipeline()
    with pipeline.sql_client() as client:
        opened = client.native_connection
        opened.execute(f"SET memory_limit = '{memory}'")
        limit = opened.execute(_LIMIT).fetchone()
        with hold_connection(pipeline) as checkpoint:
            opened.execute("CREATE TABLE large AS SELECT hash(i) h FROM range(1_000_000) t(i)")
            opened.execute("CHECKPOINT")
            opened.execute("SELECT sum(h) FROM large")
            held = opened.execute(_HELD).fetchone()
            checkpoint.begin()
            checkpoint.wait()
            left = opened.execute(_HELD).fetchone()
            assert held and left and left[0] < 2**20 < held[0]
            # The limit in force, not just the one that it reports.
            assert opened.execute(_LIMIT).fetchone() == limit
            distinct = opened.execute("SELECT count(DISTINCT h) FROM large").fetchone()
            assert distinct == (1_000_000,)


def test_a_checkpoint_that_fails_is_said_once_to_whoever_waits(
    scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise duckdb.IOException("no space left on device")

    scenario.first_load()
    with hold_connection(open_pipeline()) as checkpoint:
        monkeypatch.setattr(connection, "_checkpoint", fail)
        checkpoint.begin()
        with pytest.raises(duckdb.IOException):
            checkpoint.wait()
        checkpoint.wait()


@pytest.mark.parametrize(("rows", "gives_back"), [(1_000, False), (1_000_000, True)])
def test_memory_is_given_back_at_once_where_there_are_many_rows(
    scenario: LoadScenario, rows: int, gives_back: bool
) -> None:
    scenario.first_load()
    pipeline = open_pipeline()
    query = f"SELECT current_setting('{ALLOCATOR_SETTINGS[0]}')"
    with pipeline.sql_client() as client:
        client.execute_sql(f"CREATE TABLE rows AS SELECT i FROM range({rows}) t(i)")
        before = client.execute_sql(query)
        with giving_memory_back(pipeline, client):
            assert (client.execute_sql(query) != before) is gives_back
        assert client.execute_sql(query) == before


def test_packages_are_merged_with_one_thread_and_reports_are_not(
    scenario: LoadScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.first_load()
    monkeypatch.setattr(duckdb, "connect", unwrap(duckdb.connect))  # the tests' has one thread
    pipeline = open_pipeline()
    settings = ("threads", *ALLOCATOR_SETTINGS)
    query = "SELECT " + ", ".join(f"current_setting('{name}')" for name in settings)
    with pipeline.sql_client() as client:
        client.execute_sql("SET threads = 3")
        before = client.execute_sql(query)
        with loading_sparingly(pipeline), merging_with_one_thread(pipeline):
            [(threads, *flushed)] = client.execute_sql(query) or ()
            assert (threads, len({*flushed})) == (1, 1)
        assert client.execute_sql(query) == before
        sparingly = loading_sparingly(pipeline), merging_with_one_thread(pipeline)
        with suppress(RuntimeError), sparingly[0], sparingly[1]:
            raise RuntimeError
        assert client.execute_sql(query) == before
