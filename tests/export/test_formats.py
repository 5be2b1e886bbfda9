"""What each format makes of the same rows."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airmeet_etl.exit_codes import CommandError
from airmeet_etl.export.formats import FORMATS
from airmeet_etl.export.spreadsheet import MOST_ROWS

from .spreadsheet import cells, elements, parts, sheet_of

ROWS = pa.table(
    {
        "name": pa.array(["Zoë, Ärger & Söhne", '=1+1 "x"', None, "a\r\nb"]),
        "people": pa.array([3, None, 0, -1]),
        "rate": pa.array([0.1, 1.0, None, 1e-7]),
        "is_final": pa.array([True, False, None, None]),
        "at": pa.array(
            [
                datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
                None,
                datetime(2026, 1, 31, 9, 30, 0, 250_000, tzinfo=UTC),
                datetime(1850, 1, 1, tzinfo=UTC),
            ],
            pa.timestamp("us", "UTC"),
        ),
        "day": pa.array([date(2026, 1, 31), None, None, None]),
    }
)


def written(format: str, rows: pa.Table = ROWS) -> bytes:
    stream = BytesIO()
    assert FORMATS[format].write(rows.to_reader(2), stream, None) == len(rows)
    return stream.getvalue()


def test_csv() -> None:
    assert written("csv").decode().split("\r\n") == [
        "name,people,rate,is_final,at,day",
        '"Zoë, Ärger & Söhne",3,0.1,true,2026-01-31T09:30:00Z,2026-01-31',
        '"\'=1+1 ""x""",,1.0,false,,',
        ",0,,,2026-01-31T09:30:00.250000Z,",
        '"a',
        'b",-1,1e-07,,1850-01-01T00:00:00Z,',
        "",
    ]


@pytest.mark.parametrize("head", [b"", FORMATS["csv"].head])
def test_others_read_the_csv_with_and_without_its_mark(tmp_path: Path, head: bytes) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(head + written("csv"))
    assert pd.read_csv(file).columns.tolist() == ROWS.column_names
    query = f"select name, people, is_final, \"at\" = '2026-01-31 09:30:00Z' from '{file}'"
    first, second, *_ = duckdb.sql(query).fetchall()
    assert first == ("Zoë, Ärger & Söhne", 3, True, True)
    assert second == ('\'=1+1 "x"', None, False, None)


def test_json() -> None:
    first, second, third, fourth = json.loads(written("json"))
    assert first == {
        "name": "Zoë, Ärger & Söhne",
        "people": 3,
        "rate": 0.1,
        "is_final": True,
        "at": "2026-01-31T09:30:00Z",
        "day": "2026-01-31",
    }
    assert second["name"] == '=1+1 "x"'
    assert third["name"] is None and fourth["people"] == -1
    assert json.loads(written("json", ROWS[:0])) == []


def test_parquet() -> None:
    assert pq.read_table(BytesIO(written("parquet"))).equals(ROWS)
    assert pq.read_table(BytesIO(written("parquet", ROWS[:0]))).equals(ROWS[:0])


def test_xlsx_has_typed_cells_and_no_formula() -> None:
    file = written("xlsx")
    assert cells(file) == [
        {"A": "name", "B": "people", "C": "rate", "D": "is_final", "E": "at", "F": "day"},
        {
            "A": "Zoë, Ärger & Söhne",
            "B": 3.0,
            "C": 0.1,
            "D": True,
            "E": pytest.approx(46053 + 9.5 / 24),  # days since 1899-12-30
            "F": 46053.0,
        },
        {"A": '\'=1+1 "x"', "C": 1.0, "D": False},
        {"B": 0.0, "E": pytest.approx(46053 + (9.5 * 3600 + 0.25) / 86400)},
        {"A": "a\r\nb", "B": -1.0, "C": 1e-7, "E": "1850-01-01T00:00:00Z"},
    ]
    sheet = sheet_of(file)
    assert elements(sheet, "f") == []
    assert elements(sheet, "hyperlink") == []


def test_xlsx_shows_times_as_times_and_keeps_the_header_in_sight() -> None:
    file = written("xlsx")
    sheet, styles = sheet_of(file), parts(file)["xl/styles.xml"]
    shown = {f.attrib["numFmtId"]: f.attrib["formatCode"] for f in elements(styles, "numFmt")}
    by_style = [xf.attrib["numFmtId"] for xf in elements(elements(styles, "cellXfs")[0], "xf")]
    styled = {
        c.attrib["r"]: shown.get(by_style[int(c.attrib.get("s", 0))]) for c in elements(sheet, "c")
    }
    assert styled["E2"] == "yyyy-mm-dd hh:mm:ss"
    assert styled["F2"] == "yyyy-mm-dd"
    assert styled["B2"] is None
    [pane] = elements(sheet, "pane")
    assert (pane.attrib["ySplit"], pane.attrib["state"]) == ("1", "frozen")


def test_xlsx_takes_any_text() -> None:
    texts = [
        "_x0041_",
        "\x01\x0b",
        "<f>=1</f>",
        " a ",
        "😀",
        "http://example.com",
        "0123",
        "\uffff",
    ]
    rows = pa.table({"text": texts})
    assert [row.get("A") for row in cells(written("xlsx", rows))[1:-1]] == texts[:-1]


def test_the_same_rows_are_the_same_spreadsheet() -> None:
    assert written("xlsx") == written("xlsx")


def test_a_spreadsheet_says_what_does_not_fit() -> None:
    many = pa.table({"n": pa.nulls(MOST_ROWS, pa.int64())})
    with pytest.raises(CommandError, match=r"1,048,575 rows .* --format csv or parquet"):
        FORMATS["xlsx"].write(many.combine_chunks().to_reader(), BytesIO(), None)
    written("xlsx", pa.table({"text": ["é" * 32_767]}))
    with pytest.raises(CommandError, match="row 2 is longer than the 32,767 characters"):
        written("xlsx", pa.table({"n": [1], "text": ["a" * 32_768]}))


def test_drafts_lie_beside_the_file_and_go(tmp_path: Path) -> None:
    seen: list[Path] = []

    class Stream(BytesIO):
        def write(self, data: object) -> int:
            seen.extend(tmp_path.glob(".rows.xlsx.*.draft"))
            return super().write(data)  # type: ignore[arg-type]

    FORMATS["xlsx"].write(ROWS.to_reader(), Stream(), tmp_path / "rows.xlsx")
    assert seen and not any(tmp_path.iterdir())
    long = pa.table({"text": ["a" * 40_000]})
    with pytest.raises(CommandError):
        FORMATS["xlsx"].write(long.to_reader(), BytesIO(), tmp_path / "rows.xlsx")
    assert not any(tmp_path.iterdir())


def test_only_a_spreadsheet_needs_its_library() -> None:
    code = (
        "import io, sys, pyarrow as pa; from airmeet_etl.export.formats import FORMATS\n"
        "for name in ('csv', 'json', 'parquet', 'xlsx'):\n"
        "    assert 'xlsxwriter' not in sys.modules, name\n"
        "    FORMATS[name].write(pa.table({'n': [1]}).to_reader(), io.BytesIO(), None)\n"
        "assert 'xlsxwriter' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
