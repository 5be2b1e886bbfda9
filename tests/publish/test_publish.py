"""The published file: what is in it, and that nobody disturbs anybody."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from airmeet_etl.exit_codes import CommandError
from airmeet_etl.reports.build import build_reports, read_report
from airmeet_etl.reports.publish import Published, publish, publish_after_load, published_file
from airmeet_etl.reports.sql_files import sql_files

from tests.reports import community
from tests.reports.conftest import new_pipeline
from tests.reports.raw import load_raw
from tests.sweeps import first
from tests.workplace import Workplace, simulated

REPORTS = sql_files("reporting")


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.sql(query).fetchall()


def events(file: Path) -> int:
    ((count,),) = rows(file, "select count(*) from airmeet_reports.event_summary")
    return int(count)


def change(pipeline: dlt.Pipeline) -> None:
    """Make the reports differ from those that are published: three events are left."""
    with duckdb.connect(str(published_file(pipeline).with_name("warehouse.duckdb"))) as warehouse:
        warehouse.execute(
            """delete from airmeet_reports.event_summary
            where airmeet_id not in ('spring', 'night', 'may')"""
        )


def rebuild(pipeline: dlt.Pipeline, airmeets: int) -> None:
    """Load so many airmeets in place of those before, and build the reports."""
    few = {**community.TABLES, "airmeets": community.TABLES["airmeets"][:airmeets]}
    load_raw(pipeline, few)
    build_reports(pipeline)


def test_all_reports_are_there_row_by_row_and_nothing_else(pipeline: dlt.Pipeline) -> None:
    published = publish(pipeline)
    assert published == Published(published_file(pipeline))
    tables = rows(published.file, "select schema_name, table_name from duckdb_tables()")
    assert set(tables) == {("airmeet_reports", name) for name in REPORTS}
    for name, file in REPORTS.items():
        report = read_report(pipeline, name).select([column.name for column in file.columns])
        grain = ", ".join(file.grain)
        query = f"from airmeet_reports.{name} order by {grain}"
        assert rows(published.file, query) == [tuple(r.values()) for r in report.to_pylist()], name


def test_columns_bear_their_descriptions(pipeline: dlt.Pipeline) -> None:
    file = publish(pipeline).file
    described = rows(
        file, "select table_name, column_name, comment from duckdb_columns() where not internal"
    )
    assert set(described) == {
        (name, column.name, column.description)
        for name, report in REPORTS.items()
        for column in report.columns
    }


def test_parquet_holds_the_same(pipeline: dlt.Pipeline) -> None:
    published = publish(pipeline, parquet=True)
    assert published.parquet == published.file.with_suffix("")
    assert {file.stem for file in published.parquet.iterdir()} == REPORTS.keys()
    for name, report in REPORTS.items():
        order = f"order by {', '.join(report.grain)}"
        there = duckdb.sql(f"from '{published.parquet / name}.parquet' {order}").fetchall()
        assert there == rows(published.file, f"from airmeet_reports.{name} {order}"), name


def test_nothing_is_left_beside_the_file(pipeline: dlt.Pipeline) -> None:
    file = publish(pipeline, parquet=True).file
    publish(pipeline)
    names = {entry.name for entry in file.parent.iterdir()}
    assert names == {"dlt", "warehouse.duckdb", "reports.duckdb", "reports"}


READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
count = "select count(*) from airmeet_reports.event_summary"
for line in sys.stdin:
    print(connection.sql(count).fetchone()[0], flush=True)
"""


@pytest.mark.long
def test_a_reader_and_a_load_never_disturb_each_other(pipeline: dlt.Pipeline) -> None:
    file = publish(pipeline).file
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask() -> int:
        assert reader.stdin and reader.stdout
        print("now", file=reader.stdin, flush=True)
        return int(reader.stdout.readline())

    with reader:
        assert ask() == 7
        # The reader is connected while raw tables and reports are loaded and published.
        rebuild(pipeline, 5)
        assert events(publish(pipeline).file) == 5
        assert ask() == 7
        assert reader.stdin
        reader.stdin.close()
    assert events(file) == 5


