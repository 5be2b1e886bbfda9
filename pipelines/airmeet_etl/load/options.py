"""What a load is narrowed to, and who observes it."""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Protocol

from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.extract.lifecycle import Selection
from airmeet.extract.progress import Progress
from airmeet.feeds import feeds_in, feeds_of
from airmeet.settings import Layout

from ..webhooks.inbox import Inbox


@dataclass(frozen=True)
class LoadOptions:
    """What one load fetches.

    Attributes:
        only: feeds by name; all of them when empty.
        selection: airmeets and period.
        wait: whether to wait for exports, or leave those that are not ready pending.
        inbox: what webhooks delivered, to be taken up first; None where there is no inbox.
    """

    only: Set[str] = frozenset()
    selection: Selection = field(default_factory=Selection)
    wait: bool = True
    inbox: Inbox | None = None

    def tables(self, layout: Layout) -> set[str]:
        """The tables that the feeds fill, the list of airmeets and the ledger.

        Raises:
            SelectionError: a name is no feed, or the layout does not serve it.
        """
        feeds = feeds_of(set(self.only), layout) if self.only else feeds_in(layout).values()
        return {"airmeets", LEDGER_TABLE, *(table for feed in feeds for table in feed.tables)}


class LoadObserver(Protocol):
    """Gets to know how a load goes, in the thread that loads."""

    def fetching(self, progress: Progress) -> None:
        """The engine starts; it keeps these counts up to date."""

    def step(self, step: str) -> None:
        """Something beside fetching begins."""

    def line(self, line: str) -> None:
        """Something worth a line that stays has happened."""

    def loading(self, rows: int) -> None:
        """A package of so many rows is fetched, and being loaded."""

    def package_committed(self) -> None:
        """The package is loaded."""


class SilentObserver:
    """Shows nothing."""

    def fetching(self, progress: Progress) -> None:
        """Nothing."""

    def step(self, step: str) -> None:
        """Nothing."""

    def line(self, line: str) -> None:
        """Nothing."""

    def loading(self, rows: int) -> None:
        """Nothing."""

    def package_committed(self) -> None:
        """Nothing."""
