"""Checks of keys, references and bounds, generated from declarations.

They are SQL with a header, like the files in transforms/checks: `compile` reads them as such. What
no answer of Airmeet's explains is a failure; what Airmeet itself may have said is a warning, since
no load could mend it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from airmeet.feeds import GATEWAY_FEEDS
from airmeet.person import MISSING_IDS, PERSON
from airmeet.schemas import TABLES, Table

from .generated import owned

BOUNDLESS = {
    "days_before_start",
    "upvotes",
    "minutes",
    "change",
    "change_share",
    "change_from_median",
    "registered_change",
    "attended_change",
    "attendance_rate_change",
    "engagement_score_airmeet",
}
"""Columns of reports that may be below zero: before the start, less than before, or because Airmeet
says so, which `numbers_plausible` finds."""

CEILINGS = {
    "score": 100,
    "mean_score": 100,
    "best_score": 100,
    "top_three_score": 100,
    # More people than attended can be seen at polls and booths: `more_than_attended` says so.
    "participation": None,
    "share_of_attended": None,
    "engagement_score_airmeet": None,  # in a measure of Airmeet's own
    # Of event_comparison: figures of any kind.
    "value": None,
    "previous_value": None,
    "median_of_last": None,
}
"""The highest value of a column of type double where it is not 1; None where there is none."""

_TIMES = re.compile(r"(.*_)?(minutes|hours)(_.*)?")
"""Columns of times: they have no ceiling."""

REFETCH = "run airmeet load --full-refresh --airmeet ID"
"""What mends rows that Airmeet gives otherwise."""


def check_file(
    purpose: str, source: str, severity: str, mend: str, executed: str, columns: str, sql: str
) -> str:
    """The text of a check: its header and its query."""
    listed = "".join(f"--   {column}\n" for column in columns.splitlines())
    return (
        f"-- {purpose}\n"
        f"-- generated: {source}\n"
        f"-- severity: {severity}\n"
        f"-- mend: {mend}\n"
        f"-- {executed}\n"
        f"-- columns:\n{listed}{sql}"
    )


def union_of(selects: Iterable[str]) -> str:
    """A query that ends in `final`, with the rows of all selects."""
    inner = "\n    union all\n".join(indented(select) for select in selects)
    return f"with final as (\n{inner}\n)\n\nselect * from final\n"


def indented(text: str) -> str:
    """The text a step further in."""
    return "\n".join(f"    {line}" for line in text.splitlines())


PLACE = "airmeet_id text: The airmeet.\nfeed text: The table.\n"
DECLARED = "from the tables declared in sources/airmeet/schemas.py"


def raw_keys_unique(tables: Iterable[Table], executed: str) -> str:
    """The check that no two rows of a raw table have the same key. Rows of which a part of the key
    is not known are rows of their own."""

    nobody = ", ".join(f"'{id}'" for id in sorted(MISSING_IDS))

    def select(table: Table) -> str:
        keys = [PERSON if key == "email" else key for key in table.keys]
        known = [
            f"lower(trim({key}))\n        not in ({nobody})"
            if key in table.by_name and table.by_name[key].identifies
            else f'"{key}" is not null'
            for key in keys
        ]
        if PERSON in keys and "id" in table.by_name:
            keys.append("id")  # an address may belong to several exhibitors
        columns = ", ".join(f'"{key}"' for key in keys)
        condition = "\n    and ".join(known)
        return (
            f"select {owned(table)}, '{table.name}' as feed, count(*) as copies\n"
            f"from {table.name}\nwhere\n    {condition}\n"
            f"group by {columns}\nhaving count(*) > 1"
        )

    return check_file(
        "Keys of a raw table that more than one of its rows has.",
        DECLARED,
        "failure",
        REFETCH,
        executed,
        f"{PLACE}copies bigint: Rows that have this key.",
        union_of(select(table) for table in tables),
    )


@dataclass(frozen=True)
class Reference:
    """A column that names a row of another table; `way` is how the child's rows came: in the same
    answer (`owned`), asked for by the parent's id (`asked`), or by another answer (`named`)."""

    child: str
    parent: str
    key: str
    way: str


def references(tables: Mapping[str, Table]) -> Iterator[Reference]:
    """All references between raw tables, but those to airmeets, which all have."""
    parents = {name: tables[name].keys[-1] for name in GATEWAY_FEEDS if len(tables[name].keys) == 2}
    parents = {name: key for name, key in parents.items() if key.endswith("_id")}
    for feed in GATEWAY_FEEDS.values():
        for child in feed.tables:
            for parent, key in parents.items():
                if child == parent or key not in tables[child].by_name:
                    continue
                way = "named"
                if feed.name == parent:
                    way = "owned"
                elif feed.parent == parent:
                    way = "asked"
                yield Reference(child, parent, key, way)


