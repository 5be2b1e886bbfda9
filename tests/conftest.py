"""Fixtures that all tests share, and what makes a test process quick."""

import gc
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
from airmeet import safe_text
from airmeet_simulator.simulator import Simulator

from tests.made_once import open_shared_folder
from tests.postgres_server import create_database, running
from tests.quick_dlt import remember_answers, use_one_thread
from tests.quick_reports import remember_plans
from tests.workplace import Workplace, stop_server

_ENGINES = Path(__file__).parent / "engines"
_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 2 * 1024**3

Change = Callable[[list[dict[str, Any]]], object]
Alter = Callable[[Simulator, str, Change], None]


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary folders in memory where there is room: dlt makes hundreds of small files a
    load. Collect garbage seldom, as the command does. Use no proxy: all is on this machine."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
    gc.set_threshold(50_000, 20, 100)
    remember_answers()
    use_one_thread()
    config.add_cleanup(open_shared_folder(os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    remember_plans()


def pytest_itemcollected(item: pytest.Item) -> None:
    """What needs a server of Postgres, or packages of an engine's, runs with the other engines."""
    needs_postgres = "postgres_server" in getattr(item, "fixturenames", ())
    if needs_postgres or item.path.is_relative_to(_ENGINES):
        item.add_marker(pytest.mark.engine)


def pytest_collection_finish() -> None:
    """What was imported stays: garbage collection need not look at it again."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _server() -> Iterator[None]:
    """Stop the server that simulators share."""
    yield
    stop_server()


@pytest.fixture(autouse=True)
def _secrets_of_one_test() -> Iterator[None]:
    """Forget the keys that a test used: a key that is a word would blank it in the next one."""
    known = set(safe_text._secrets)
    yield
    if safe_text._secrets != known:
        safe_text._secrets.intersection_update(known)
        safe_text._pattern.cache_clear()


@pytest.fixture
def workplace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Workplace:
    """A folder of its own, and the real command in it."""
    return Workplace(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, without a database; one for all tests of a process."""
    with running() as url:
        yield url


@pytest.fixture
def database(postgres_server: str) -> str:
    """The URL of an empty PostgreSQL database."""
    return create_database(postgres_server)


@pytest.fixture
def alter(monkeypatch: pytest.MonkeyPatch) -> Alter:
    """Alters the rows that a simulator sends for a path's ending."""

    def alter(simulator: Simulator, ending: str, change: Change) -> None:
        respond = simulator.respond

        def altering(method: str, path: str, *others: Any, **named: Any) -> Any:
            answer = respond(method, path, *others, **named)
            if not path.endswith(ending) or answer.status != 200:
                return answer
            body = orjson.loads(answer.body)
            change(next(value for value in body.values() if isinstance(value, list)))
            return replace(answer, body=orjson.dumps(body))

        monkeypatch.setattr(simulator, "respond", altering)

    return alter


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[Any]]]:
    """A webhook's URL, and what was posted there."""
    posted: list[Any] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/a-hook-nobody-knows", posted
        server.shutdown()
        thread.join()
