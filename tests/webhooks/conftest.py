"""A workplace at the gateway, and a receiver in a process of its own."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from airmeet_simulator.server import Address
from airmeet_simulator.simulator import Simulator

from tests.workplace import Workplace, simulated

SECRET = "a-secret-for-the-tests-alone"


@dataclass
class Listener:
    """A receiver that runs."""

    process: "subprocess.Popen[str]"
    url: str

    def post(self, path: str, body: bytes, method: str = "POST") -> int:
        """The status of one delivery; 0 where nobody answered."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
        try:
            with suppress(OSError, http.client.HTTPException):
                connection.request(method, path, body)
                return connection.getresponse().status
            return 0
        finally:
            connection.close()

    def deliver(self, trigger: str, *payloads: object) -> list[int]:
        """Deliver to the address that a trigger was registered with."""
        return [self.post(f"/{SECRET}/{trigger}", orjson.dumps(payload)) for payload in payloads]

    def burst(self, trigger: str, payloads: Sequence[object], at_once: int = 16) -> list[int]:
        """Deliver many at once."""
        with ThreadPoolExecutor(at_once) as threads:
            return list(threads.map(lambda payload: self.deliver(trigger, payload)[0], payloads))

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it as a service manager does; the exit code is returned."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()


@pytest.fixture
def inbox(workplace: Workplace) -> Path:
    """The inbox and the secret, in the settings."""
    folder = workplace.folder / "inbox"
    workplace.setting(webhook_inbox=folder, webhook_secret=SECRET)
    return folder


@pytest.fixture
def service(workplace: Workplace) -> Iterator[tuple[Simulator, Address]]:
    """A small community at the gateway."""
    with simulated(airmeets=4, registrations=12) as (simulator, address):
        workplace.point_at(address.gateway, region="global")
        yield simulator, address


@pytest.fixture
def simulator(service: tuple[Simulator, Address]) -> Simulator:
    """The community."""
    return service[0]


@pytest.fixture
def listen(workplace: Workplace) -> Iterator[Callable[..., Listener]]:
    """Starts receivers; those that still run are ended."""
    running: list[Listener] = []

    def start(*arguments: str) -> Listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "airmeet_etl", "listen", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on http://"), line
        listener = Listener(process, line.split()[2].rstrip(";"))
        running.append(listener)
        return listener

    yield start
    for listener in running:
        if listener.process.poll() is None:
            listener.kill()
        assert listener.process.stdout is not None
        listener.process.stdout.close()
