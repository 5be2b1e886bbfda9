"""CSV files of people: texts stay as they stand, and every message has the right line."""

import subprocess
import sys
from pathlib import Path

import pytest
from airmeet.write.operations import write_of
from airmeet_etl.exit_codes import CommandError
from airmeet_etl.push.rows import Line, read_csv

ATTENDEES = write_of("attendees")


def _read(folder: Path, content: bytes) -> tuple[list[str], list[Line]]:
    file = folder / "people.csv"
    file.write_bytes(content)
    return read_csv(file, ATTENDEES)


@pytest.mark.parametrize(
    "cell",
    [
        "007",
        "1e5",
        "1.0",
        "12345678901234567890",
        "  spaces  ",
        "NA",
        "null",
        "NaN",
        "None",
        "True",
        "2026-03-01",
        "+491234",
        "#1",
        "'x'",
        "a\\b",
        "\u2028",
        "\x0b",
    ],
)
def test_a_cell_is_its_text(tmp_path: Path, cell: str) -> None:
    content = f"email,name,city\na@b.example.com,{cell},\n".encode()
    _, rows = _read(tmp_path, content)
    assert rows == [(2, {"email": "a@b.example.com", "name": cell, "city": ""})]


LINES: dict[str, tuple[bytes, list[int]]] = {
    "one a line": (b"email,name\na,b\nc,d\n", [2, 3]),
    "no break at the end": (b"email,name\na,b", [2]),
    "Windows": (b"email,name\r\na,b\r\n\r\nc,d\r\n", [2, 4]),
    "old Macs": (b"email,name\ra,b\rc,d\r", [2, 3]),
    "blank lines": (b"email,name\n\n\na,b\n\nc,d\n\n", [4, 6]),
    "a cell of three lines": (b'email,name\na,"b\n\nb"\nc,d\n', [2, 5]),
    "a cell of two lines from Windows": (b'email,name\r\na,"b\r\nb"\r\nc,d\r\n', [2, 4]),
    "a name of two lines in the header": (b'email,"na\nme"\na,b\n', [3]),
    "quotes in a cell": (b'email,name\na,"b ""q"""\nc,d\n', [2, 3]),
    "a row of empty cells": (b"email,name\n,\na,b\n", [2, 3]),
    "no rows": (b"email,name\n", []),
}


@pytest.mark.parametrize("case", LINES)
def test_a_row_has_the_number_of_its_first_line(tmp_path: Path, case: str) -> None:
    content, lines = LINES[case]
    assert [line for line, _ in _read(tmp_path, content)[1]] == lines


def test_a_short_row_lacks_its_last_columns(tmp_path: Path) -> None:
    assert _read(tmp_path, b"email,name\na\nb,\n")[1] == [
        (2, {"email": "a"}),
        (3, {"email": "b", "name": ""}),
    ]


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "needs a header with a name for each column"),
    "a mark of the encoding alone": (b"\xef\xbb\xbf", "needs a header"),
    "a blank first line": (b"\n\nemail,name\na,b\n", "needs a header"),
    "names that are equal to us": (b"email,E-Mail,Email\n", "'email'"),
    "one cell too many": (b"email,name\na,b\n\nc,d,e\n", "line 4 has more cells than the header"),
    "many cells too many": (
        b'email,name\na,"b\nb"\nc,d,e,f,g\n',
        "line 4 has more cells than the header",
    ),
    "a quote that is never closed": (
        b'email,name\na,"b\nb"\n"c,d\ne,f\n',
        "line 4: a quote is never closed",
    ),
    "text behind a quote": (b'email,name\na,b\n"c"d,e\n', "line 3: "),
    "an unclosed quote in the header": (b'email,"name\na,b\n', "line 1: a quote is never closed"),
    "a cell without an end": (b"email,name\na,b\nc," + b"x" * 140_000, "line 3: "),
    "a name without an end": (b"email," + b"x" * 140_000 + b"\na,b\n", "line 1: "),
    "a NUL byte": (b'email,name\na,"b\nb"\nc,d\x00\n', "line 4 has a NUL byte"),
    "UTF-16 without a mark": (
        "email,name\n".encode("utf-16-le"),
        "line 1 has a NUL byte; save it as UTF-8",
    ),
    "Latin-1 on old Macs": (b"email,name\ra,b\rc,Andr\xe9\r", "line 3 is not in UTF-8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_one_line_with_the_place(tmp_path: Path, case: str) -> None:
    content, says = REFUSED[case]
    with pytest.raises(CommandError) as refusal:
        _read(tmp_path, content)
    message = str(refusal.value)
    assert says in message and "\n" not in message
    assert "people.csv" in message and len(message) < 300


def test_a_large_file_is_read_with_its_lines(tmp_path: Path) -> None:
    count = 20_000
    rows = "".join(f'p{n}@push.example.com,"Per\nSon"\n' for n in range(count))
    _, lines = _read(tmp_path, f"email,name\n{rows}".encode())
    assert (len(lines), lines[-1][0]) == (count, 2 * count)
    assert lines[-1][1]["email"] == f"p{count - 1}@push.example.com"


def test_pandas_is_imported_only_when_a_file_is_read() -> None:
    code = "import sys, airmeet_etl.cli, airmeet_etl.push.run; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
