"""HTML out of figures: cards, tables, badges. All text is escaped here, by markupsafe."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from .figures import Sum
from .reading import Row

UNKNOWN = Markup('<span class="unknown" title="not loaded, so not known">unknown</span>')
NONE = Markup('<span class="unknown">–</span>')
"""Where there is nothing to count or to divide by."""


def count(value: int | None) -> Markup:
    """A count with separators."""
    return UNKNOWN if value is None else Markup(f"{value:,}")


def rate(value: float | None, has_base: bool = True) -> Markup:
    """A rate as per cent; a dash where there is nothing to divide by."""
    if value is None:
        return UNKNOWN if has_base else NONE
    return Markup(f"{100 * value:.1f}%")


def score(value: float | None) -> Markup:
    """A score of 0 to 100."""
    return NONE if value is None else Markup(f"{value:.0f}")


def at_least(value: Sum, of: int) -> Markup:
    """A sum, or what is known of it where some of so many events are not known."""
    if not value.unknown:
        return count(value.known)
    return UNKNOWN if value.unknown == of else Markup(f"≥ {value.known:,}")


def name(text: str | None, missing: str = "–") -> Markup:
    """A name that people wrote, in whatever direction they write."""
    if not text:
        return Markup('<span class="unknown">{}</span>').format(missing)
    return Markup("<bdi>{}</bdi>").format(text)


def domain(text: str) -> Markup:
    """A domain; where it must be broken, before a dot."""
    return Markup("<bdi>{}</bdi>").format(Markup("<wbr>.").join(text.split(".")))


def day(value: date | None) -> Markup:
    """A day."""
    return NONE if value is None else Markup(f"{value.day} {value:%b %Y}")


def moment(value: datetime | None) -> Markup:
    """A time (UTC)."""
    return NONE if value is None else Markup(f"{value.day} {value:%b %Y, %H:%M} UTC")


def finality(is_final: bool | None) -> Markup:
    """Whether figures may still change."""
    if is_final:
        return Markup('<span class="badge final">final</span>')
    return Markup('<span class="badge provisional">provisional</span>')


@dataclass(frozen=True)
class Card:
    """One figure. `key` names it for tests; `note` says what it rests on."""

    key: str
    title: str
    value: Markup
    note: str = ""


def cards(shown: Iterable[Card]) -> Markup:
    """Figures side by side."""
    one = Markup(
        '<div class="card"><div class="title">{}</div>'
        '<div class="value" data-figure="{}">{}</div><div class="note">{}</div></div>'
    )
    return Markup('<div class="cards">{}</div>').format(
        Markup("").join(one.format(c.title, c.key, c.value, c.note) for c in shown)
    )


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its head.
        cell: a row's cell.
        is_number: stands to the right.
        is_extra: left out where the screen is narrow.
    """

    title: str
    cell: Callable[[Row], Markup]
    is_number: bool = True
    is_extra: bool = False


def table(
    rows: Sequence[Row], columns: Sequence[Column], key: str, empty: str, more: str = ""
) -> Markup:
    """A table, or a line that says that there is nothing; `more` tells of what is left out."""
    if not rows:
        return note(empty)
    classes = [
        " ".join(["number"] * column.is_number + ["extra"] * column.is_extra) for column in columns
    ]
    head = Markup("").join(
        Markup('<th class="{}">{}</th>').format(kind, column.title)
        for kind, column in zip(classes, columns, strict=True)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td class="{}">{}</td>').format(kind, column.cell(row))
                for kind, column in zip(classes, columns, strict=True)
            )
        )
        for row in rows
    )
    return Markup(
        '<div class="scroll"><table data-table="{}"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>{}"
    ).format(key, head, body, note(more) if more else "")


def bar(share: float | None, label: Markup) -> Markup:
    """A label with a bar whose length is a share of 0 to 1."""
    width = 100 * min(1.0, max(0.0, share or 0.0))
    return Markup(
        '<div class="bar"><span class="track"><span style="width:{}%"></span></span>'
        '<span class="label">{}</span></div>'
    ).format(f"{width:.1f}", label)


def panel(title: str, *content: Markup, hint: str = "") -> Markup:
    """A part of a page under its title."""
    hinted = Markup('<p class="hint">{}</p>').format(hint) if hint else ""
    return Markup('<section class="panel"><h3>{}</h3>{}{}</section>').format(
        title, hinted, Markup("").join(content)
    )


def side_by_side(*panels: Markup) -> Markup:
    """Panels in columns where the screen is wide enough."""
    return Markup('<div class="columns">{}</div>').format(Markup("").join(panels))


def note(text: Any) -> Markup:
    """A line in small print."""
    return Markup('<p class="hint">{}</p>').format(text)


def banner(text: Any) -> Markup:
    """A line that must not be missed."""
    return Markup('<p class="banner" role="status">{}</p>').format(text)


def page(key: str, *content: Markup) -> Markup:
    """A page."""
    return Markup('<div class="airmeet" data-page="{}">{}</div>').format(
        key, Markup("").join(content)
    )


def left_out(shown: int, there: int, what: str) -> str:
    """What to say where not all rows are shown."""
    return f"{shown:,} of {there:,} {what}" if there > shown else ""


def empty(text: str) -> Markup:
    """What to read where there is nothing to see."""
    return Markup('<div class="empty"><h1>Airmeet reports</h1><p>{}</p></div>').format(text)
