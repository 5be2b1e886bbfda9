"""Finds raw rows that somebody changed by hand: the ledger does not know of them.

A digest of each airmeet's rows in each table is kept from builds of everything and from
`airmeet reports`, which compares it. A load does not: over five million rows it takes two seconds.
On DuckDB alone; a digest is of one version of it, since others may work it out otherwise.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airmeet.schemas import RAW_TABLES

from ..warehouse.columns import columns_of
from .destination import dialect_of, full_name
from .queries import DIGESTS
from .tables import make_table

if TYPE_CHECKING:
    from dlt.destinations.job_client_impl import SqlJobClientBase

_LEFT_OUT = {"airmeets", "feed_syncs"}
"""Tables of which the states of airmeets say all that reports need, and that each load writes."""


def can_compare(client: "SqlJobClientBase") -> bool:
    """Whether rows can be compared at a destination."""
    return dialect_of(client) == "duckdb"


def keep_digests(
    client: "SqlJobClientBase", raw: Iterable[tuple[str, str]], there: Iterable[str]
) -> None:
    """Keep what the rows are now.

    Args:
        client: open client of the reports' dataset.
        raw: the full names of the raw tables, by name.
        there: the raw tables that exist.
    """
    make_table(client, DIGESTS, _query(raw, there))


def changed_by_hand(
    client: "SqlJobClientBase", raw: Iterable[tuple[str, str]], there: Iterable[str]
) -> str | None:
    """A query for the airmeets whose rows are not those that were kept; None where none were."""
    if not columns_of(client, [DIGESTS])[DIGESTS]:
        return None
    return (
        "SELECT coalesce(new.airmeet_id, old.airmeet_id) AS airmeet_id "
        f"FROM ({_query(raw, there)}) AS new FULL JOIN {full_name(client, DIGESTS)} AS old "
        "ON new.airmeet_id = old.airmeet_id AND new.part = old.part "
        "WHERE new.digest IS DISTINCT FROM old.digest"
    )


def _query(raw: Iterable[tuple[str, str]], there: Iterable[str]) -> str:
    names = dict(raw)
    of_airmeets = [name for name, table in RAW_TABLES.items() if "airmeet_id" in table.by_name]
    tables = [name for name in of_airmeets if name in set(there) - _LEFT_OUT]
    selects = [
        f"SELECT airmeet_id, '{name} ' || version() AS part, "
        f"sum(hash(rows_of_it) % 1000000007) AS digest FROM {names[name]} AS rows_of_it "
        "WHERE airmeet_id IS NOT NULL GROUP BY airmeet_id"
        for name in tables
    ]
    nothing = "SELECT '' AS airmeet_id, '' AS part, CAST(0 AS hugeint) AS digest WHERE 1 = 0"
    return " UNION ALL ".join([nothing, *selects])
