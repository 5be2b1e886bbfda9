"""No text of an export is run by a spreadsheet, and none is lost."""

import csv
import re
from io import StringIO

import pyarrow as pa
import pytest
from airmeet_etl.export.formulas import neutralised
from hypothesis import example, given
from hypothesis import strategies as st


def one(text: str | None, is_csv: bool = True) -> str | None:
    [result] = neutralised(pa.array([text], pa.string()), is_csv).to_pylist()
    assert result is None or isinstance(result, str)
    return result


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\nwords", "'\nwords"),
        (" =1", "' =1"),
        ("\u00a0\u200b\ufeff=1", "'\u00a0\u200b\ufeff=1"),
        ("\x00=1", "'\x00=1"),
        ('"=1"', '\'"=1"'),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
        ("ann@example.com", "ann@example.com"),
        ("Müller-Lüdenscheidt", "Müller-Lüdenscheidt"),
        ("", ""),
        (None, None),
    ],
)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(
    text: str | None, plain: str | None
) -> None:
    assert one(text) == plain


@pytest.mark.parametrize(
    ("text", "in_csv"),
    [
        ("Why?; =HYPERLINK(1)", "Why?;' =HYPERLINK(1)"),
        ("a\t+1", "a\t'+1"),
        ("a\r\n-b", "a\r\n'-b"),
        ('a;"=1;b', "a;'\"=1;b"),
        ("a;b=1", "a;b=1"),
        ("a, =1", "a, =1"),
    ],
)
def test_only_csv_can_be_cut_apart(text: str, in_csv: str) -> None:
    assert one(text) == in_csv
    assert one(text, is_csv=False) == text


TEXTS = st.text(st.sampled_from("=+-@＝＋－＠;,\t\r\n\"' |\u00a0\u200b\x00ab1é"), max_size=12)


def undone(text: str) -> str:
    """As docs/export.md says it."""
    blank = "[\\s\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\"']"
    text = re.sub(rf"^'((?:(?![\t\r\n]){blank})*[=+\-@＝＋－＠\t\r\n])", r"\1", text)
    return re.sub(rf"([;\t\r\n])'((?:(?![\t\r\n]){blank})*[=+\-@＝＋－＠])", r"\1\2", text)


@given(TEXTS)
@example("'=1")
@example("\t'=1")
@example("a;'=1")
def test_what_was_there_can_be_had_back(text: str) -> None:
    plain = one(text)
    assert plain is not None and undone(plain) == text


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_no_cell_is_a_formula_whatever_the_list_separator(row: list[str]) -> None:
    line = StringIO()
    csv.writer(line).writerow([one(text) for text in row])
    there = line.getvalue()
    by_comma = next(csv.reader(StringIO(there, newline="")))
    # Excel where the separator is another: quotes that do not begin a cell are letters there.
    by_semicolon = re.split("[;\t\r\n]", there)
    for cell in (*by_comma, *by_semicolon):
        assert not re.match('[\\s\x00\u200b"]*[=+\\-@＝＋－＠]', cell), (cell, there)
