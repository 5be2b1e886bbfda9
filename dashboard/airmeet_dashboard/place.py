"""Where somebody is in the app, as its address says: page, dates, statuses and events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

PAGES = ("Portfolio", "Event", "Compare", "Pace", "Follow-up", "People", "Data health")
"""The pages, by the names on their tabs."""


@dataclass(frozen=True)
class Place:
    """What an address says; what it does not say, or says wrongly, is None or empty.

    Attributes:
        page: one of `PAGES`.
        since: events that start on this day or later.
        until: events that start on this day or earlier.
        statuses: events in one of these.
        event: the id of the event that is chosen.
        other: the id of the event to compare with.
        NAMES: the parameters of an address.
    """

    NAMES: ClassVar = ("page", "since", "until", "status", "event", "with")

    page: str = PAGES[0]
    since: date | None = None
    until: date | None = None
    statuses: tuple[str, ...] = ()
    event: str | None = None
    other: str | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str | list[str]]) -> "Place":
        """The place that an address names by its parameters."""

        def first(name: str) -> str | None:
            return next(iter(_all(parameters, name)), None)

        slugs = {_slug(page): page for page in PAGES}
        return cls(
            slugs.get(first("page") or "", PAGES[0]),
            _day(first("since")),
            _day(first("until")),
            tuple(_all(parameters, "status")),
            first("event"),
            first("with"),
        )

    @property
    def parameters(self) -> dict[str, str | list[str]]:
        """The parameters of its address; none for what is not chosen."""
        said: dict[str, str | list[str] | None] = {
            "page": None if self.page == PAGES[0] else _slug(self.page),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "status": list(self.statuses),
            "event": self.event,
            "with": self.other,
        }
        return {name: value for name, value in said.items() if value}


def _slug(page: str) -> str:
    return page.lower().replace(" ", "-")


def _all(parameters: Mapping[str, str | list[str]], name: str) -> list[str]:
    said = parameters.get(name, [])
    return [said] if isinstance(said, str) else said


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
