"""Texts that a spreadsheet would run as formulas are made plain by an apostrophe.

What people type into a form stands in an export, and a spreadsheet runs a cell that begins with
`=`, `+`, `-` or `@`: OWASP's CSV injection. Japanese Excel takes their full-width forms, too; a tab
or a line break at the beginning can hide one; and blanks, quotes and characters that are not seen
may be dropped by whoever reads on.

In CSV a text may also be cut apart. Where Excel's list separator is the semicolon, as in most of
Europe, it does not take our commas and quotes for what they are: whatever follows a semicolon, a
tab or a line break *within* a text begins a cell of its own. So the same holds there.

Whoever wants a text as it was takes one apostrophe away where the rule puts one: a text that had
apostrophes there has got another one, so nothing is lost.
"""

import pyarrow as pa
import pyarrow.compute as pc

_MARKS = r"[=+\-@＝＋－＠]"
# Blanks, what is not seen, quotes and apostrophes; no tabs and line breaks, which separate.
_BLANKS = r"[\p{Z}\p{Cf}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\"']*"
_BEGINS = rf"^({_BLANKS}(?:{_MARKS}|[\t\r\n]))"
_FOLLOWS = rf"([;\t\r\n])({_BLANKS}{_MARKS})"


def neutralised(texts: pa.Array | pa.ChunkedArray, is_csv: bool) -> pa.Array | pa.ChunkedArray:
    """The texts of a column with an apostrophe where a formula would begin; nulls stay.

    Args:
        texts: of type string.
        is_csv: also where a text may be cut apart.
    """
    if is_csv:
        texts = pc.replace_substring_regex(texts, _FOLLOWS, r"\1'\2")
    return pc.replace_substring_regex(texts, _BEGINS, r"'\1")
