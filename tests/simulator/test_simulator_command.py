"""The command line and the server's start and stop."""

import argparse
import os
import signal
import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path

import pytest
from airmeet_simulator.airmeets import Plan
from airmeet_simulator.command import add_arguments, run
from airmeet_simulator.errors import SimulatorError
from airmeet_simulator.options import SimulatorOptions
from airmeet_simulator.server import Address, running, serve
from airmeet_simulator.simulator import Simulator

from tests.simulator.visitor import Visitor

ROOT = Path(__file__).parents[2]


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def test_every_option_is_a_flag() -> None:
    args = parsed()
    assert {option.name: getattr(args, option.name) for option in fields(SimulatorOptions)} == {
        option.name: option.default for option in fields(SimulatorOptions)
    }
    args = parsed("--token-at-top", "--last-page", "loop", "--prepare-seconds", "0.5")
    assert (args.token_at_top, args.last_page, args.prepare_seconds) == (True, "loop", 0.5)
    assert (args.port, args.airmeets, args.registrations) == (8765, 300, 60)


def test_running_serves_and_stops() -> None:
    with running(Simulator(Plan(2, 5))) as address:
        for base in (address.v1, address.gateway):
            visitor = Visitor(address.port, base.removeprefix(address.root))
            visitor.enter()
            assert len(visitor.all("/airmeets")) == 2
    with pytest.raises(ConnectionRefusedError):
        visitor.enter()


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with running(Simulator(Plan(1, 1))) as address:
        with pytest.raises(SimulatorError, match=f"port {address.port}"):
            serve(Simulator(Plan(1, 1)), address.port)
        assert run(parsed("--port", str(address.port), "--airmeets", "1")) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "--port 0" in error


def test_bad_counts_are_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parsed("--airmeets", "-1")) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_serve_stops_by_itself_and_gives_signals_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    addresses: list[Address] = []
    serve(Simulator(Plan(1, 1)), 0, stop_after=0, ready=addresses.append)
    assert len(addresses) == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_importing_the_command_is_light() -> None:
    code = (
        "import sys, airmeet_simulator.command as c, argparse;"
        "c.add_arguments(argparse.ArgumentParser());"
        "heavy = ('uvicorn', 'asyncio', 'airmeet_simulator.simulator');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_settings_and_stops_on_a_signal(number: signal.Signals) -> None:
    code = (
        "import argparse, sys; from airmeet_simulator.command import add_arguments, run;"
        "p = argparse.ArgumentParser(); add_arguments(p);"
        "sys.exit(run(p.parse_args(['--port', '0', '--airmeets', '2'])))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stderr
        lines = [process.stdout.readline().strip() for _ in range(11)]
        os.kill(process.pid, number)
        killer = threading.Timer(10, process.kill)
        killer.start()
        assert process.wait() == 0
        killer.cancel()
        assert process.stderr.read() == ""
    settings = dict(line.removeprefix("export ").split("=") for line in lines[1:6])
    port = settings["SOURCES__AIRMEET__API_URL"].split(":")[2].split("/")[0]
    assert settings == {
        "SOURCES__AIRMEET__ACCESS_KEY": "simulated-access",
        "SOURCES__AIRMEET__SECRET_KEY": "simulated-secret",
        "SOURCES__AIRMEET__API_URL": f"http://127.0.0.1:{port}/api/v1",
        "SOURCES__AIRMEET__ANALYTICS_URL": f"http://127.0.0.1:{port}/api/v1",
        "SOURCES__AIRMEET__BFF_URL": f"http://127.0.0.1:{port}/api/v1",
    }
    assert lines[7] == "# export SOURCES__AIRMEET__REGION=global"
    assert lines[8] == f"# export SOURCES__AIRMEET__API_URL=http://127.0.0.1:{port}/prod"
