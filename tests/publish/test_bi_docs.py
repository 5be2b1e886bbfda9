"""The examples of docs/bi.md run."""

import re
from pathlib import Path

import dlt
import duckdb
import pytest
from airmeet_etl.reports.publish import publish

TEXT = (Path(__file__).parents[2] / "docs" / "bi.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_examples_run(pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    file = publish(pipeline, parquet=True).file
    monkeypatch.chdir(file.parent)
    sql_query, notebook = blocks("python")
    for python in (sql_query, notebook):
        exec(compile(python, "docs/bi.md", "exec"), {})
    on_parquet, on_file = blocks("sql")
    assert duckdb.sql(on_parquet).fetchall()
    with duckdb.connect(str(file), read_only=True) as connection:
        assert len(connection.sql(on_file).fetchall()) == 7
        (shell,) = blocks("sh")
        query = re.search(r'"(from .*)"', shell)
        assert query and connection.sql(query[1]).fetchall()
