"""Tables: what stands in their columns, and how a page without a server shows them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from .markup import note
from .reading import ReportRow, rows_of

_NARROW = re.compile(r'<div class="narrow">.*?</div>', re.DOTALL)
MOST = 20_000
"""Rows of people that are read at most: whoever wants more exports the report."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        cell: the cell of a row.
        value: the row's field that the column is sorted by and that a download has; without one
            the words of the cell.
        show: the cell of a value alone, in the app.
        is_dash_for_none: in the app a value that is None is a dash: what else it may mean hangs on
            the row.
        is_number: aligned right.
        is_extra: left out on a narrow screen.
        is_short: holds a word, not a text that may need several lines.
        is_live: only in the app, where a column can be sorted and there is room to scroll.
        about: what it counts, to be read at its heading.
    """

    title: str
    cell: Callable[[ReportRow], Markup]
    value: str | None = None
    show: Callable[[Any], Markup] | None = None
    is_dash_for_none: bool = True
    is_number: bool = True
    is_extra: bool = False
    is_short: bool = False
    is_live: bool = False
    about: str = ""


def plain_column(
    title: str,
    value: str,
    show: Callable[[Any], Markup],
    *,
    is_number: bool = True,
    is_extra: bool = False,
    is_short: bool = False,
    is_live: bool = False,
    about: str = "",
) -> Column:
    """A column that shows one field of a row, whatever the others are."""
    return Column(
        title,
        lambda row: show(row[value]),
        value,
        show,
        is_dash_for_none=False,
        is_number=is_number,
        is_extra=is_extra,
        is_short=is_short,
        is_live=is_live,
        about=about,
    )


@dataclass(frozen=True)
class Table:
    """A table with a line for each row.

    Attributes:
        rows: of a report.
        columns: what each shows of a row.
        key: the table's name, for tests and for the file that is downloaded.
        empty: the text to show if there are no rows.
        more: a text about rows that are left out.
        listed: how many rows are shown where nobody can ask for the next ones.
        opens: the field with the id of the event that a click on a row opens.
        has_search: whether it can be searched; where it cannot, its page has a search of its own.
    """

    rows: pd.DataFrame
    columns: Sequence[Column]
    key: str
    empty: str
    more: str = ""
    listed: int | None = None
    opens: str | None = None
    has_search: bool = True


ShowTable = Callable[[Table], Markup]
"""Turns a table into the HTML that shows it on a page."""


def static_table(table: Table) -> Markup:
    """A table as plain HTML: its first rows."""
    if table.rows.empty:
        return note(table.empty)
    columns = [column for column in table.columns if not column.is_live]
    classes = [
        " ".join(["number"] * column.is_number + ["extra"] * column.is_extra) for column in columns
    ]
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(kind, column.title)
        for kind, column in zip(classes, columns, strict=True)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td class="{}">{}</td>').format(kind, column.cell(row))
                for kind, column in zip(classes, columns, strict=True)
            )
        )
        for row in rows_of(table.rows[: table.listed])
    )
    return Markup(
        '<div class="scroll"><table data-table="{}"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>{}"
    ).format(table.key, head, body, note(table.more) if table.more else "")


def words_of(cell: Markup) -> str:
    """The words of a cell on a wide screen, without what says how they look."""
    wide = _NARROW.sub("", str(cell))
    return Markup(wide.replace("<div", " <div")).striptags()
