"""HTML for figures: cards, tables, badges. All text is escaped here, by markupsafe."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from .figures import Sum

UNKNOWN = Markup('<span class="unknown" title="not loaded, so not known">unknown</span>')
NONE = Markup('<span class="unknown">–</span>')
"""Shown where there is nothing to count or to divide by."""


def count(value: int | None) -> Markup:
    """A count with separators."""
    return UNKNOWN if value is None else Markup(f"{value:,}")


def rate(value: float | None, has_base: bool = True) -> Markup:
    """A rate in per cent; a dash where there is nothing to divide by (`has_base` is false)."""
    if value is None:
        return UNKNOWN if has_base else NONE
    return Markup(f"{100 * value:.1f}%")


def score(value: float | None) -> Markup:
    """A score of 0 to 100."""
    return NONE if value is None else Markup(f"{value:.0f}")


def duration_words(value: float) -> str:
    """Minutes in words: `58 min`, from two hours on `3 h 26 min`."""
    whole = int(value + 0.5)
    return f"{whole} min" if whole < 120 else f"{whole // 60} h {whole % 60:02} min"


def minutes(value: float | None) -> Markup:
    """A length of time in minutes; a dash where there is none."""
    return NONE if value is None else Markup(duration_words(value))


def stay(value: float | None) -> Markup:
    """How long a person stayed."""
    return UNKNOWN if value is None else Markup(duration_words(value))


def at_least(value: Sum, of: int) -> Markup:
    """A sum over `of` events; where some are unknown, "≥" the sum of the others."""
    if not value.unknown:
        return count(value.known)
    return UNKNOWN if value.unknown == of else Markup(f"≥ {value.known:,}")


def name(text: str | None, missing: str = "–") -> Markup:
    """A name that people wrote, from left to right or from right to left."""
    if not text:
        return Markup('<span class="unknown">{}</span>').format(missing)
    return Markup("<bdi>{}</bdi>").format(text)


def two_lines(text: str | None, below: str | None) -> Markup:
    """A name, and beneath it a text in small type."""
    small = Markup('<div class="below"><bdi>{}</bdi></div>').format(below) if below else ""
    return Markup("{}{}").format(name(text), small)


def address(text: str) -> Markup:
    """An address; a narrow column breaks it before the @ or a dot."""
    before, at, after = text.rpartition("@")
    return Markup("<bdi>{}<wbr>{}{}</bdi>").format(before, at, domain(after))


def domain(text: str) -> Markup:
    """A domain; a narrow screen breaks it before a dot."""
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
    """One figure.

    Attributes:
        key: its name for tests.
        title: its heading.
        value: the figure.
        note: a line below it: of what, and what is left out.
        change: how it differs from the one before.
    """

    key: str
    title: str
    value: Markup
    note: str = ""
    change: Markup = field(default_factory=Markup)


def cards(shown: Iterable[Card]) -> Markup:
    """Figures side by side."""
    return Markup('<div class="cards">{}</div>').format(_each(shown))


def _each(shown: Iterable[Card]) -> Markup:
    one = Markup(
        '<div class="card"><div class="title">{}</div>'
        '<div class="value" data-figure="{}">{}</div>{}<div class="note">{}</div></div>'
    )
    change = Markup('<div class="change">{}</div>')
    return Markup("").join(
        one.format(c.title, c.key, c.value, change.format(c.change) if c.change else "", c.note)
        for c in shown
    )


def group(title: str, shown: Iterable[Card], hint: str = "") -> Markup:
    """Figures that belong together, in a panel: the first one is large."""
    content = Markup('<div class="group">{}</div>').format(_each(shown))
    return panel(title, content, hint=hint)


def bar(share: float | None, label: Markup) -> Markup:
    """A label with a bar whose length is a share, 0 to 1."""
    width = 100 * min(1.0, max(0.0, share or 0.0))
    return Markup(
        '<div class="bar"><span class="track"><span style="width:{}%"></span></span>'
        '<span class="label">{}</span></div>'
    ).format(f"{width:.1f}", label)


def panel(title: str, *content: Markup, hint: str | Markup = "") -> Markup:
    """A part of a page under its title."""
    hinted = Markup('<p class="hint">{}</p>').format(hint) if hint else ""
    return Markup('<section class="panel"><h3>{}</h3>{}{}</section>').format(
        title, hinted, Markup("").join(content)
    )


def side_by_side(*panels: Markup, in_threes: bool = False) -> Markup:
    """Panels beside each other if the screen is wide enough: two, or three in a line."""
    kind = "columns threes" if in_threes else "columns"
    return Markup('<div class="{}">{}</div>').format(kind, Markup("").join(panels))


def note(text: Any) -> Markup:
    """A line in small type."""
    return Markup('<p class="hint">{}</p>').format(text)


def banner(text: Any) -> Markup:
    """A line that stands out."""
    return Markup('<p class="banner" role="status">{}</p>').format(text)


def or_why(drawn: Markup | None, why: str) -> Markup:
    """What is drawn; where there is nothing to draw, why."""
    return note(why) if drawn is None else drawn


def page(key: str, *content: Markup) -> Markup:
    """A page; `key` is its name for tests."""
    return Markup('<div class="airmeet" data-page="{}">{}</div>').format(
        key, Markup("").join(content)
    )


def unseen_heading(title: str) -> Markup:
    """The heading of a page, for those who have it read to them."""
    return Markup('<div class="airmeet"><h2 class="unseen">{}</h2></div>').format(title)


def left_out(shown: int, total: int, what: str) -> str:
    """The text to show below a table where rows are left out."""
    return f"{shown:,} of {total:,} {what}" if total > shown else ""


def empty(text: str) -> Markup:
    """A page that says why there is nothing to show."""
    return Markup('<div class="empty"><h1>Airmeet reports</h1><p>{}</p></div>').format(text)
