"""Emulators of destinations, as servers: each is a program of an environment of its own.

They need other versions of DuckDB and sqlglot than the project and than each other;
`make test-engines` sets the environments up.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def served(name: str, folder: Path) -> Iterator[int]:
    """Start an emulator that keeps its files within a folder, and give its port; it is gone
    afterwards. Where it is not installed, the test is skipped."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{name} is not installed: make .venv-{name}/.ready")
    kept = folder / name
    kept.mkdir()
    program = Path(__file__).with_name(f"{name}_server.py")
    with (
        (folder / f"{name}.log").open("w") as log,
        subprocess.Popen(
            [python, program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "TMPDIR": str(kept)},
            text=True,
        ) as server,
    ):
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()
