"""Which layer reads which, and what is generated."""

from graphlib import TopologicalSorter

import pytest
from airmeet.feeds import FEED_NAMES, TABLE_FEEDS
from airmeet.schemas import TABLES
from airmeet_etl.reports.generated import repeat_for_feeds
from airmeet_etl.reports.sql_files import (
    LAYERS,
    MAY_READ,
    SqlFile,
    layer_of,
    sql_files,
)
from sqlglot import exp

FILES = [(layer, file) for layer in LAYERS for file in sql_files(layer).values()]


@pytest.mark.parametrize(("layer", "file"), FILES, ids=lambda value: getattr(value, "name", value))
def test_a_layer_reads_only_what_it_may(layer: str, file: SqlFile) -> None:
    found = {name: layer_of(name) for name in file.reads}
    assert {n for n, read in found.items() if read not in MAY_READ[layer]} == set()
    if layer == "staging":
        assert found.keys() == {file.name.removeprefix("stg_")}, "one query a raw table"


@pytest.mark.parametrize("file", [file for _, file in FILES], ids=lambda file: file.name)
def test_no_mean_is_of_literals(file: SqlFile) -> None:
    """Of decimals, which `1.0` is, Spark gives a mean of five digits, and of integers Snowflake of
    six."""
    for mean in file.query.find_all(exp.Avg):
        if not isinstance(mean.this, exp.Cast):
            given = [branch.args["true"] for branch in mean.find_all(exp.If)]
            assert not any(isinstance(value, exp.Literal) for value in given), mean.sql()


def test_no_file_reads_itself_by_way_of_others() -> None:
    reads = {file.name: file.reads for _, file in FILES if file.name[:4] != "stg_"}
    names = [file.name for _, file in FILES]
    assert [*TopologicalSorter(reads).static_order()]
    assert len(names) == len(set(names)), "a name in two layers"


@pytest.mark.parametrize(("layer", "prefix"), [("staging", "stg_"), ("intermediate", "int_")])
def test_names_say_the_layer(layer: str, prefix: str) -> None:
    assert all(name.startswith(prefix) for name in sql_files(layer))


def test_every_raw_table_is_staged() -> None:
    assert {f"stg_{name}" for name in TABLES} <= sql_files("staging").keys()


def test_a_table_without_a_file_is_staged_with_its_declared_columns() -> None:
    tracks = sql_files("staging")["stg_tracks"]
    assert "sources/airmeet/schemas.py" in tracks.generated
    assert tracks.query.named_selects == [column.name for column in TABLES["tracks"].columns]


def test_rows_of_every_table_that_a_feed_fills_are_counted() -> None:
    counted = sql_files("intermediate")["int_table_rows"].reads
    assert counted == {f"stg_{name}" for name in FEED_NAMES if name != "airmeets"}


def test_data_status_has_the_columns_of_every_feed() -> None:
    names = [column.name for column in sql_files("reporting")["data_status"].columns]
    assert names[-3 * len(TABLE_FEEDS) :] == [
        f"{feed}_{what}" for feed in TABLE_FEEDS for what in ("status", "rows", "expected_rows")
    ]


def test_runs_of_lines_are_repeated_for_every_feed() -> None:
    text = "-- generated: lines with each_feed\na\neach_feed x\neach_feed y\nb\neach_feed\n"
    assert repeat_for_feeds(text, ["f", "g"]) == (
        "-- generated: lines with each_feed\na\nf x\nf y\ng x\ng y\nb\nf\ng\n"
    )
