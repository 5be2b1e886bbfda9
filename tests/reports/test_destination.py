"""What the reports use of dlt's client: fails loudly when dlt changes it."""

import warnings
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from airmeet_etl.reports import destination
from airmeet_etl.reports.destination import (
    dialect_of,
    duckdb_connection,
    full_name,
    is_transactional,
    note_load,
    open_client,
    prepare_load_note,
    read_arrow,
    read_batches,
    read_rows,
)
from airmeet_etl.warehouse.columns import columns_of
from dlt.common.destination import DestinationCapabilitiesContext

from tests.reports.conftest import new_pipeline

REPORTS = Path(destination.__file__).parent


def test_a_client_does_all_that_the_reports_need(tmp_path: Path) -> None:
    with open_client(new_pipeline(tmp_path), "lab") as client:
        assert not client.sql_client.has_dataset()
        client.sql_client.create_dataset()
        assert is_transactional(client)
        assert dialect_of(client) == "duckdb"
        table = full_name(client, "people")
        with client.sql_client.begin_transaction():
            client.sql_client.execute_sql(
                f"CREATE TABLE {table} AS SELECT 1::BIGINT AS n, now() AS seen_at"
            )
        assert columns_of(client, ["people", "nobody"]) == {
            "people": {"n": "bigint", "seen_at": "timestamp"},
            "nobody": {},
        }
        assert read_rows(client, f"SELECT n FROM {table}") == [(1,)]
        assert read_rows(client, f"SELECT n FROM {table} WHERE n > 1") == []
        assert [rows.num_rows for rows in read_batches(client, f"SELECT n FROM {table}", 10)] == [1]
        assert duckdb_connection(client) is not None
        prepare_load_note(client)
        note_load(client)
        loads = full_name(client, "_dlt_loads")
        assert read_rows(client, f"SELECT status FROM {loads}") == [(0,)]


def test_arrow_comes_without_what_the_next_duckdb_lacks(tmp_path: Path) -> None:
    with open_client(new_pipeline(tmp_path), "lab") as client, warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        assert read_arrow(client, "SELECT 1 AS n").to_pylist() == [{"n": 1}]
        assert read_arrow(client, "SELECT 1 AS n WHERE 1 = 0").column_names == ["n"]


@pytest.mark.parametrize(
    ("word", "knows"),
    [
        ("from dlt.destinations", {"destination.py"}),
        ("get_storage_tables", set()),  # warehouse/columns.py does
        ("update_stored_schema", {"destination.py"}),
    ],
)
def test_nothing_else_in_the_reports_knows_dlts_client(word: str, knows: set[str]) -> None:
    files = {
        file.name
        for file in REPORTS.glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if word in line and "import SqlJobClientBase" not in line and "exceptions" not in line
    }
    assert files == knows


def test_rows_that_come_in_batches_are_all_read() -> None:
    """As BigQuery's client sends them: dlt's `arrow()` gives the first batch alone."""
    batches: list[pa.RecordBatch | None] = [
        pa.RecordBatch.from_pydict({"n": [1, 2]}),
        pa.RecordBatch.from_pydict({"n": [3]}),
    ]
    cursor = SimpleNamespace(
        native_cursor=SimpleNamespace(description=[("n",)]),
        iter_arrow=lambda chunk_size: iter(batches),
        arrow=lambda: batches[0],
    )
    client: Any = SimpleNamespace(
        capabilities=DestinationCapabilitiesContext.generic_capabilities(),
        sql_client=SimpleNamespace(execute_query=lambda *_: nullcontext(cursor)),
    )
    assert read_arrow(client, "any").to_pydict() == {"n": [1, 2, 3]}
    assert [t.to_pydict() for t in read_batches(client, "any", 2)] == [{"n": [1, 2]}, {"n": [3]}]
    batches[:] = [None]  # as Snowflake's does where there are no rows
    assert read_arrow(client, "any").column_names == ["n"]
    batches.clear()
    assert read_arrow(client, "any").column_names == ["n"]
