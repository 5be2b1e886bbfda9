"""Fixtures that all tests share."""

from pathlib import Path

import pytest

from tests.desk import Workplace


@pytest.fixture
def workplace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Workplace:
    """A folder of its own, and the real command in it."""
    return Workplace(tmp_path, monkeypatch, capsys)
