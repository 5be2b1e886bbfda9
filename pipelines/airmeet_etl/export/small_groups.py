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


@dataclass(frozen=True)
class Groups:
    """How a report's rows are groups of people.

    Attributes:
        within: the columns within whose values groups are pooled.
        value: the column that names the group.
        sizes: counts of its people; the largest that is known is its size.
        counts: columns that are summed.
        ratios: columns that are a count divided by another one.
        means: columns that are a mean over the people of a count.
        unknown: columns that cannot be had from these, null in the pool.
    """

    within: tuple[str, ...]
    value: str
    sizes: tuple[str, ...]
    counts: tuple[str, ...]
    ratios: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    means: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


GROUPS = {
    "segments": Groups(
        within=("airmeet_id", "dimension"),
        value="value",
        sizes=("registered", "attended"),
        counts=("registered", "attended", "engaged", "timed_attendees"),
        ratios={"engagement_rate": ("engaged", "attended")},
        means={"average_minutes": "timed_attendees"},
        unknown=("attendance_rate",),  # walk-ins and late registrations are not in it
    ),
}
"""The reports whose rows are groups of people."""


def pooled(table: pa.Table, groups: Groups) -> pa.Table:
    """The rows with every group of fewer than `LEAST` people in one group, `SMALL_GROUPS`.

    A group of unknown size is a small one. Counts are summed, and are null where one is; ratios
    and means are worked out anew. What else a row says is that of the first of the pooled rows.
    """
    large: list[dict[str, Any]] = []
    small: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        if max((row[name] or 0 for name in groups.sizes), default=0) >= LEAST:
            large.append(row)
        else:
            small[tuple(row[name] for name in groups.within)].append(row)
    rows = large + [_pool(of_one, groups) for of_one in small.values()]
    order = [*groups.within, groups.value]
    rows.sort(key=lambda row: tuple((row[name] is None, row[name] or "") for name in order))
    return pa.Table.from_pylist(rows, schema=table.schema)


def _pool(rows: Sequence[Mapping[str, Any]], groups: Groups) -> dict[str, Any]:
    pool = {**rows[0], groups.value: SMALL_GROUPS, **dict.fromkeys(groups.unknown)}
    for name in groups.counts:
        pool[name] = _total([row[name] for row in rows])
    for name, (part, whole) in groups.ratios.items():
        is_known = pool[part] is not None and pool[whole]
        pool[name] = pool[part] / pool[whole] if is_known else None
    for name, weight in groups.means.items():
        # Over nobody there is no mean; it adds nothing.
        sums = [row[name] and row[name] * row[weight] for row in rows if row[weight] != 0]
        total = _total(sums)
        pool[name] = total / pool[weight] if total is not None and pool[weight] else None
    return pool


def _total(values: Sequence[Any]) -> Any:
    return None if None in values else sum(values)