def _orphans(reference: Reference) -> str:
    """The rows without a parent. Where they were fetched apart, only what is settled is judged:
    all else is fetched again anyway."""
    ledger = ""
    owner = TABLES[reference.child].owner
    settled = {"owned": "", "asked": "is_final = true", "named": "status = 'loaded'"}[reference.way]
    if settled:
        for number, feed in enumerate((reference.child, reference.parent)):
            ledger += (
                f"inner join stg_feed_syncs as sync_{number}\n"
                f"    on\n        children.{owner} = sync_{number}.airmeet_id\n"
                f"        and sync_{number}.feed = '{feed}' and sync_{number}.{settled}\n"
            )
    key = reference.key
    child = TABLES[reference.child]
    return (
        f"select\n    {owned(child, 'children.')},\n    '{reference.child}' as feed,\n"
        f"    '{reference.parent}' as parent,\n    children.{key} as parent_id,\n"
        "    children.orphans\n"
        f"from (\n    select {child.owner}, {key}, count(*) as orphans\n"
        f"    from {reference.child}\n    where {key} is not null\n"
        f"    group by {child.owner}, {key}\n) as children\n{ledger}"
        f"left join {reference.parent} as parents\n"
        "    on\n"
        f"        children.{child.owner} = parents.{child.owner}\n"
        f"        and children.{key} = parents.{key}\n"
        f"where parents.{key} is null"
    )


_ORPHAN_COLUMNS = (
    f"{PLACE}parent text: The table that lacks the row.\n"
    "parent_id text: The id that it lacks.\norphans bigint: Rows that name it."
)


def rows_have_parents(tables: Mapping[str, Table], executed: str) -> str:
    """The check that what was fetched for a session, booth, field or track has it."""
    found = [reference for reference in references(tables) if reference.way != "named"]
    return check_file(
        "Rows of a session, booth, field or track that is not there, though it was fetched.",
        "from the feeds declared in sources/airmeet/feeds.py",
        "failure",
        REFETCH,
        executed,
        _ORPHAN_COLUMNS,
        union_of(map(_orphans, found)),
    )


def ids_known(tables: Mapping[str, Table], executed: str) -> str:
    """The check that ids which Airmeet says beside rows are ids of something that it lists."""
    found = [reference for reference in references(tables) if reference.way == "named"]
    return check_file(
        "Ids of a session or field beside rows that Airmeet does not list, or not any more.",
        "from the feeds declared in sources/airmeet/feeds.py",
        "warning",
        "none is needed where it was deleted at Airmeet",
        executed,
        _ORPHAN_COLUMNS,
        union_of(map(_orphans, found)),
    )


def values_in_bounds(
    reports: Mapping[str, Sequence[tuple[str, str]]],
    grains: Mapping[str, Sequence[str]],
    executed: str,
) -> str:
    """The check that no number in a report is below zero, and no rate or score above its ceiling.

    Args:
        reports: the names and kinds of each report's columns.
        grains: the columns of each report's grain.
        executed: the line by which a header says that it is executed.
    """

    def out_of_bounds(column: str, kind: str) -> str:
        ceiling = None if kind == "bigint" or _TIMES.fullmatch(column) else CEILINGS.get(column, 1)
        below = f"{column} < 0"
        return below if ceiling is None else f"{below} or {column} > {ceiling + 0.000001}"

    def select(report: str) -> str:
        tests = {
            name: out_of_bounds(name, kind)
            for name, kind in reports[report]
            if kind in ("bigint", "double") and name not in BOUNDLESS.union(grains[report])
        }
        names = {name for name, _ in reports[report]}
        airmeet = "airmeet_id" if "airmeet_id" in names else "cast(null as varchar) as airmeet_id"
        cases = "\n".join(
            f"        when {test}\n            then '{name}'" for name, test in tests.items()
        )
        condition = "\n    or ".join(tests.values())
        return (
            f"select\n    {airmeet},\n    '{report}' as report,\n    case\n{cases}\n"
            f"    end as metric\nfrom {report}\nwhere\n    {condition}"
        )

    return check_file(
        "Rates, shares and scores outside their bounds, and counts below zero.",
        "from the columns in the header of every report",
        "failure",
        "run airmeet reports; if it stays, report it with airmeet explain of the airmeet",
        executed,
        "airmeet_id text: The airmeet; null in reports that have none.\n"
        "report text: The report.\nmetric text: The first column of the row that is out of bounds.",
        union_of(
            select(report)
            for report, columns in reports.items()
            if any(k in ("bigint", "double") and n not in grains[report] for n, k in columns)
        ),
    )
