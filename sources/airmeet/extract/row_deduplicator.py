"""What the reader knows of every deduplicator; `deduplicate.py` makes the one for a feed."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

import pyarrow as pa

from ..feeds import Feed
from ..rows import Row
from ..schemas import TABLES
from .arrow import TableBuilder
from .schema_drift import ColumnTypeRegistry


class RowDeduplicator:
    """The rows of one unit. Make one with `deduplicator_for`."""

    def __init__(self, feed: Feed, airmeet_id: str, types: ColumnTypeRegistry) -> None:
        self.feed = feed
        self.types = types
        self.main = TableBuilder(TABLES[feed.tables[0]], airmeet_id, types)

    @property
    def received(self) -> int:
        """Distinct rows received, as the API counts them in its totals."""
        raise NotImplementedError

    def add(self, rows: Sequence[Row], **parent: str) -> int:
        """Take a page of rows; `parent` holds the key of the session or booth asked for.

        Returns:
            How many of the rows had not been seen before.
        """
        raise NotImplementedError

    def see(self, answer: Row) -> None:
        """Look at a whole answer, for what stands beside its rows."""

    def settle(self, total: int | None) -> None:
        """All pages are there; by the API's total, equal rows without a name are judged."""

    def tables(self) -> dict[str, pa.Table]:
        """The unit's tables, each row once."""
        raise NotImplementedError

    @property
    def type_mismatches(self) -> set[str]:
        """Columns some of whose values went to a text column."""
        return self.main.type_mismatches


class Anonymous:
    """Rows that nothing names: two that are equal are two rows, unless pages overlapped.

    A page that comes again whole adds nothing. Beyond that the API's total tells whether equal rows
    of several pages are several or one: they are equal, so it does not matter which ones go.

    Attributes:
        repeats: the numbers of rows that came before.
    """

    def __init__(self) -> None:
        self.repeats: set[int] = set()
        self._pages: set[int] = set()
        self._numbers: defaultdict[int, list[int]] = defaultdict(list)
        self._most_in_a_page: defaultdict[int, int] = defaultdict(int)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add_page(self, rows: Mapping[int, int], others: Iterable[Hashable]) -> None:
        """Take the rows of a page that nothing names.

        Args:
            rows: hashes of what they say, by a number that each has of its own.
            others: what names the other rows of the page. A page is known by these and by `rows`:
                what else the others say may have been edited when the page comes again.
        """
        page = hash((*others, *rows.values()))
        if page in self._pages:
            self.repeats.update(rows)
            return
        self._pages.add(page)
        self._count += len(rows)
        here: defaultdict[int, int] = defaultdict(int)
        for number, content in rows.items():
            self._numbers[content].append(number)
            here[content] += 1
            self._most_in_a_page[content] = max(self._most_in_a_page[content], here[content])

    def settle(self, expected: int | None) -> None:
        """Leave out rows that may have come before, down to as many as there should be; None where
        that is not known."""
        surplus = 0 if expected is None else self._count - expected
        for content, numbers in self._numbers.items():
            spare = min(surplus, len(numbers) - self._most_in_a_page[content])
            if spare > 0:
                self.repeats.update(numbers[-spare:])
                del numbers[-spare:]
                self._count -= spare
                surplus -= spare
