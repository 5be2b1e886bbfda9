"""Engines that cannot be had here: every query transpiles, and parses again in their SQL."""

import pytest
from airmeet.schemas import TABLES
from airmeet_etl.reports.compile import Compiler, SqlFile, sql_files
from airmeet_etl.reports.dialects import render
from airmeet_etl.reports.seeds import seeds
from sqlglot import exp, parse_one

FILES = [*sql_files("reporting").values(), *sql_files("checks").values()]


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks", "redshift"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_queries_parse(file: SqlFile, dialect: str) -> None:
    compiler = Compiler(
        lambda name: exp.table_(name, db="raw"),
        {name: {column.name for column in table.columns} for name, table in TABLES.items()},
        lambda name: exp.table_(name, db="reports"),
        seeds({"Asia/Kolkata": "Asia/Kolkata"}, {}, 7),
    )
    parsed = parse_one(render(compiler.compile(file), dialect), dialect=dialect)
    assert isinstance(parsed, exp.Query)
    assert [column.alias_or_name for column in parsed.selects] == [c.name for c in file.columns]
