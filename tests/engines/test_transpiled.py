"""Engines that cannot be had here: every query transpiles, and parses again in their SQL."""

import pytest
from airmeet.schemas import TABLES
from airmeet_etl.reports.compile import Compiler
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.seeds import seeds
from airmeet_etl.reports.sql_files import SqlFile, sql_files
from sqlglot import exp, parse_one

FILES = [*sql_files("reporting").values(), *sql_files("checks").values()]


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(
        lambda name: exp.table_(name, db="raw"),
        {name: {column.name for column in table.columns} for name, table in TABLES.items()},
        lambda name: exp.table_(name, db="reports"),
        seeds({"Asia/Kolkata": "Asia/Kolkata"}, {}, 7),
    )


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks", "redshift"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_queries_parse(compiler: Compiler, file: SqlFile, dialect: str) -> None:
    written = render(compiler.compile(file), dialect)
    assert "/*" not in written  # a destination may read a comment otherwise than we do
    parsed = parse_one(written, dialect=dialect)
    assert isinstance(parsed, exp.Query)
    assert [column.alias_or_name for column in parsed.selects] == [c.name for c in file.columns]


def test_dlt_cuts_no_statement_of_clickhouse_in_two(compiler: Compiler) -> None:
    """It cuts at each semicolon, wherever it stands."""
    queries = [render(compiler.compile(file), "clickhouse") for file in FILES]
    assert not any(";" in query or "/*" in query for query in queries)
    assert any(r"\x3b" in query for query in queries)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "STRING_AGG(x, '; ' ORDER BY y, z)"),
        ("spark", "LISTAGG(x, '; ') WITHIN GROUP (ORDER BY y NULLS LAST, z NULLS LAST)"),
        ("snowflake", "LISTAGG(x, '; ') WITHIN GROUP (ORDER BY y, z)"),
        ("redshift", "LISTAGG(x, '; ') WITHIN GROUP (ORDER BY y, z)"),
        ("bigquery", "STRING_AGG(x, '; ' ORDER BY y, z)"),
        (
            "clickhouse",
            "arrayStringConcat(arrayMap(part -> tupleElement(part, 3), "
            r"arraySort(groupArray((y, z, x)))), '\x3b ')",
        ),
    ],
)
def test_texts_are_listed_in_order(
    dialect: str, sql: str, caplog: pytest.LogCaptureFixture
) -> None:
    query = parse_one("select string_agg(x, '; ' order by y, z) as s from t", dialect="duckdb")
    assert isinstance(query, exp.Query)
    assert render(query, dialect).startswith(f"SELECT {sql} AS s FROM t")
    assert caplog.messages == []


def test_letters_are_changed_as_on_duckdb() -> None:
    query = parse_one("select translate(lower(x), ',.', '  ') as y from t", dialect="duckdb")
    assert isinstance(query, exp.Query)
    expected = "SELECT translate(lowerUTF8(x), ',.', '  ') AS y FROM t"
    assert render(query, "clickhouse").startswith(expected)
