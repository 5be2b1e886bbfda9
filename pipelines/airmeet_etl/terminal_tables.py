"""Tables on a terminal: names whole, numbers never broken, and what does not fit is named.

What others wrote is text here, never markup, and nothing in it reaches the terminal as a command.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from airmeet.safe_text import printable
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_SHORT = 10
"""A column whose values are no longer stays on one line: dates, states, ages."""
_LONGEST_WORD = 20
"""A longer word may be broken."""
_NAMED = 5
"""Columns that are named where they do not fit; the rest are counted."""
_ID = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def show_table(
    console: Console,
    title: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    rest: str = "a wider terminal shows them",
) -> None:
    """Show a table as far as it fits: the last columns are left out where they do not, and named.

    On a terminal, of an id its first eight characters are shown; commands take these for it.

    Args:
        console: where to. One that is no terminal gets the room that the table needs.
        rest: how to see what is left out.
    """
    columns = [*_columns(head, rows, console.is_terminal)]
    if not console.is_terminal:
        console.width = max(console.width, _least(columns))
    shown = columns
    while len(shown) > 1 and _least(shown) > console.width:
        shown = shown[:-1]
    console.print(_table(title, shown, console.width))
    if left_out := [column.name for column in columns[len(shown) :]]:
        more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
        line = f"not shown: {', '.join(left_out[:_NAMED])}{more} ({rest})"
        console.print(Text(printable(line)), soft_wrap=True)


@dataclass(frozen=True)
class _Column:
    name: str
    cells: list[str]
    is_number: bool
    is_whole: bool
    """Whether no value is broken, at spaces neither."""

    @property
    def most(self) -> int:
        """The width at which nothing is broken."""
        return max(map(cell_len, (self.name, *self.cells)))

    @property
    def least(self) -> int:
        """The width at which only long texts are broken, and at spaces."""
        words = [*self.name.split()]
        if not self.is_whole:
            words += (word[:_LONGEST_WORD] for cell in self.cells for word in cell.split())
            return max(map(cell_len, words), default=1)
        return max(map(cell_len, (*words, *self.cells)), default=1)


def _columns(
    head: Sequence[str], rows: Iterable[Sequence[object]], is_terminal: bool
) -> Iterator[_Column]:
    lines = [list(row) for row in rows]
    for number, name in enumerate(head):
        values = [line[number] for line in lines]
        is_number = bool(lines) and all(isinstance(value, int | float | None) for value in values)
        cells = [printable(cell(value)) for value in values]
        if is_terminal:
            cells = [match[1] if (match := _ID.fullmatch(text)) else text for text in cells]
        longest = max(map(cell_len, cells), default=0)
        is_whole = is_number or longest <= _SHORT or all(isinstance(v, date | None) for v in values)
        yield _Column(printable(name), cells, is_number, is_whole)


def _least(columns: Sequence[_Column], gap: int = 2) -> int:
    """The width that columns need with so many blanks between two of them."""
    return sum(column.least for column in columns) + gap * len(columns) + 1


def _widths(columns: Sequence[_Column], room: int) -> list[int]:
    """Each column's width: what it needs, and of the room beyond that as much as it can use."""
    found = [column.least for column in columns]
    wanting = sorted(range(len(columns)), key=lambda n: columns[n].most - found[n])
    for place, number in enumerate(wanting):
        more = min(columns[number].most - found[number], max(room, 0) // (len(wanting) - place))
        found[number] += more
        room -= more
    return found


def _table(title: str, columns: Sequence[_Column], width: int) -> Table:
    """The columns as a table of at most this width; numbers stand to the right."""
    # Three blanks where nothing needs to be broken for them.
    is_roomy = sum(column.most for column in columns) + 3 * len(columns) < width
    gap = 3 if is_roomy else 2
    table = Table(
        title=Text(printable(title), "bold") if title else None,
        title_justify="left",
        box=box.SIMPLE,
        padding=(0, 1, 0, gap - 2),
    )
    widths = _widths(columns, width - _least(columns, gap))
    for column, wide in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.name),
            justify="right" if column.is_number else "left",
            overflow="fold",
            width=wide,
        )
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, cells))
    return table


def cell(value: object) -> str:
    """A value in words: what is not known is a dash, and thousands have commas."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
