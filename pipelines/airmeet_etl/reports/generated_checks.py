"""Checks of the raw tables, generated from their declarations.

They are SQL with a header, like the files in transforms/checks: `compile` reads them as such. What
only this project writes, or what can be fetched anew, is a failure; what Airmeet itself may have
said is a warning, since no load could mend it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from airmeet.feeds import GATEWAY_FEEDS
from airmeet.person import PERSON
from airmeet.schemas import Table

_DAY_MS = 24 * 3600 * 1000
LARGEST = {
    "time_spent": 31 * _DAY_MS,
    "visits": 1_000_000,
    "duration": 525_600,
    "upvote_count": 1_000_000,
}
"""The largest number in a raw table that is plausible, by column."""

SCHEDULED = {"start_time", "end_time"}
"""Moments that may lie in the future; all others have passed when they are fetched."""

_REFETCH = "airmeet load --full-refresh --airmeet ID"


def check_text(
    purpose: str, source: str, severity: str, mend: str, executed: str, columns: str, sql: str
) -> str:
    """A check's header and query."""
    listed = "".join(f"--   {column}\n" for column in columns.splitlines())
    return (
        f"-- {purpose}\n"
        f"-- generated: {source}\n"
        f"-- severity: {severity}\n"
        f"-- mend: {mend}\n"
        f"-- {executed}\n"
        f"-- columns:\n{listed}{sql}"
    )


def final_of(selects: Iterable[str]) -> str:
    """The queries as one, named `final`."""
    inner = "\n    union all\n".join(_indented(select) for select in selects)
    return f"with final as (\n{inner}\n)\n\nselect * from final\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


_PLACE = "airmeet_id text: The airmeet.\nfeed text: The table.\n"
_DECLARED = "from the tables declared in sources/airmeet/schemas.py"


