"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pytest

USER = "postgres"


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
def cluster() -> Iterator[str]:
    """Start a cluster and give the address of its server; it is gone afterwards."""
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
            yield f"postgresql://{USER}@127.0.0.1:{port}"
        finally:
            call("pg_ctl", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def query(address: str, sql: str) -> list[dict[str, Any]]:
    """What a query gives; a statement gives nothing."""
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
