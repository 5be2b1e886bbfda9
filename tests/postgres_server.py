"""A PostgreSQL of the tests' own: a server in a temporary folder, on a free port, and databases."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

USER = "postgres"
PASSWORD = "none"
"""The server asks for none; dlt wants one."""

_numbers = count(1)


def _programs() -> Path:
    """Where Debian puts initdb and pg_ctl; the newest version counts."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    pytest.skip("PostgreSQL is not installed: apt-get install postgresql")


def _version(initdb: Path) -> float:
    return float(initdb.parts[-3])


@contextmanager
def running() -> Iterator[str]:
    """Start a server and give its URL, without a database; it is gone afterwards.

    Where PostgreSQL is not installed, the test is skipped.
    """
    programs = _programs()
    # The server refuses to run as root.
    as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="airmeet-postgres-") as folder:
        if as_user:
            shutil.chown(folder, USER)
        data = f"{folder}/data"

        def call(program: str, *arguments: str) -> None:
            command = [*as_user, str(programs / program), "-D", data, *arguments]
            subprocess.run(command, check=True, cwd=folder, capture_output=True)

        call("initdb", "-U", USER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        port = _free_port()
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        call("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}"
        finally:
            call("pg_ctl", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def create_database(server: str) -> str:
    """Create an empty database; its URL is returned."""
    name = f"airmeet_{next(_numbers)}"
    query(f"{server}/postgres", f"create database {name}")
    return f"{server}/{name}"


def query(address: str, sql: str) -> list[dict[str, Any]]:
    """What a query gives; a statement gives nothing."""
    import psycopg2  # type: ignore[import-untyped]  # here: few tests need it

    connection = psycopg2.connect(address)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.close()
