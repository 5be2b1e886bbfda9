"""What is published after a build: what changed, and all of it where the file was changed."""

from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from airmeet_etl.reports.build import build
from airmeet_etl.reports.publish import publish

from tests.rebuild.conftest import REPORTS, fetch_again, run


def published(file: Path) -> dict[str, list[Any]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {
            name: sorted(connection.execute(f'from {REPORTS}."{name}"').fetchall(), key=repr)
            for (name,) in names
        }


@pytest.mark.long
def test_only_what_changed_is_published(
    pipeline: dlt.Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = publish(pipeline, parquet=True).file
    first = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "reports").iterdir()}
    for changed in ("next", "spring"):
        run(
            pipeline,
            "update airmeet.airmeets set name = 'Renamed', start_time = start_time - interval 1 "
            f"day where airmeet_id = '{changed}'",
        )
        build(pipeline)
        with monkeypatch.context() as patch:
            patch.setattr("airmeet_etl.reports.publish._copy", None)  # all of them
            publish(pipeline, parquet=True)
    once = published(file)
    then = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "reports").iterdir()}
    assert then["follow_up.parquet"] > first["follow_up.parquet"]
    assert then.keys() == first.keys()
    file.unlink()
    publish(pipeline, parquet=True)
    assert published(file) == once


def test_a_file_that_somebody_changed_is_published_anew(pipeline: dlt.Pipeline) -> None:
    file = publish(pipeline).file
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"delete from {REPORTS}.people")
    fetch_again(pipeline, "spring")
    build(pipeline)
    publish(pipeline)
    assert published(file)["people"]
