"""Ctrl-C and SIGTERM at any stage: one sentence, what is committed is kept, exit 130 and 143."""

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from airmeet_etl.exit_codes import STOPPED, Exit, Stopped, interruption_in
from airmeet_etl.runtime import stoppable
from dlt.common import logger

from tests.trust.conftest import MakeScenario
from tests.trust.killing import MOMENTS, Moment, outlived
from tests.trust.scenario import LoadScenario
from tests.workplace import Workplace

SENTENCE = f"airmeet: {STOPPED}"

GOING_ON = re.compile(
    r"(building|publishing) the reports|opening the destination|"
    r"[a-z ]+( · \d+ of \d+ feeds)?( · \d+ exports in preparation)?"
    r" · [\d,]+ rows · [\d,]+ requests( · loading [\d,]+ rows)?"
)
"""What a plain log says as a step begins, and of a load every ten seconds: on a busy machine one
takes that long."""

STAGES = {
    "while the destination is opened": Moment("airmeet.extract.ledger:read_ledger"),
    **{name: MOMENTS[name] for name in MOMENTS if name != "before anything is merged"},
    "while DuckDB writes its file": Moment("airmeet_etl.warehouse.connection:_checkpoint"),
    "while an export is waited for": Moment("airmeet.extract.exports:_wait"),
    "while the reports are published": Moment("airmeet_etl.reports.publish:_fill", call=2),
}

QUICK = {"while pages are read", "inside dlt's normalize", "with some rows merged"}
OTHER_CODE = STAGES.keys() - MOMENTS.keys() | {"while the reports are built"}
"""What is not dlt's way of a load: each of these is handled in a place of its own."""


def stages() -> Iterator[Any]:
    for place, (name, moment) in enumerate(STAGES.items()):
        number = (signal.SIGINT, signal.SIGTERM)[place % 2]
        marks = [] if name in QUICK else [pytest.mark.slow]
        if name not in QUICK | OTHER_CODE:
            marks.append(pytest.mark.long)
        yield pytest.param(replace(moment, number=number), id=name, marks=marks)


@pytest.mark.parametrize("moment", [*stages()])
def test_a_load_that_is_stopped_says_one_sentence(
    make_scenario: MakeScenario, moment: Moment
) -> None:
    scenario = make_scenario(airmeets=2, prepare_polls=1)
    reports = () if "reports" in moment.where else ("--no-reports",)
    code = outlived(moment, ("load", *reports, "--summary", "run.json"))
    assert code == 128 + moment.number
    lines = Path("killed.log").read_text().splitlines()
    assert [line for line in lines if not GOING_ON.fullmatch(line)] == [SENTENCE]
    assert f'"exit_code": {code}' in Path("run.json").read_text()
    scenario.load()
    scenario.truth_is_loaded()


OTHERS = {
    "reports": ("airmeet_etl.reports.rebuild:fill", signal.SIGTERM),
    "publish": ("airmeet_etl.reports.publish:_fill", signal.SIGINT),
    "status": ("airmeet.extract.ledger:read_ledger", signal.SIGTERM),
    "explain": ("airmeet_etl.inspection.explain:explain", signal.SIGINT),
    "check": ("airmeet.api.client:Client.get", signal.SIGTERM),
}


@pytest.mark.long
def test_every_command_says_it_when_it_is_stopped(scenario: LoadScenario) -> None:
    assert scenario.workplace.run("load").code == 0
    more = {"explain": [scenario.ids[0]]}
    for command, (where, number) in OTHERS.items():
        Path("killed.log").unlink(missing_ok=True)
        code = outlived(Moment(where, number=number), (command, *more.get(command, ())))
        assert (code, Path("killed.log").read_text()) == (128 + number, f"{SENTENCE}\n"), command


def test_a_push_that_is_stopped_records_what_it_wrote(scenario: LoadScenario) -> None:
    rows = "".join(f"person{n}@push.example.com,Per Son {n}\n" for n in range(3))
    Path("rows.csv").write_text(f"email,name\n{rows}")
    push = ("push", "attendees", "rows.csv", "--airmeet", scenario.ids[-1], "--apply")
    moment = Moment("airmeet.api.client:Client.send", call=2, number=signal.SIGTERM)
    assert outlived(moment, push) == 143
    assert Path("killed.log").read_text() == f"{SENTENCE}\n"
    assert {row["outcome"] for row in scenario.workplace.rows("pushes")} <= {"done", "sending"}
    assert scenario.workplace.run(*push).code == 0
    assert {row["outcome"] for row in scenario.workplace.rows("pushes")} == {"done"}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_stops_its_simulator(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "airmeet_etl.cli", "demo"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout and demo.stderr
        assert demo.stdout.readline().startswith("A simulated Airmeet is running")
        demo.send_signal(number)
        assert (demo.wait(), demo.stderr.read()) == (128 + number, f"{SENTENCE}\n")


def test_what_dlt_and_duckdb_make_of_a_stop_is_seen_as_one() -> None:
    with pytest.raises(RuntimeError) as caught:
        try:
            raise Stopped(Exit.TERMINATED)
        except KeyboardInterrupt as stop:
            raise RuntimeError("Query interrupted") from stop
    assert interruption_in(caught.value)
    assert interruption_in(ValueError()) is None


def test_what_dlt_logs_of_its_threads_after_a_stop_is_not_shown(workplace: Workplace) -> None:
    workplace.run("status")  # dlt logs from here on
    said: list[str] = []

    def hear(record: logging.LogRecord) -> bool:
        said.append(record.getMessage())
        return False

    logger.LOGGER.addFilter(hear)
    try:
        with pytest.raises(Stopped), stoppable():
            logger.critical("before the stop")
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:  # of a worker that the stop took a lock from
                logger.critical("worker died")
        logger.critical("another run")
    finally:
        logger.LOGGER.removeFilter(hear)
    assert said == ["before the stop", "another run"]


def test_what_a_process_was_told_to_ignore_stays_ignored() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable(), pytest.raises(Stopped) as stopped:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.value.code == 143
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)
