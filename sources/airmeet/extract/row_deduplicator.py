"""What the reader knows of every deduplicator; `deduplicate.py` makes the one for a feed."""

from collections.abc import Sequence

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

    def tables(self) -> dict[str, pa.Table]:
        """The unit's tables, each row once."""
        raise NotImplementedError

    @property
    def type_mismatches(self) -> set[str]:
        """Columns some of whose values went to a text column."""
        return self.main.type_mismatches
