"""What each run fetches, as it was last loaded: while it stays the same, it is not loaded again.

That is the list of airmeets, and the community's feeds. dlt's state holds digests of them and the
package that noted these. They count only where the package was completed, none came after it, and
all rows are there: whatever was lost, killed or loaded by others is loaded anew.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

import dlt
import pyarrow as pa
from dlt import Pipeline
from dlt.common.storages.load_package import load_package_state
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..feeds import AIRMEETS
from ..rows import Row
from ..schemas import COMMUNITY, TABLES
from .lifecycle import FeedSync, Ledger
from .results import FeedResult

_KEY = "airmeets_list"

TableDigest = tuple[int, str]
"""How many rows a table has, and a digest of them."""


@dataclass(frozen=True)
class KnownList:
    """The list in the destination.

    Attributes:
        digest: of its content.
        rows: how many airmeets were listed last.
        of_community: the tables of the community's feeds that are there as they were noted.
    """

    digest: str
    rows: int
    of_community: Mapping[str, TableDigest] = field(default_factory=dict)


def list_digest(rows: Sequence[Row], treatment: str) -> str:
    """A digest of the list, of the privacy policy's version, and of the columns that we make of it.
    The order of the rows does not count: each has an id. "" where it cannot be made."""
    columns = [(c.name, c.kind, repr(c)) for c in TABLES[AIRMEETS.name].columns]
    ordered = sorted(rows, key=lambda row: str(row["airmeet_id"]))
    content = [columns, treatment, ordered]
    try:  # Python's own JSON takes what orjson refuses: numbers beyond 64 bits, half an emoji
        return _digest(json.dumps(content, sort_keys=True))
    except (TypeError, ValueError, RecursionError):
        return ""


def table_digests(result: FeedResult) -> dict[str, TableDigest]:
    """What is remembered of a result of the community; nothing of any other's."""
    if any(sync.airmeet_id != COMMUNITY for sync in result.syncs):
        return {}
    rows = {sync.feed: sync.rows or 0 for sync in result.syncs}
    return {
        name: (rows[name], _table_digest(result.tables[name]))
        for name in rows & result.tables.keys()
    }


def _table_digest(table: pa.Table) -> str:
    """A digest of rows, whatever their order, and of what their columns are."""
    rows = sorted(json.dumps(row, sort_keys=True, default=str) for row in table.to_pylist())
    return _digest("\n".join([str(table.schema), *rows]))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def is_as_known(result: FeedResult, known: KnownList | None, ledger: Ledger) -> bool:
    """Whether a result of the community says what the destination has already, but for when it was
    asked for. One that failed or is pending is what the next run has to try again."""
    if known is None or not result.syncs:
        return False
    answered = all(sync.status in ("loaded", "unavailable") for sync in result.syncs)
    if not answered or not all(_is_in(ledger, sync) for sync in result.syncs):
        return False
    found = table_digests(result)
    return found.keys() == result.tables.keys() and found.items() <= known.of_community.items()


def _is_in(ledger: Ledger, sync: FeedSync) -> bool:
    before = ledger.get((sync.airmeet_id, sync.feed))
    return before is not None and before == replace(
        sync,
        requested_at=before.requested_at,
        ready_at=before.ready_at,
        loaded_at=before.loaded_at,
        checked_at=before.checked_at,
    )


def remember(digest: str, of_community: Mapping[str, TableDigest]) -> None:
    """Note that once the package being extracted is loaded, the list is there, and so are these
    tables. Only while dlt extracts."""
    state: dict[str, Any] = dlt.current.source_state()
    state[_KEY] = {
        "digest": digest,
        "load_id": load_package_state()["load_id"],
        "of_community": {name: [*noted] for name, noted in of_community.items()},
    }


def read_known_list(pipeline: Pipeline, source: str) -> KnownList | None:
    """What is known of the list; None where nothing is.

    Args:
        pipeline: its state and its destination are read.
        source: the name of the source, which is that of its schema.
    """
    noted = pipeline.state.get("sources", {}).get(source, {}).get(_KEY)
    if not isinstance(noted, dict) or not {"digest", "load_id"} <= noted.keys():
        return None
    with pipeline.sql_client() as client:
        airmeets = client.make_qualified_table_name(AIRMEETS.name)
        loads = client.make_qualified_table_name("_dlt_loads")
        last = (
            f"SELECT load_id FROM {loads} WHERE status = 0 AND schema_name = '{source}' "
            "ORDER BY inserted_at DESC, load_id DESC LIMIT 1"
        )
        listed = f"SELECT count(*) FROM {airmeets} WHERE {last_listed(airmeets)}"
        try:
            if [*(client.execute_sql(last) or ())] != [(noted["load_id"],)]:
                return None
            [(rows,)] = client.execute_sql(listed) or [(0,)]
            of_community = {}
            for name, (count, digest) in noted.get("of_community", {}).items():
                table = client.make_qualified_table_name(name)
                if [*(client.execute_sql(f"SELECT count(*) FROM {table}") or ())] == [(count,)]:
                    of_community[str(name)] = (int(count), str(digest))
        except DatabaseUndefinedRelation:
            return None
    return KnownList(str(noted["digest"]), int(rows), of_community)


def last_listed(airmeets: str) -> str:
    """The condition of the rows of the last list, in the table of this qualified name."""
    return f"last_listed_at = (SELECT max(last_listed_at) FROM {airmeets})"
