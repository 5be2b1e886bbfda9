"""A roll: which rows a feed has, in order, without the rows themselves."""

from array import array
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from itertools import compress, count

_versions = count()


@dataclass(frozen=True, slots=True, eq=False)
class RowSet:
    """The rows of one feed of one airmeet, session or booth.

    A roll never changes: a change to the feed is another roll, so that an export or a
    cached page that holds the old one stays whole.

    Attributes:
        ids: of the rows, ascending: they are the cursors.
        items: what each row is drawn from: a member, session, booth or field of the event.
        version: tells rolls apart.
    """

    ids: "array[int]"
    items: "array[int]"
    version: int = field(default_factory=_versions.__next__)

    def __len__(self) -> int:
        return len(self.ids)

    def added(self, row_id: int, item: int) -> "RowSet":
        """Return this roll with one more row at its end."""
        return roll([*self.ids, row_id], [*self.items, item])

    def without(self, items: Set[int]) -> "RowSet":
        """Return this roll without the rows drawn from these items."""
        kept = [item not in items for item in self.items]
        return roll(compress(self.ids, kept), compress(self.items, kept))


def roll(ids: Iterable[int], items: Iterable[int]) -> RowSet:
    """Pack row ids and items; both are whole numbers, ids ascending."""
    return RowSet(array("q", ids), array("I", items))
