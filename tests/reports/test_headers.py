"""Headers say what the queries do, and the documentation says what the headers say."""

from pathlib import Path

import pytest
from airmeet_etl.reports.sql_files import (
    EXECUTED,
    SqlFile,
    read_file,
    reports,
    sql_files,
)

from tools import checks_docs, tables_docs

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
        assert file.reads & sql_files("reporting").keys() <= read
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


@pytest.mark.parametrize("line", ["gran: a", "Grain: a", "note:"])
def test_an_unknown_key_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=rf"broken\.sql: the header's key '{line.split(':')[0]}'"):
        read_file("broken", f"-- What a row is.\n-- {line}\nselect 1 as a")


def test_a_key_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"broken\.sql: the header's key 'grain' is given twice"):
        read_file("broken", "-- grain: a\n-- grain: b\nselect 1 as a")


def test_a_header_with_columns_must_say_that_it_is_executed() -> None:
    header = "-- grain: a\n-- {}\n-- columns:\n--   a text: What.\n"
    assert read_file("right", header.format(EXECUTED) + "select 1 as a").grain == ("a",)
    for line in ("What.", "executed: not at all"):
        with pytest.raises(ValueError, match=r"broken\.sql: above its columns the header must say"):
            read_file("broken", header.format(line) + "select 1 as a")


def test_a_grain_that_is_no_column_is_an_error() -> None:
    header = f"-- grain: a, b\n-- {EXECUTED}\n-- columns:\n--   a text: What.\n"
    with pytest.raises(ValueError, match=r"broken\.sql: no column of its grain: b"):
        read_file("broken", f"{header}select 1 as a")


def test_documentation_is_what_would_be_written() -> None:
    assert tables_docs.main(["--check"]) == 0, "run `make docs`"
    assert checks_docs.main(["--check"]) == 0, "run `make docs`"


@pytest.mark.parametrize("file", CHECKS, ids=lambda file: file.name)
def test_checks_say_whom_they_are_about_and_what_to_do(file: SqlFile) -> None:
    assert file.purpose.endswith(".")
    assert file.mend
    assert file.columns[0].name == "airmeet_id"


def test_a_severity_that_there_is_not_is_an_error() -> None:
    assert read_file("right", "-- severity: warning\nselect 1").severity == "warning"
    with pytest.raises(ValueError, match=r"broken\.sql: its severity is none of failure, warning"):
        read_file("broken", "-- severity: mild\nselect 1")


def test_stale_documentation_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables_docs, "FILE", tmp_path / "docs" / "tables.md")
    assert tables_docs.main(["--check"]) == 1
    assert "run `make docs`" in capsys.readouterr().err
    assert tables_docs.main([]) == 0
    assert tables_docs.main(["--check"]) == 0