def test_a_load_publishes_beside_a_reader_who_holds_the_file(workplace: Workplace) -> None:
    workplace.set(REPORTS__PARQUET="true")
    with simulated(airmeets=4) as (simulator, address):
        workplace.point_at(address.v1)
        assert workplace.run("load").code == 0
        file = workplace.folder / "reports.duckdb"
        command = [sys.executable, "-c", READER, str(file)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as reader:
            assert reader.stdin and reader.stdout
            print("now", file=reader.stdin, flush=True)
            before = int(reader.stdout.readline())
            simulator.add_airmeet()
            result = workplace.run("load")
            assert result.code == 0, result.err
            print("now", file=reader.stdin, flush=True)
            assert int(reader.stdout.readline()) == before == 4
            reader.stdin.close()
    assert events(file) == 5
    [(in_parquet,)] = duckdb.sql(
        f"select count(*) from '{workplace.folder}/reports/event_summary.parquet'"
    ).fetchall()
    assert in_parquet == 5


KILLED = """
import os, signal, sys
from pathlib import Path
import airmeet_etl.reports.publish as publishing
from tests.reports.conftest import new_pipeline

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(publishing, sys.argv[2], die)
publishing.publish(new_pipeline(Path(sys.argv[1])), parquet=True)
"""


@pytest.mark.parametrize("where", first(2, ["_fill", "_sync", "_describe", "_write_parquet"]))
def test_a_crash_leaves_the_old_file(pipeline: dlt.Pipeline, where: str) -> None:
    file = publish(pipeline).file
    before = file.read_bytes()
    change(pipeline)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(file.parent), where],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert killed.returncode == -signal.SIGKILL
    assert file.read_bytes() == before
    assert events(publish(pipeline).file) == 3
    assert not list(file.parent.glob(".*.draft*"))


def test_a_failure_leaves_the_old_file_and_no_draft(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = publish(pipeline).file
    before = file.read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("airmeet_etl.reports.publish._sync", full)
    with pytest.raises(CommandError, match="cannot be published: No space left on device"):
        publish(pipeline)
    assert file.read_bytes() == before
    assert not list(file.parent.glob(".*.draft*"))


def test_what_a_writer_left_behind_spoils_nothing(pipeline: dlt.Pipeline) -> None:
    file = publish(pipeline).file
    write = (
        "import sys, os, duckdb; c = duckdb.connect(sys.argv[1]); "
        "c.sql('create table mine (n int)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", write, str(file)], check=True)
    assert file.with_name("reports.duckdb.wal").exists()
    assert events(publish(pipeline).file) == 7


def test_reports_of_an_earlier_version_are_published_as_they_are(pipeline: dlt.Pipeline) -> None:
    with duckdb.connect(str(published_file(pipeline).with_name("warehouse.duckdb"))) as warehouse:
        warehouse.execute("alter table airmeet_reports.event_summary drop column engaged")
        warehouse.execute("drop table airmeet_reports.people")
    file = publish(pipeline).file
    assert events(file) == 7
    assert not rows(
        file, "from duckdb_columns() where column_name = 'engaged' and table_name = 'event_summary'"
    )


def test_without_reports_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no reports to publish"):
        publish(new_pipeline(tmp_path))
    assert not (tmp_path / "reports.duckdb").exists()


@pytest.mark.parametrize(
    ("warehouse", "dataset", "published"),
    [
        ("warehouse.duckdb", "airmeet", "reports.duckdb"),
        ("demo.duckdb", "airmeet", "demo_reports.duckdb"),
        ("warehouse.duckdb", "eu", "reports_eu.duckdb"),
        ("demo.duckdb", "eu", "demo_reports_eu.duckdb"),
    ],
)
def test_none_takes_anothers_place(
    tmp_path: Path, warehouse: str, dataset: str, published: str
) -> None:
    pipeline = dlt.pipeline(
        "airmeet",
        pipelines_dir=str(tmp_path / "dlt"),
        destination=dlt.destinations.duckdb(str(tmp_path / warehouse)),
        dataset_name=dataset,
    )
    assert published_file(pipeline) == tmp_path / published


def test_settings_say_what_is_published_after_a_load(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert publish_after_load(pipeline) == Published(tmp_path / "reports.duckdb")
    monkeypatch.setenv("REPORTS__FILE", str(tmp_path / "bi.duckdb"))
    monkeypatch.setenv("REPORTS__PARQUET", "true")
    assert publish_after_load(pipeline) == Published(tmp_path / "bi.duckdb", tmp_path / "bi")
    monkeypatch.setenv("REPORTS__PUBLISH", "false")
    assert publish_after_load(pipeline) is None


def test_the_command_publishes_what_was_loaded(workplace: Workplace, warehouse: Path) -> None:
    assert workplace.run("publish").code == 1
    assert not (workplace.folder / "reports.duckdb").exists()
    shutil.copy(warehouse, workplace.file)
    result = workplace.run("publish", "--parquet")
    assert (result.code, result.err) == (0, "")
    assert events(workplace.folder / "reports.duckdb") == 7
    assert (workplace.folder / "reports" / "people.parquet").exists()
    assert "reports.duckdb" in result.out
