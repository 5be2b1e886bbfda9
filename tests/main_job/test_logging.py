"""What the source logs: every step of a run, and nobody's data; silent unless it is asked for."""

import json
import logging
import subprocess
import sys
import threading

import dlt
import pytest
from airmeet import airmeet_source
from airmeet_etl.load.display import Display
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.workplace import Workplace, simulated, truth_of


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that is logged below `airmeet` and `airmeet_etl`."""
    caplog.set_level(logging.DEBUG, "airmeet")
    caplog.set_level(logging.DEBUG, "airmeet_etl")
    return caplog


@pytest.mark.slow
def test_a_run_logs_what_it_does_and_never_who(
    workplace: Workplace, everything: pytest.LogCaptureFixture
) -> None:
    with simulated(prepare_polls=2) as (simulator, address):
        workplace.point_at(address.v1)
        finished, broken = simulator.airmeets()[0].uid, simulator.airmeets()[1].uid
        simulator.break_feed(broken, "poll_responses", "500")
        target = dlt.destinations.duckdb(str(workplace.file))
        pipeline = dlt.pipeline("mine", destination=target, dataset_name="airmeet")
        pipeline.run(airmeet_source(), loader_file_format="parquet")
        people = truth_of(simulator, "registrations") + truth_of(simulator, "participants")
    ours = [record for record in everything.records if record.name.startswith("airmeet.")]
    by_level = {
        level: [record.getMessage() for record in ours if record.levelno == level]
        for level in (logging.INFO, logging.WARNING)
    }
    lines = by_level[logging.INFO]
    assert any("airmeets are listed" in line and "are due" in line for line in lines)
    assert any(
        line.startswith(f"registrations of airmeet {finished} fetched: ") and " rows in " in line
        for line in lines
    )
    assert any("is being prepared; next poll in 0 s" in line for line in lines)
    assert any(line.startswith("all that was due is fetched") for line in lines)
    [failed] = by_level[logging.WARNING]
    assert failed.startswith(f"poll_responses of airmeet {broken} failed: ")
    everything_said = "\n".join(record.getMessage() for record in ours)
    [file] = (workplace.folder / "dlt" / "airmeet").glob("token-*")
    secrets = {ACCESS_KEY, SECRET_KEY, json.loads(file.read_text())["token"]}
    personal = {
        str(row[column])
        for row in people
        for column in ("email", "name", "first_name", "last_name", "user_name", "user_email")
        if row.get(column)
    }
    assert len(personal) > 50
    assert not [word for word in personal | secrets if word in everything_said]
    assert "@" not in everything_said


def test_the_command_logs_each_package(
    workplace: Workplace, everything: pytest.LogCaptureFixture
) -> None:
    with simulated(airmeets=2) as (_, address):
        workplace.point_at(address.v1)
        assert workplace.run("load", "--no-reports").code == 0
    assert "package 1 is loaded in " in everything.text


@pytest.mark.slow
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_verbose_load_shows_the_log_among_its_lines(
    log_format: str, workplace: Workplace
) -> None:
    with simulated(airmeets=2) as (_, address):
        workplace.point_at(address.v1)
        arguments = ("load", "--no-reports", "--log-format", log_format)
        quiet = workplace.run(*arguments)
        verbose = workplace.run(*arguments, "--verbose", "--full-refresh")
    assert "fetched:" not in quiet.err
    assert "registrations of airmeet" in verbose.err and "fetched: " in verbose.err
    if log_format == "json":
        events = [json.loads(line) for line in verbose.err.splitlines()]
        assert {event["level"] for event in events} == {"info"}
    assert logging.getLogger("airmeet").level == logging.NOTSET


@pytest.mark.slow
def test_the_source_is_silent_where_nobody_set_up_logging(workplace: Workplace) -> None:
    program = (
        "import dlt; from airmeet import airmeet_source\n"
        "dlt.pipeline('mine', destination='duckdb').run("
        "airmeet_source(), loader_file_format='parquet')"
    )
    with simulated(airmeets=2) as (simulator, address):
        workplace.point_at(address.v1)
        simulator.break_feed(simulator.airmeets()[0].uid, "poll_responses", "500")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("stages", [("building the reports",), ("opening", "checking", "opening")])
def test_a_stage_that_takes_long_is_said_once(
    stages: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    display = Display()
    for stage in stages:
        display.step(stage)
    ticks = display._ended = _Ticks()
    with display:
        assert ticks.over.wait(60)
    assert capsys.readouterr().err.splitlines() == [*stages]


class _Ticks(threading.Event):
    """Three moments at which the display looks whether there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()
        self.left = 3

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        if self.left < 0:
            self.over.set()
        return self.left < 0
