"""Tables of the app: marimo's own, which sort, search, page and download."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import marimo as mo
import pandas as pd
import pyarrow as pa
from airmeet_etl.export.formulas import neutralised
from markupsafe import Markup

from . import markup
from .tables import MOST, Column, Table, words_of

_ROWS = 15
"""Rows on a page of a table."""
_LINK = Markup('<span style="color:var(--airmeet-link);cursor:pointer">{}</span>')
_NUMBER, _WORD = 84, 116
"""Pixels that such a column needs."""


class LiveTables:
    """Makes the tables of a page, and holds them: marimo forgets one that nobody holds."""

    def __init__(self, open_event: Callable[[str], None]) -> None:
        """No table is made yet.

        Args:
            open_event: is called with the id of an event when its row is clicked, or Enter is
                pressed on it.
        """
        self._open_event = open_event
        self._made: list[mo.ui.table] = []

    def show(self, table: Table) -> Markup:
        """A table that sorts, searches, pages and downloads."""
        if table.rows.empty:
            return markup.note(table.empty)
        made = _SafeTable(
            _frame(table),
            page_size=_ROWS,
            selection="single-cell" if table.opens else None,
            on_change=self._opener(table) if table.opens else None,
            format_mapping={
                one.title: _shown(one, table.opens is not None and one.title == "Event")
                for one in table.columns
            },
            text_justify_columns={one.title: "right" for one in table.columns if one.is_number},
            wrapped_columns=[
                one.title for one in table.columns if not (one.is_number or one.is_short)
            ],
            column_widths={
                one.title: _width(one) for one in table.columns if one.is_number or one.is_short
            },
            show_search=table.has_search,
            header_tooltip={one.title: one.about for one in table.columns if one.about} or None,
            show_column_summaries=False,
            show_data_types=False,
            max_columns=None,
        )
        made.file_name = table.key.replace("_", "-")
        self._made.append(made)
        cut = f"The first {MOST:,} rows: an export has all." if len(table.rows) >= MOST else ""
        return Markup('<div class="live" data-table="{}">{}</div>{}').format(
            table.key, Markup(mo.as_html(made).text), markup.note(cut) if cut else ""
        )

    def _opener(self, table: Table) -> Callable[[Any], None]:
        ids = table.rows[table.opens].tolist()

        def opened(cells: Any) -> None:
            for cell in cells:
                self._open_event(str(ids[int(cell.row)]))

        return opened


def _width(column: Column) -> int:
    """Pixels for a column: those of its heading and the sign to sort by, or of what it holds."""
    is_long = column.is_short or column.show in (markup.day, markup.minutes, markup.stay)
    return max(_WORD if is_long else _NUMBER, 8 * len(column.title) + 32)


class _SafeTable(mo.ui.table):
    """marimo's table, whose files hold nothing that a spreadsheet would run, as those of an export.

    Attributes:
        file_name: of a file without its ending.
    """

    file_name = "table"

    def _download_as(self, args: Any) -> Any:
        found = self._searched_manager
        self._searched_manager = type(self._manager)(_plain(found.data.to_native()))
        try:
            answer = super()._download_as(args)
        finally:
            self._searched_manager = found
        if answer.filename is None:
            return answer
        return replace(answer, filename=f"{self.file_name}{Path(answer.filename).suffix}")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with an apostrophe where a text would begin a formula."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for number, column in enumerate(table.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            texts = table.column(number).cast(pa.string())
            table = table.set_column(number, column.name, neutralised(texts, is_csv=True))
    return _as_frame(table)


def _as_frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _frame(table: Table) -> pd.DataFrame:
    """What the columns are sorted by, under their headings."""
    rows = pa.Table.from_pandas(table.rows, preserve_index=False)
    listed = None
    columns = {}
    for one in table.columns:
        if one.value is not None:
            columns[one.title] = rows.column(one.value)
            continue
        listed = rows.to_pylist() if listed is None else listed
        columns[one.title] = pa.array([words_of(one.cell(row)) for row in listed], pa.string())
    return _as_frame(pa.table(columns))


def _shown(column: Column, is_link: bool) -> Callable[[Any], Any]:
    """How a value looks. As HTML that is escaped here: marimo would make a link, or a picture that
    is fetched, of a text that looks like one."""

    def shown(value: Any) -> Any:
        if value is None or pd.isna(value):
            value = None
        if value is None and column.is_dash_for_none:
            return mo.Html(str(markup.NONE))
        cell = column.show(value) if column.show else Markup("{}").format(value)
        if is_link:
            cell = _LINK.format(cell)
        # marimo makes text of all that stands in a column of dates.
        return words_of(cell) if isinstance(value, date) else mo.Html(str(cell))

    return shown
