"""What fails once the load is committed: exit 3 with one line each, and the next run makes up."""

import json
import subprocess
import sys
from pathlib import Path

import dlt
import duckdb
import pytest
from airmeet_etl.exit_codes import CommandError
from airmeet_etl.reports.build import build_reports
from airmeet_etl.reports.publish import is_published, publish, publish_after_load

from tests.publish.conftest import pipeline, warehouse
from tests.workplace import Workplace, simulated

__all__ = ["pipeline", "warehouse"]


def test_files_that_cannot_be_written(workplace: Workplace) -> None:
    Path("a-file").touch()
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        wrong = ("--summary", "a-file/run.json", "--metrics", "/dev/full")
        result = workplace.run("load", "--no-reports", *wrong)
        assert result.code == 3
        metrics, summary = result.err.splitlines()
        assert metrics.startswith("airmeet: no metrics: /dev/full cannot be written: No space")
        assert summary.startswith("airmeet: no summary: a-file/run.json cannot be written: Not a")
        assert "package(s) into" in result.out
        one_wrong = ("--summary", "run.json", "--metrics", "nowhere/run.prom")
        assert workplace.run("load", "--no-reports", *one_wrong).code == 3
    written = json.loads(Path("run.json").read_text())
    assert written["exit_code"] == 3 and written["error"].startswith("no metrics: nowhere")


def test_nothing_hides_why_nothing_could_be_loaded(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        simulator.revoke()
        result = workplace.run("load", "--summary", "nowhere/run.json")
    assert result.code == 1
    assert "no summary: nowhere/run.json" in result.err
    assert "revoked" in result.err.splitlines()[-1]


@pytest.mark.long
def test_reports_that_cannot_be_published_or_built_are_made_up_for(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        workplace.set(REPORTS__FILE="nowhere/reports.duckdb")
        result = workplace.run("load")
        assert result.code == 3
        assert result.err.splitlines()[-1].startswith(
            "airmeet: the reports could not be published: nowhere/reports.duckdb cannot be"
        )
        Path("nowhere").mkdir()
        assert workplace.run("load").code == 0
        assert Path("nowhere/reports.duckdb").exists()
        assert "publishing" not in workplace.run("load").err
        with monkeypatch.context() as patch:
            patch.setattr("airmeet_etl.reports.rebuild.fill", _failing)
            result = workplace.run("load", "--full-refresh")
        assert result.code == 3
        assert "the reports could not be built: it fails" in result.err
        result = workplace.run("load")
        assert result.code == 0
        assert result.err.splitlines() == ["building the reports", "publishing the reports"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "line"),
    [
        pytest.param(
            "airmeet_etl.reports.publish._sync",
            "the reports could not be published: it fails",
            marks=pytest.mark.long,
        ),
        (
            "airmeet_etl.warehouse.connection.write_log",
            "what was built could not be written into the warehouse's file: it fails",
        ),
    ],
)
def test_what_fails_after_a_build_of_what_changed(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, where: str, line: str
) -> None:
    with simulated(airmeets=3) as (simulator, address):
        workplace.point_at(address.v1)
        workplace.run("load")
        simulator.edit_airmeet(simulator.airmeets()[0].uid, name='Called "otherwise" 🎉')
        with monkeypatch.context() as patch:
            patch.setattr(where, _failing)
            result = workplace.run("load")
        assert result.code == 3 and f"airmeet: {line}" in result.err.splitlines()
        assert "of 3 airmeets" in result.out, "not all is built anew"
        assert workplace.run("load").code == 0
    with duckdb.connect("reports.duckdb", read_only=True) as published:
        names = published.sql("select name from airmeet_reports.event_summary").fetchall()
    assert ('Called "otherwise" 🎉',) in names


def _failing(*arguments: object) -> None:
    raise CommandError("it fails")


@pytest.mark.slow
def test_what_is_published_is_known_until_something_changes(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_published(pipeline)
    file = publish(pipeline).file
    assert is_published(pipeline)
    file.write_bytes(file.read_bytes() + b"\0")
    assert not is_published(pipeline)
    publish(pipeline)
    monkeypatch.setenv("REPORTS__PARQUET", "true")
    assert not is_published(pipeline)
    parquet = publish(pipeline, parquet=True).parquet
    assert parquet and is_published(pipeline)
    next(parquet.iterdir()).unlink()
    assert not is_published(pipeline)
    publish(pipeline, parquet=True)
    monkeypatch.setenv("REPORTS__FILE", str(file.with_name("bi.duckdb")))
    assert not is_published(pipeline)
    monkeypatch.setenv("REPORTS__PUBLISH", "false")
    assert is_published(pipeline)


@pytest.mark.slow
def test_reports_built_since_are_not_published(
    pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_after_load(pipeline)
    build_reports(pipeline)
    assert not is_published(pipeline)
    with monkeypatch.context() as patch:
        patch.setattr("airmeet_etl.reports.publish._sync", _failing)
        with pytest.raises(CommandError):
            publish_after_load(pipeline)
    assert not is_published(pipeline)
    publish_after_load(pipeline)
    assert is_published(pipeline)


@pytest.mark.long
def test_standard_output_that_is_full_or_closed(workplace: Workplace) -> None:
    command = f"{sys.executable} -m airmeet_etl.cli"
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        full = subprocess.run(
            ["bash", "-c", f"{command} load --no-reports > /dev/full"],
            stderr=subprocess.PIPE,
            text=True,
        )
    assert full.returncode == 3
    assert full.stderr.startswith("airmeet: what was loaded could not be shown: ")
    closed = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} status | true"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (closed.returncode, closed.stderr) == (0, "")
    asked = f'{command} sql "select * from range(100_000)" --format csv'
    unread = subprocess.run(["bash", "-c", f"{asked} | head -1"], capture_output=True, text=True)
    assert (unread.stdout, unread.stderr) == ("range\n", "")
