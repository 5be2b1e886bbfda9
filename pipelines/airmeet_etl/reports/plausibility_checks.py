"""Checks that raw rows are plausible: addresses, people, numbers and moments; generated from
declarations."""

from collections.abc import Iterable

from airmeet.person import PERSON
from airmeet.schemas import Table

from .generated import owned
from .generated_checks import (
    DECLARED,
    PLACE,
    REFETCH,
    check_file,
    indented,
    raw_keys_unique,
    union_of,
)

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


def _people(tables: Iterable[Table]) -> list[Table]:
    return [table for table in tables if PERSON in table.by_name]


_ROWS = f"{PLACE}offending bigint: Its rows."


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

    return check_file(
        "Rows with an address and no person made of it, or a person and no address.",
        DECLARED,
        "failure",
        REFETCH,
        executed,
        _ROWS,
        union_of(map(select, _people(tables))),
    )


def people_match_addresses(tables: Iterable[Table], executed: str) -> str:
    """The check that a person is the one of the address. A warning, for some databases do not know
    the lower case of all characters."""
    return check_file(
        "Rows whose person is another one than their address says.",
        DECLARED,
        "warning",
        REFETCH,
        executed,
        _ROWS,
        union_of(
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
    """The check that no table whose rows are known by addresses names nobody at all, while others
    name somebody."""
    listed = [table for table in _with_addresses(tables) if table.keys == ("airmeet_id", "email")]
    counts = "\n    union all\n".join(
        f"    select '{table.name}' as feed, count(*) as offending, count(person) as people\n"
        f"    from {table.name}"
        for table in listed
    )
    return check_file(
        "Tables of registrants or participants, of five rows or more, that name nobody at all.",
        DECLARED,
        "failure",
        "run airmeet load --full-refresh",
        executed,
        _ROWS.replace("The airmeet.", "Null: all of them.").replace("Its rows", "Rows"),
        f"with counts as (\n{counts}\n),\n\n"
        "final as (\n"
        "    select cast(null as varchar) as airmeet_id, feed, offending\n    from counts\n"
        "    where\n        offending >= 5 and people = 0\n"
        "        and exists (select 1 from counts as others where others.people > 0)\n"
        ")\n\nselect * from final\n",
    )


def addresses_missing(tables: Iterable[Table], executed: str) -> str:
    """The check that no airmeet's feed lacks all addresses."""
    return check_file(
        "Feeds of an airmeet with five rows or more and no address at all.",
        DECLARED,
        "warning",
        f"if its guests were not anonymous, {REFETCH}",
        executed,
        _ROWS,
        union_of(
            f"select airmeet_id, '{table.name}' as feed, count(*) as offending\n"
            f"from {table.name}\ngroup by airmeet_id\n"
            "having count(*) >= 5 and count(email) = 0"
            for table in _with_addresses(tables)
        ),
    )


_COLUMN = f"{PLACE}column_name text: The column.\noffending bigint: Its rows."


def _by_column(table: Table, column: str, condition: str, more: str = "") -> str:
    return (
        f"select\n    {owned(table, f'{table.name}.')},\n    '{table.name}' as feed,\n"
        f"    '{column}' as column_name,\n    count(*) as offending\nfrom {table.name}\n"
        f"{more}where {condition}\ngroup by {table.name}.{table.owner}"
    )


def numbers_plausible(tables: Iterable[Table], executed: str) -> str:
    """The check that counts, places and lengths of time are numbers that can be."""
    return check_file(
        "Raw counts, places and lengths of time below zero, or beyond what can be.",
        DECLARED,
        "warning",
        f"if Airmeet shows another number, {REFETCH}",
        executed,
        _COLUMN,
        union_of(
            _by_column(
                table,
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
            table,
            column,
            f"{moment} < cast('2000-01-01 00:00:00+00:00' as timestamptz)\n"
            f"    or {moment} > clock.last_fetch + {ahead} * interval '1' day",
            "cross join clock\n",
        )

    selects = "\n    union all\n".join(
        indented(select(table, column.name))
        for table in tables
        for column in table.columns
        if column.kind == "timestamp"
    )
    return check_file(
        "Moments before 2000, of the past yet after the last fetch, or more than 5 years ahead.",
        DECLARED,
        "warning",
        f"if Airmeet shows another moment, {REFETCH}",
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
