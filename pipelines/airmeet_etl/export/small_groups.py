"""Pools groups of few people: in a small one the group's name tells who is meant."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

LEAST = 5
"""People of a group that is shown by itself."""
SMALL_GROUPS = "(small groups)"
"""The value of the group that holds the others."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Groups:
    """How a report's rows are groups of people.

    Attributes:
        within: the columns within whose values groups are pooled.
        value: the column that names the group.
        sizes: counts of its people.
        in_both: the count of people who are in each of two `sizes`.
        counts: columns that are summed.
        ratios: columns that are a count divided by another one, less the counts behind that.
        means: columns that are a mean over the people of a count.
    """

    within: tuple[str, ...]
    value: str
    sizes: tuple[str, ...]
    counts: tuple[str, ...]
    in_both: str = ""
    ratios: Mapping[str, tuple[str, str, *tuple[str, ...]]] = field(default_factory=dict)
    means: Mapping[str, str] = field(default_factory=dict)

    def size(self, row: Row) -> int:
        """People of a group: all of its `sizes`, nobody twice; where one is not known, at least so
        many."""
        known = [row[name] for name in self.sizes if row[name] is not None]
        both = row[self.in_both] if self.in_both else None
        if both is not None and len(known) == len(self.sizes):
            return int(sum(known) - both)
        return max(known, default=0)


GROUPS = {
    "segments": Groups(
        within=("airmeet_id", "dimension"),
        value="value",
        sizes=("registered", "attended"),
        in_both="attended_registered",
        counts=(
            "registered",
            "attended",
            "attended_registered",
            "registered_after_end",
            "engaged",
            "timed_attendees",
        ),
        ratios={
            "attendance_rate": ("attended_registered", "registered", "registered_after_end"),
            "engagement_rate": ("engaged", "attended"),
        },
        means={"average_minutes": "timed_attendees"},
    ),
}
"""The reports whose rows are groups of people."""


def pooled(table: pa.Table, groups: Groups) -> pa.Table:
    """The rows with every group of fewer than `LEAST` people in one group, `SMALL_GROUPS`.

    A group of unknown size is a small one. Counts are summed, and are null where one is; ratios
    and means are worked out anew. What else a row says is that of the first of the pooled rows.
    """
    large: list[Row] = []
    small: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        if groups.size(row) >= LEAST:
            large.append(row)
        else:
            small[tuple(row[name] for name in groups.within)].append(row)
    rows = [*large, *(_pool(of_one, groups) for of_one in small.values())]
    order = [*groups.within, groups.value]
    rows.sort(key=lambda row: tuple(row[name] for name in order))
    return pa.Table.from_pylist(rows, schema=table.schema)


def _pool(rows: Sequence[Row], groups: Groups) -> Row:
    pool = {**rows[0], groups.value: SMALL_GROUPS}
    for name in groups.counts:
        pool[name] = _total([row[name] for row in rows])
    for name, (part, whole, *less) in groups.ratios.items():
        counts = [pool[count] for count in (part, whole, *less)]
        # While the airmeet is not over there are counts and no rate.
        is_known = None not in counts and any(row[name] is not None for row in rows)
        of = counts[1] - sum(counts[2:]) if is_known else 0
        pool[name] = counts[0] / of if of else None
    for name, weight in groups.means.items():
        # Over nobody there is no mean; it adds nothing.
        sums = [row[name] and row[name] * row[weight] for row in rows if row[weight] != 0]
        total = _total(sums)
        pool[name] = total / pool[weight] if total is not None and pool[weight] else None
    return pool


def _total(values: Sequence[Any]) -> Any:
    return None if None in values else sum(values)
