"""The list of airmeets as it was last loaded: while it stays the same, it is not loaded again.

dlt's state holds a digest of the list and the package that noted it. That counts only where the
package was completed, none came after it, and all rows of the list are there: whatever was lost,
killed or loaded by others, the list is loaded anew.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dlt
from dlt import Pipeline
from dlt.common.storages.load_package import load_package_state
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from ..feeds import AIRMEETS
from ..rows import Row, digest_of
from ..schemas import TABLES

_KEY = "airmeets_list"


@dataclass(frozen=True)
class KnownList:
    """The list in the destination.

    Attributes:
        digest: of its content.
        rows: how many airmeets were listed last.
    """

    digest: str
    rows: int


def list_digest(rows: Sequence[Row], treatment: str) -> str:
    """A digest of the list, of the privacy policy's version, and of the columns that we make of it.
    The order of the rows does not count: each has an id. "" where it cannot be made."""
    columns = [(c.name, c.kind, repr(c)) for c in TABLES[AIRMEETS.name].columns]
    ordered = sorted(rows, key=lambda row: str(row["airmeet_id"]))
    content = [columns, treatment, ordered]
    try:  # Python's own JSON takes what orjson refuses: numbers beyond 64 bits, half an emoji
        return digest_of(json.dumps(content, sort_keys=True).encode()).hex()
    except (TypeError, ValueError, RecursionError):
        return ""


def remember(digest: str) -> None:
    """Note that once the package being extracted is loaded, the list is there. Only while dlt
    extracts."""
    state: dict[str, Any] = dlt.current.source_state()
    state[_KEY] = {"digest": digest, "load_id": load_package_state()["load_id"]}


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
        except DatabaseUndefinedRelation:
            return None
    return KnownList(str(noted["digest"]), int(rows))


def last_listed(airmeets: str) -> str:
    """The condition of the rows of the last list, in the table of this qualified name."""
    return f"last_listed_at = (SELECT max(last_listed_at) FROM {airmeets})"
