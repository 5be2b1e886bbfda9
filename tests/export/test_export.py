"""The command: any report into a file that others can read."""

import csv
import json
import re
import subprocess
import sys
from io import StringIO
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from airmeet_etl.export.crm import CRMS, REPORT
from airmeet_etl.export.formats import FORMATS
from airmeet_etl.reports.sql_files import sql_files
from airmeet_etl.warehouse.warehouse import open_pipeline
from airmeet_etl.warehouse.written_files import written_files

from tests.sweeps import first
from tests.workplace import Workplace

from .spreadsheet import cells, elements, sheet_of

REPORTS = sql_files("reporting")


def report(workplace: Workplace, name: str, where: str = "true") -> list[tuple[Any, ...]]:
    """A report's rows as the warehouse has them, in the order of docs/tables.md."""
    columns = ", ".join(f'"{column.name}"' for column in REPORTS[name].columns)
    order = ", ".join(REPORTS[name].grain)
    with duckdb.connect(str(workplace.file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        query = f"select {columns} from airmeet_reports.{name} where {where} order by {order}"
        return connection.sql(query).fetchall()


def exported(workplace: Workplace, *arguments: str) -> str:
    result = workplace.run("export", *arguments)
    assert (result.code, result.err) == (0, "")
    return result.out


def refused(workplace: Workplace, *arguments: str, code: int = 1) -> str:
    before = {*workplace.folder.iterdir()}
    result = workplace.run("export", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1), result
    assert {*workplace.folder.iterdir()} - before <= {workplace.folder / "dlt"}
    return result.err


@pytest.mark.parametrize("name", REPORTS)
def test_any_report_has_its_columns_and_rows(loaded: Workplace, name: str) -> None:
    rows = report(loaded, name)
    exported(loaded, name, "--format", "parquet")
    table = pq.read_table(loaded.folder / f"{name}.parquet")
    assert table.column_names == [column.name for column in REPORTS[name].columns]
    assert [tuple(row.values()) for row in table.to_pylist()] == rows


@pytest.mark.parametrize("name", first(8, REPORTS))
def test_any_report_is_a_spreadsheet_and_a_text(loaded: Workplace, name: str) -> None:
    head = [column.name for column in REPORTS[name].columns]
    number = len(report(loaded, name))
    exported(loaded, name, "--format", "xlsx")
    assert [*cells(loaded.folder / f"{name}.xlsx")[0].values()] == head
    assert len(elements(sheet_of(loaded.folder / f"{name}.xlsx"), "row")) == number + 1
    assert f"{number} row" in exported(loaded, name)
    with (loaded.folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = [*csv.reader(file)]
    assert lines[0] == head and len(lines) == number + 1


def test_rows_of_some_airmeets(loaded: Workplace) -> None:
    one = exported(loaded, "event_summary", "--airmeet", "spring")
    assert one == "1 row in event_summary-spring.csv\n"
    two = ("--airmeet", "spring", "--airmeet", "may", "--airmeet", "may")
    assert exported(loaded, "event_summary", *two) == "2 rows in event_summary-2-airmeets.csv\n"
    out = loaded.run("export", "attendee_event", *two, "--output", "-", "--format", "json")
    people = json.loads(out.out)
    expected = report(loaded, "attendee_event", "airmeet_id in ('may', 'spring')")
    assert [(row["airmeet_id"], row["person"]) for row in people] == [row[:2] for row in expected]
    assert {row["airmeet_id"] for row in people} == {"may", "spring"}


def test_an_airmeet_without_rows_is_an_empty_file(loaded: Workplace) -> None:
    [empty] = loaded.sql(
        "select min(airmeet_id) from airmeet_reports.event_summary where airmeet_id not in "
        "(select airmeet_id from airmeet_reports.booth_leads)"
    )
    out = exported(loaded, "booth_leads", "--airmeet", empty[0], "--output", "none.xlsx")
    assert out == "0 rows in none.xlsx\n"
    assert len(cells(loaded.folder / "none.xlsx")) == 1


def test_standard_output_holds_the_rows_alone(loaded: Workplace) -> None:
    result = loaded.run("export", "event_summary", "--output", "-")
    assert (result.code, result.err) == (0, "7 rows\n")
    first, *rows = csv.reader(StringIO(result.out))
    assert first[0] == "airmeet_id", "and no mark"
    assert len(rows) == 7


@pytest.mark.parametrize(
    ("options", "file", "begins"),
    [
        ((), "people.csv", b"\xef\xbb\xbfperson"),
        (("--format", "json"), "people.json", b"[\n{"),
        (("--output", "all.XLSX"), "all.XLSX", b"PK"),
        (("--output", "all.parquet"), "all.parquet", b"PAR1"),
        (("--output", "all.txt"), "all.txt", b"\xef\xbb\xbfperson"),
        (("--output", "all.txt", "--format", "json"), "all.txt", b"[\n{"),
    ],
)
def test_the_format_is_said_or_seen_by_the_ending(
    loaded: Workplace, options: tuple[str, ...], file: str, begins: bytes
) -> None:
    assert exported(loaded, "people", *options).endswith(f" in {file}\n")
    assert (loaded.folder / file).read_bytes().startswith(begins)


def test_a_name_of_a_file_is_one_whatever_the_id(loaded: Workplace) -> None:
    loaded.execute(
        "update airmeet_reports.event_summary set airmeet_id = '../a b' where airmeet_id = 'may'"
    )
    out = exported(loaded, "event_summary", "--airmeet", "../a b")
    assert out == "1 row in event_summary-___a_b.csv\n"


def test_what_cannot_be_exported_says_how_to_mend_it(loaded: Workplace) -> None:
    assert "no report peple: did you mean people?" in refused(loaded, "peple")
    assert "no report xyz: there are accounts, a" in refused(loaded, "xyz")
    assert "no airmeet nowhere is in the reports: correct the id" in refused(
        loaded, "event_summary", "--airmeet", "spring", "--airmeet", "nowhere"
    )
    assert "leave out --airmeet" in refused(loaded, "people", "--airmeet", "spring")
    assert "missing/people.csv cannot be written: No such file" in refused(
        loaded, "people", "--output", "missing/people.csv"
    )
    loaded.execute("drop table airmeet_reports.people")
    assert "people is not built yet; airmeet reports builds it" in refused(loaded, "people")
    loaded.execute("drop schema airmeet_reports cascade")
    assert "no reports to export; airmeet reports builds them" in refused(loaded, "accounts")


def test_bad_usage(loaded: Workplace) -> None:
    assert "--for goes with follow_up alone" in refused(
        loaded, "people", "--for", "hubspot", code=2
    )
    assert "xlsx is no text: give a file" in refused(
        loaded, "people", "--format", "xlsx", "--output", "-", code=2
    )
    assert "invalid choice: 'pdf'" in refused(loaded, "people", "--format", "pdf", code=2)
    assert "REPORT" in refused(loaded, code=2)


def test_a_failure_leaves_the_old_file_and_no_draft(
    loaded: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(loaded, "people", "--format", "xlsx")
    before = (loaded.folder / "people.xlsx").read_bytes()
    monkeypatch.setattr("airmeet_etl.export.spreadsheet.MOST_ROWS", 2)
    assert "a spreadsheet holds" in refused(loaded, "people", "--format", "xlsx")
    assert (loaded.folder / "people.xlsx").read_bytes() == before


def test_a_link_and_a_pipe_stay(loaded: Workplace) -> None:
    (loaded.folder / "link.csv").symlink_to("real.csv")
    exported(loaded, "people", "--output", "link.csv")
    assert (loaded.folder / "link.csv").is_symlink()
    assert (loaded.folder / "real.csv").read_bytes().startswith(b"\xef\xbb\xbfperson,")
    exported(loaded, "people", "--output", "/dev/null")


def test_an_export_is_known_to_erasing_and_standard_output_is_not(loaded: Workplace) -> None:
    exported(loaded, "people")
    loaded.run("export", "accounts", "--output", "-")
    assert written_files(open_pipeline()) == [loaded.folder / "people.csv"]


def test_columns_that_an_earlier_version_did_not_build_are_missing(loaded: Workplace) -> None:
    loaded.execute("alter table airmeet_reports.event_summary drop column engaged")
    out = loaded.run("export", "event_summary", "--output", "-").out
    there = [c.name for c in REPORTS["event_summary"].columns if c.name != "engaged"]
    assert next(csv.reader(StringIO(out))) == there


@pytest.mark.slow
def test_nobody_may_read_on(loaded: Workplace) -> None:
    command = [sys.executable, "-m", "airmeet_etl", "export", "attendee_event", "--output", "-"]
    with subprocess.Popen(
        command, cwd=loaded.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0)


@pytest.mark.skipif(REPORT not in REPORTS, reason="the report is being built")
@pytest.mark.parametrize("crm", CRMS)
def test_for_a_crm_each_row_is_there_or_counted(loaded: Workplace, crm: str) -> None:
    out = exported(loaded, REPORT, "--airmeet", "spring", "--for", crm)
    said = re.fullmatch(
        r"(\d+) rows?(?: \(left out: (?:(\d+) without an address)?(?:, )?(?:(\d+) staff)?\))? in "
        r"follow_up-spring.csv\n",
        out,
    )
    assert said, out
    with (loaded.folder / "follow_up-spring.csv").open(encoding="utf-8-sig", newline="") as file:
        people = [*csv.DictReader(file)]
    rows = report(loaded, REPORT, "airmeet_id = 'spring'")
    assert sum(int(number or 0) for number in said.groups()) == len(rows) > len(people)
    assert len(people) == int(said[1]) and all("@" in row["Email"] for row in people)


def test_help_shows_examples(workplace: Workplace) -> None:
    out = workplace.run("export", "--help").out
    assert "examples:\n  airmeet export event_summary --format xlsx\n" in out
    assert all(name in out for name in FORMATS)
