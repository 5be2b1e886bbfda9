"""HTTP around a simulator: on loopback, in a thread of this process."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .app import App
from .errors import SimulatorError
from .feeds import BASES
from .simulator import Simulator

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a simulator listens.

    Attributes:
        root: base of the paths under `/simulator/`.
        v1: base of the specification's three hosts.
        gateway: base of the gateway layout.
    """

    port: int

    @property
    def root(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def v1(self) -> str:
        return self.root + BASES["v1"]

    @property
    def gateway(self) -> str:
        return self.root + BASES["gateway"]


@contextmanager
def running(simulator: Simulator, port: int = 0) -> Iterator[Address]:
    """Serve a simulator while the context lasts; port 0 takes a free one.

    Raises:
        SimulatorError: the port is in use, or not allowed.
    """
    with serving(App(simulator), port) as address:
        yield address


@contextmanager
def serving(app: App, port: int = 0) -> Iterator[Address]:
    """Serve an application while the context lasts; see `running`."""
    import uvicorn  # here: slow to import, and most commands do not need it

    listener = _listen(port)
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        # Broken connections are made on purpose: nothing to log.
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield Address(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def serve(
    simulator: Simulator,
    port: int = 0,
    stop_after: float | None = None,
    ready: Callable[[Address], None] = lambda address: None,
) -> None:
    """Serve until SIGINT, SIGTERM or `stop_after` seconds; `ready` gets the address.

    Call it from the main thread. Raises as `running` does.
    """
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    former = [signal.signal(number, lambda *_: stop.set()) for number in signals]
    try:
        with running(simulator, port) as address:
            ready(address)
            stop.wait(stop_after)
    finally:
        for number, handler in zip(signals, former, strict=True):
            signal.signal(number, handler)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SimulatorError(
            f"cannot listen on port {port}: {reason}; choose another with --port, "
            "or --port 0 for a free one"
        ) from error
    return listener
