"""Commands that only read: they open the file for reading, wait shortly, and make no file."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from airmeet_etl.exit_codes import FileHeld
from airmeet_etl.warehouse import warehouse as opening
from airmeet_etl.warehouse.warehouse import open_pipeline

from tests.workplace import Workplace, first_load, simulated

HOLD = (
    "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
    "sys.stdin.read()"
)


@contextmanager
def held(file: Path) -> Iterator[int]:
    """Another process has the file open, as a load has; its id."""
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdin
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


def test_none_leaves_an_empty_warehouse(workplace: Workplace) -> None:
    Path("rows.csv").write_text("email,name\nann@example.com,Ann\n")
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        airmeet = simulator.airmeets()[0].uid
        codes = {
            "status": (0,),
            "explain some-airmeet": (1,),
            "publish": (1,),
            "export people": (1,),
            "reports": (1,),
            "check": (0,),
            "erase --email ann@example.com --dry-run": (1,),
            f"push attendees rows.csv --airmeet {airmeet}": (0,),
            "push attendees --sql select": (1,),
        }
        for command, expected in codes.items():
            assert workplace.run(*command.split()).code in expected, command
            assert not workplace.file.exists(), command


@pytest.mark.long
def test_they_say_who_has_the_file_open(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_POLL_SECONDS", opening._WAIT_SECONDS)
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        first_load(workplace, simulator, "--no-reports")
        published = workplace.folder / "reports.duckdb"
        published.touch()
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        with held(workplace.file) as process:
            for command in ("status", "explain some-airmeet", "publish", "export people"):
                result = workplace.run(*command.split())
                assert (result.code, result.err.count("\n")) == (1, 1)
                assert f"process {process}, has {workplace.file} open" in result.err
                assert result.err.rstrip().endswith(f"as last published are in {published}")
    assert workplace.run("status").code == 0


def test_they_wait_until_the_file_is_free(workplace: Workplace) -> None:
    duckdb.connect(str(workplace.file)).close()
    slept: list[float] = []
    with held(workplace.file), pytest.raises(FileHeld):
        opening._wait_until_free(str(workplace.file), slept.append)
    assert sum(slept) == pytest.approx(opening._WAIT_SECONDS)
    slept.clear()
    holder = held(workplace.file)
    holder.__enter__()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        holder.__exit__(None, None, None)

    opening._wait_until_free(str(workplace.file), sleep)
    assert len(slept) == 1


def test_they_can_write_nothing(workplace: Workplace) -> None:
    duckdb.connect(str(workplace.file)).close()
    pipeline = open_pipeline(read_only=True)
    with pipeline.sql_client() as client, pytest.raises(Exception, match="read-only"):
        client.execute_sql("CREATE TABLE t (n int)")


@pytest.mark.slow
def test_status_of_an_empty_community_says_that_it_is_empty(workplace: Workplace) -> None:
    for region in ("v1", "gateway"):
        with simulated(airmeets=0) as (_, address):
            base = address.v1 if region == "v1" else address.gateway
            workplace.point_at(base, "v1" if region == "v1" else "global")
            assert workplace.run("load", "--no-reports").code == 0
        result = workplace.run("status")
        assert (result.code, result.err) == (0, "")
        assert "the last load found none" in result.out and "airmeet load" not in result.out
        workplace.file.unlink()
