"""The destinations that the conformance suite runs on: each joins by one declaration."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.ducklake import home_with_extensions
from tests.engines import emulators
from tests.engines.served_clickhouse import ADDRESS, served
from tests.postgres_server import create_database
from tests.trust.killing import MOMENTS, Moment

Settings = Mapping[str, object]
"""Values by the names of environment variables."""

STEPS = (
    "check",
    "load",
    "nothing new",
    "changes",
    "deletes",
    "a new column",
    "full refresh",
    "repair",
    "kill",
    "a second loader",
    "reports",
    "status",
    "explain",
    "sql",
    "list",
    "export",
    "publish",
    "dashboard",
    "erase",
)
"""What the suite runs; each is the test of its name in `test_loads.py` or `test_reads.py`."""


@dataclass(frozen=True)
class Place:
    """A destination of the suite.

    Attributes:
        name: as it is declared in `airmeet_etl.warehouse.destinations`.
        opened: opens an empty one within a folder, for as long as the context lasts, and gives the
            settings that point the command at it; skips where something is not installed.
        emulator: what stands in for its server; empty where it is the thing itself.
        killed_at: when a load is killed.
        server_folder: below the folder, what an emulator keeps as a server does: it drops parts of
            deleted rows in its own time.
        not_run: steps that are not run on it, each with the reason.
    """

    name: str
    opened: Callable[[Path, pytest.FixtureRequest], AbstractContextManager[Settings]]
    emulator: str = ""
    killed_at: tuple[Moment, ...] = (
        MOMENTS["with some rows merged"],
        MOMENTS["with all merged and not committed"],
    )
    server_folder: str = ""
    not_run: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def _duckdb(folder: Path, _: pytest.FixtureRequest) -> Iterator[Settings]:
    yield {"DESTINATION__DUCKDB__CREDENTIALS": folder / "warehouse.duckdb"}


@contextmanager
def _postgres(_: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    pytest.importorskip("psycopg2")
    server = request.getfixturevalue("postgres_server")
    yield {"DESTINATION__POSTGRES__CREDENTIALS": create_database(server)}


@contextmanager
def _ducklake(folder: Path, _: pytest.FixtureRequest) -> Iterator[Settings]:
    yield {"HOME": home_with_extensions(folder)}


@contextmanager
def _lake(folder: Path, _: pytest.FixtureRequest) -> Iterator[Settings]:
    pytest.importorskip("deltalake")
    yield {"DESTINATION__FILESYSTEM__BUCKET_URL": folder / "lake"}


@contextmanager
def _clickhouse(folder: Path, _: pytest.FixtureRequest) -> Iterator[Settings]:
    for package in ("chdb", "clickhouse_driver", "clickhouse_connect"):
        pytest.importorskip(package)
    with served(folder):
        yield {"DESTINATION__CLICKHOUSE__CREDENTIALS": ADDRESS}


@contextmanager
def _snowflake(folder: Path, _: pytest.FixtureRequest) -> Iterator[Settings]:
    pytest.importorskip("snowflake.connector")
    with emulators.served("fakesnow", folder) as port:
        credentials = f"snowflake://lab:none@lab/lab?host=127.0.0.1&port={port}&protocol=http"
        yield {"DESTINATION__SNOWFLAKE__CREDENTIALS": credentials}


@contextmanager
def _bigquery(folder: Path, _: pytest.FixtureRequest) -> Iterator[Settings]:
    pytest.importorskip("google.cloud.bigquery")
    with emulators.served("bqemulator", folder) as port:
        server = f"http://127.0.0.1:{port}"
        yield {
            "BIGQUERY_EMULATOR_HOST": server,
            "DESTINATION__BIGQUERY__CREDENTIALS": _service_account(f"{server}/token"),
            "DESTINATION__BIGQUERY__HTTP_TIMEOUT": 300,  # else a slow report is asked for twice
            "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": True,  # bqemulator unpacks nothing
        }


def _service_account(token_url: str) -> str:
    """The JSON of a key that was never anybody's."""
    keys: Any = import_module("cryptography.hazmat.primitives.asymmetric.rsa")
    form: Any = import_module("cryptography.hazmat.primitives.serialization")
    key = keys.generate_private_key(public_exponent=65537, key_size=2048)
    written = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    account = {
        "type": "service_account",
        "project_id": "airmeet-lab",
        "private_key_id": "lab",
        "private_key": written.decode(),
        "client_email": "lab@example.com",
        "token_uri": token_url,
    }
    return json.dumps(account)


_IN_THE_TEST = "chdb is within the process of the test, and lets in no other one"

PLACES = (
    Place("duckdb", _duckdb),
    Place("postgres", _postgres),
    Place("ducklake", _ducklake),
    Place(
        "filesystem",
        _lake,
        killed_at=(
            Moment("airmeet_etl.warehouse.lake:LakeSqlClient.merge", late=True, call=3),
            MOMENTS["with all merged and not committed"],
        ),
    ),
    Place(
        "clickhouse",
        _clickhouse,
        emulator="chdb",
        server_folder="chdb",
        not_run={"kill": _IN_THE_TEST, "a second loader": _IN_THE_TEST},
    ),
    Place("snowflake", _snowflake, emulator="fakesnow"),
    Place("bigquery", _bigquery, emulator="bqemulator"),
)
