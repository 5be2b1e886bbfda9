"""docs/privacy.md is what the schemas and rules say."""

from pathlib import Path

import pytest

from tools import privacy_docs


def test_the_page_is_not_stale() -> None:
    assert privacy_docs.main(["--check"]) == 0


def test_a_stale_page_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(privacy_docs, "FILE", tmp_path / "privacy.md")
    assert privacy_docs.main(["--check"]) == 1
    assert "make docs" in capsys.readouterr().err
    assert privacy_docs.main([]) == 0
    assert privacy_docs.main(["--check"]) == 0
