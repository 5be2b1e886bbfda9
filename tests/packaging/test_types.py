"""A user's mypy sees the types of what is public."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = """
from collections.abc import Iterable
from datetime import date

import dlt
from airmeet import airmeet_destination, airmeet_source, pushed


def load(ids: list[str]) -> None:
    source = airmeet_source(airmeets=ids, since=date(2026, 1, 1), privacy="minimal")
    pipeline = dlt.pipeline("mine", destination="duckdb", dataset_name="airmeet")
    pipeline.run(source.with_resources("airmeets", "registrations"))
    reveal_type(source)
    reveal_type(source.with_resources("airmeets"))


def push(people: Iterable[dict[str, str]]) -> None:
    pipeline = dlt.pipeline("back", destination=airmeet_destination(airmeet="an id"))
    pipeline.run(people, table_name="registrants")
    dlt.pipeline("mine", destination="duckdb").run(pushed())


airmeet_source(no_such_option=1)  # type: ignore[call-arg]
airmeet_destination(airmeet=1)  # type: ignore[arg-type]
"""
"""Where types are not seen, mypy calls the comments at its end unused."""


@pytest.mark.long
def test_mypy_of_a_user_sees_them(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "project.py").write_text(PROJECT)
    checked = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary",
            "--cache-dir", tmp_path / "cache", "--python-executable", environment, "project.py",
        ],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    revealed = re.findall(r'Revealed type is "(.*)"', checked.stdout)
    assert [name.rpartition(".")[2] for name in revealed] == ["DltSource", "DltSource"]
    assert "error" not in checked.stdout
    assert checked.returncode == 0, checked.stderr
