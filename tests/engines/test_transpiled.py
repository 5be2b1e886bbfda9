"""Engines that cannot be had here: every query transpiles, and parses again in their SQL."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import dlt
import pytest
from airmeet.schemas import RAW_TABLES
from airmeet_etl.reports.compile import Compiler
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.seeds import seeds
from airmeet_etl.reports.sql_files import SqlFile, sql_files
from sqlglot import exp, parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

DIALECTS = ("snowflake", "bigquery", "databricks", "redshift")
"""Those of dlt's destinations of the same names."""

FILES = [*sql_files("reporting").values(), *sql_files("checks").values()]


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(
        lambda name: exp.table_(name, db="raw"),
        {name: {column.name for column in table.columns} for name, table in RAW_TABLES.items()},
        lambda name: exp.table_(name, db="reports"),
        seeds({"Asia/Kolkata": "Asia/Kolkata"}, {}, 7),
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_queries_parse(compiler: Compiler, file: SqlFile, dialect: str) -> None:
    written = render(compiler.compile(file), dialect)
    assert "/*" not in written  # a destination may read a comment otherwise than we do
    parsed = parse_one(written, dialect=dialect)
    assert isinstance(parsed, exp.Query)
    names = [_as_stored(dialect, column.name) for column in file.columns]
    assert [column.alias_or_name for column in parsed.selects] == names


def _as_stored(destination: str, name: str) -> str:
    """A name as dlt stores it at a destination."""
    factory: Any = getattr(dlt.destinations, destination)
    fold = factory().capabilities().casefold_identifier
    return str(fold(name))


@pytest.fixture(scope="module")
def stored() -> Callable[[str], dict[str, Any]]:
    """The tables and columns that a query finds, by dataset, as they are written there."""

    @cache
    def of(destination: str) -> dict[str, Any]:
        written = partial(_as_stored, destination)
        raw = {name: [c.name for c in table.columns] for name, table in RAW_TABLES.items()}
        reports = {
            name: [c.name for c in file.columns] for name, file in sql_files("reporting").items()
        }
        return {
            written(dataset): {
                written(table): {written(column): "text" for column in columns}
                for table, columns in tables.items()
            }
            for dataset, tables in (("raw", raw), ("reports", reports))
        }

    return of


@pytest.mark.parametrize("dialect", [*DIALECTS, "postgres"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_name_is_found_in_the_case_in_which_it_is_stored(
    file: SqlFile, dialect: str, stored: Callable[[str], dict[str, Any]]
) -> None:
    """Snowflake stores names in capitals, and takes a quoted one as it is written."""
    written = partial(_as_stored, dialect)

    def table(dataset: str, name: str) -> exp.Table:
        return exp.table_(
            exp.to_identifier(written(name), quoted=True),
            db=exp.to_identifier(written(dataset), quoted=True),
        )

    compiler = Compiler(
        lambda name: table("raw", name),
        {name: {column.name for column in t.columns} for name, t in RAW_TABLES.items()},
        lambda name: table("reports", name),
        seeds({"Asia/Kolkata": "Asia/Kolkata"}, {}, 7),
    )
    query = parse_one(render(compiler.compile(file), dialect), dialect=dialect)
    schema = MappingSchema(stored(dialect), dialect=dialect, normalize=False)
    found: Any = qualify(query, schema=schema, dialect=dialect, validate_qualify_columns=True)
    assert [c.alias_or_name for c in found.selects] == [written(c.name) for c in file.columns]


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