def raw_keys_unique(tables: Iterable[Table], executed: str) -> str:
    """The check that no two rows of a raw table have the same key. Rows of which a part of the key
    is not known are rows of their own."""

    def select(table: Table) -> str:
        keys = [PERSON if key == "email" else key for key in table.keys]
        known = [
            f"lower(trim({key})) not in (select missing_id from seed_missing_ids)"
            if key in table.by_name and table.by_name[key].identifies
            else f'"{key}" is not null'
            for key in keys
        ]
        if PERSON in keys and "id" in table.by_name:
            keys.append("id")  # an address may belong to several exhibitors
        columns = ", ".join(f'"{key}"' for key in keys)
        condition = "\n    and ".join(known)
        return (
            f"select airmeet_id, '{table.name}' as feed, count(*) as copies\n"
            f"from {table.name}\nwhere\n    {condition}\n"
            f"group by {columns}\nhaving count(*) > 1"
        )

    return check_text(
        "Keys of a raw table that more than one of its rows has.",
        _DECLARED,
        "failure",
        _REFETCH,
        executed,
        f"{_PLACE}copies bigint: Rows that have this key.",
        final_of(select(table) for table in tables),
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
    settled = {"owned": "", "asked": "is_final = true", "named": "status = 'loaded'"}[reference.way]
    if settled:
        for number, feed in enumerate((reference.child, reference.parent)):
            ledger += (
                f"inner join stg_feed_syncs as sync_{number}\n"
                f"    on\n        children.airmeet_id = sync_{number}.airmeet_id\n"
                f"        and sync_{number}.feed = '{feed}' and sync_{number}.{settled}\n"
            )
    key = reference.key
    return (
        f"select\n    children.airmeet_id,\n    '{reference.child}' as feed,\n"
        f"    '{reference.parent}' as parent,\n    children.{key} as parent_id,\n"
        "    children.orphans\n"
        f"from (\n    select airmeet_id, {key}, count(*) as orphans\n"
        f"    from {reference.child}\n    where {key} is not null\n"
        f"    group by airmeet_id, {key}\n) as children\n{ledger}"
        f"left join {reference.parent} as parents\n"
        f"    on children.airmeet_id = parents.airmeet_id and children.{key} = parents.{key}\n"
        "where parents.airmeet_id is null"
    )


_ORPHAN_COLUMNS = (
    f"{_PLACE}parent text: The table that lacks the row.\n"
    "parent_id text: The id that it lacks.\norphans bigint: Rows that name it."
)


def rows_have_parents(tables: Mapping[str, Table], executed: str) -> str:
    """The check that what was fetched for a session, booth, field or track has it."""
    found = [reference for reference in references(tables) if reference.way != "named"]
    return check_text(
        "Rows of a session, booth, field or track that is not there, though it was fetched.",
        "from the feeds declared in sources/airmeet/feeds.py",
        "failure",
        _REFETCH,
        executed,
        _ORPHAN_COLUMNS,
        final_of(map(_orphans, found)),
    )


def ids_known(tables: Mapping[str, Table], executed: str) -> str:
    """The check that ids which Airmeet says beside rows are ids of something that it lists."""
    found = [reference for reference in references(tables) if reference.way == "named"]
    return check_text(
        "Ids of a session or field beside rows that Airmeet does not list, or not any more.",
        "from the feeds declared in sources/airmeet/feeds.py",
        "warning",
        "none is needed where it was deleted at Airmeet",
        executed,
        _ORPHAN_COLUMNS,
        final_of(map(_orphans, found)),
    )


def _people(tables: Iterable[Table]) -> list[Table]:
    return [table for table in tables if PERSON in table.by_name]


_ROWS = f"{_PLACE}offending bigint: Its rows."


def people_from_addresses(tables: Iterable[Table], executed: str) -> str:
    """The check that a row with an address has a person, and the other way about."""

    def select(table: Table) -> str:
        id = f"coalesce({table.user_id}, '')" if table.user_id in table.by_name else "''"
        return (
            f"select airmeet_id, '{table.name}' as feed, count(*) as offending\n"
            f"from {table.name}\nwhere\n"
            "    (email like '%@%' and (person is null or person not like '%@%'))\n"
            f"    or (email is null and person like '%@%' and {id} not like '%@%')\n"
            "group by airmeet_id"
        )

    return check_text(
        "Rows with an address and no person made of it, or a person and no address.",
        _DECLARED,
        "failure",
        _REFETCH,
        executed,
        _ROWS,
        final_of(map(select, _people(tables))),
    )


def people_match_addresses(tables: Iterable[Table], executed: str) -> str:
    """The check that a person is the one of the address. A warning, for some databases do not know
    the lower case of all characters."""
    return check_text(
        "Rows whose person is another one than their address says.",
        _DECLARED,
        "warning",
        _REFETCH,
        executed,
        _ROWS,
        final_of(
            f"select airmeet_id, '{table.name}' as feed, count(*) as offending\n"
            f"from {table.name}\nwhere\n"
            "    email like '%@%' and person like '%@%'\n"
            "    and strpos(replace(lower(email), 'ς', 'σ'), person) = 0\n"
            "group by airmeet_id"
            for table in _people(tables)
        ),
    )


def _with_addresses(tables: Iterable[Table]) -> list[Table]:
    """Tables whose rows Airmeet sends with addresses, as far as it knows them."""
    return [table for table in _people(tables) if not table.by_name["email"].optional]


def addresses_given(tables: Iterable[Table], executed: str) -> str:
    """The check that no table lacks all addresses while others have some."""
    counts = "\n    union all\n".join(
        f"    select '{table.name}' as feed, count(*) as offending, count(email) as addresses\n"
        f"    from {table.name}"
        for table in _with_addresses(tables)
    )
    return check_text(
        "Tables of five rows or more without any address, while others have some.",
        _DECLARED,
        "failure",
        "run airmeet load --full-refresh",
        executed,
        _ROWS.replace("The airmeet.", "Null: all of them.").replace("Its rows", "Rows"),
        f"with counts as (\n{counts}\n),\n\n"
        "final as (\n"
        "    select cast(null as varchar) as airmeet_id, feed, offending\n    from counts\n"
        "    where\n        offending >= 5 and addresses = 0\n"
        "        and exists (select 1 from counts as others where others.addresses > 0)\n"
        ")\n\nselect * from final\n",
    )


def addresses_missing(tables: Iterable[Table], executed: str) -> str:
    """The check that no airmeet's feed lacks all addresses."""
    return check_text(
        "Feeds of an airmeet with five rows or more and no address at all.",
        _DECLARED,
        "warning",
        f"none is needed if its guests were anonymous; else {_REFETCH}",
        executed,
        _ROWS,
        final_of(
            f"select airmeet_id, '{table.name}' as feed, count(*) as offending\n"
            f"from {table.name}\ngroup by airmeet_id\n"
            "having count(*) >= 5 and count(email) = 0"
            for table in _with_addresses(tables)
        ),
    )


_COLUMN = f"{_PLACE}column_name text: The column.\noffending bigint: Its rows."


def _by_column(table: str, column: str, condition: str, more: str = "") -> str:
    return (
        f"select\n    {table}.airmeet_id,\n    '{table}' as feed,\n"
        f"    '{column}' as column_name,\n    count(*) as offending\n"
        f"from {table}\n{more}where {condition}\ngroup by {table}.airmeet_id"
    )


def numbers_plausible(tables: Iterable[Table], executed: str) -> str:
    """The check that counts, places and lengths of time are numbers that can be."""
    return check_text(
        "Raw counts, places and lengths of time below zero, or beyond what can be.",
        _DECLARED,
        "warning",
        f"see what Airmeet shows; if it differs, {_REFETCH}",
        executed,
        _COLUMN,
        final_of(
            _by_column(
                table.name,
                column.name,
                f'"{column.name}" < 0'
                + (f' or "{column.name}" > {most}' if (most := LARGEST.get(column.name)) else ""),
            )
            for table in tables
            if table.name != "feed_syncs"
            for column in table.columns
            if column.kind in ("bigint", "double") and column.name not in ("id", "order")
        ),
    )


def dates_plausible(tables: Iterable[Table], executed: str) -> str:
    """The check that moments are ones that can be; the last fetch stands for the present."""

    def select(table: Table, column: str) -> str:
        ahead = "5 * 365" if column in SCHEDULED else "1"
        moment = f"{table.name}.{column}"
        return _by_column(
            table.name,
            column,
            f"{moment} < cast('2000-01-01 00:00:00+00:00' as timestamptz)\n"
            f"    or {moment} > clock.last_fetch + {ahead} * interval '1' day",
            "cross join clock\n",
        )

    selects = "\n    union all\n".join(
        _indented(select(table, column.name))
        for table in tables
        for column in table.columns
        if column.kind == "timestamp"
    )
    return check_text(
        "Moments before 2000, of the past yet after the last fetch, or more than 5 years ahead.",
        _DECLARED,
        "warning",
        f"see what Airmeet shows; if it differs, {_REFETCH}",
        executed,
        _COLUMN,
        "with clock as (\n    select max(requested_at) as last_fetch from stg_feed_syncs\n),\n\n"
        f"final as (\n{selects}\n)\n\nselect * from final\n",
    )


OF_TABLES = (
    raw_keys_unique,
    people_from_addresses,
    people_match_addresses,
    addresses_given,
    addresses_missing,
    numbers_plausible,
    dates_plausible,
)
"""The checks of each raw table by itself; each is called as its function is."""
