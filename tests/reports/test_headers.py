"""Headers say what the queries do, and the documentation says what the headers say."""

from pathlib import Path

import pytest
from airmeet_etl.reports.compile import SqlFile, read_file, reports, sql_files, tables_read

from tools import tables_docs

REPORTS = sql_files("reporting").values()
CHECKS = sql_files("checks").values()


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: file.name)
def test_reports_say_purpose_grain_question_and_columns(file: SqlFile) -> None:
    names = [column.name for column in file.columns]
    assert file.purpose.endswith(".")
    assert file.question.endswith("?")
    assert file.grain
    assert set(file.grain) <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("file", [*REPORTS, *CHECKS], ids=lambda file: file.name)
def test_queries_end_in_final(file: SqlFile) -> None:
    assert file.sql.endswith("\nselect * from final\n")
    assert file.columns
    assert max(map(len, file.sql.splitlines())) <= 100


def test_reports_come_after_those_that_they_read() -> None:
    read: set[str] = set()
    for file in reports():
        assert tables_read(file.query) & sql_files("reporting").keys() <= read
        read.add(file.name)
    assert read == sql_files("reporting").keys()


@pytest.mark.parametrize(
    "header",
    [
        "-- columns:\n--   a number: What.",
        "-- columns:\n--   a text What.",
        "-- columns:\n-- Purpose.",
    ],
)
def test_a_header_that_cannot_be_read_is_an_error(header: str) -> None:
    with pytest.raises(ValueError, match=r"broken\.sql: no column in"):
        read_file("broken", f"{header}\nselect 1")


def test_documentation_is_what_would_be_written() -> None:
    assert tables_docs.main(["--check"]) == 0, "run `make docs`"


def test_stale_documentation_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables_docs, "FILE", tmp_path / "docs" / "tables.md")
    assert tables_docs.main(["--check"]) == 1
    assert "run `make docs`" in capsys.readouterr().err
    assert tables_docs.main([]) == 0
    assert tables_docs.main(["--check"]) == 0
