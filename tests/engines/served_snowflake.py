"""fakesnow, an emulator of Snowflake, in place of the account that dlt's client of it talks to.

It needs other versions of DuckDB and sqlglot than the project, and so an environment of its own,
which `make test-engines` sets up.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-emulators" / "bin" / "python"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Start an emulator that keeps staged files within a folder, and give the credentials to load
    into it; it is gone afterwards. Where it is not installed, the test is skipped."""
    if not PYTHON.exists():
        pytest.skip("the emulators are not installed: make .venv-emulators/.ready")
    kept = folder / "fakesnow"
    kept.mkdir()
    program = Path(__file__).with_name("fakesnow_server.py")
    with (
        (folder / "fakesnow.log").open("w") as log,
        subprocess.Popen(
            [PYTHON, program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "TMPDIR": str(kept)},
            text=True,
        ) as server,
    ):
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            yield f"snowflake://lab:none@lab/lab?host=127.0.0.1&port={port}&protocol=http"
        finally:
            server.kill()
