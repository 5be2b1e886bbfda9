"""A row set: which rows a feed has, in order, without the rows themselves."""

from array import array
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from itertools import compress, count

_versions = count()


@dataclass(frozen=True, slots=True, eq=False)
class RowSet:
    """The rows of one feed of one airmeet, session or booth.

    A row set never changes: a change to the feed makes another one, so that an export or a
    cached page keeps the rows it had.

    Attributes:
        ids: of the rows, ascending: they are the cursors.
        items: what each row is drawn from: a member, session, booth or field of the event.
        version: differs between any two row sets.
    """

    ids: "array[int]"
    items: "array[int]"
    version: int = field(default_factory=_versions.__next__)

    @classmethod
    def of(cls, ids: Iterable[int], items: Iterable[int]) -> "RowSet":
        """Pack row ids and items; both are whole numbers, ids ascending."""
        return cls(array("q", ids), array("I", items))

    def __len__(self) -> int:
        return len(self.ids)

    def added(self, row_id: int, item: int) -> "RowSet":
        """Return this row set with one more row at its end."""
        return RowSet.of([*self.ids, row_id], [*self.items, item])

    def without(self, items: Set[int]) -> "RowSet":
        """Return this row set without the rows drawn from these items."""
        kept = [item not in items for item in self.items]
        return RowSet.of(compress(self.ids, kept), compress(self.items, kept))
