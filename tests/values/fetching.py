"""What the engine fetches from a simulator, as a database holds it; without dlt, which takes most
of a load's time."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from airmeet.extract.arrow import decode_dictionaries
from airmeet.extract.engine import Engine
from airmeet.extract.lifecycle import FeedSync, Selection
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.feeds import feeds_in
from airmeet.privacy.policy import PrivacyPolicy
from airmeet.schemas import REMOVED
from airmeet.settings import Settings
from airmeet_simulator.server import Address
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY


class Fetched:
    """All that one run of the engine gave."""

    def __init__(self) -> None:
        self.tables: defaultdict[str, list[pa.Table]] = defaultdict(list)
        self.syncs: dict[tuple[str, str], FeedSync] = {}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table after DuckDB had them."""
        pieces = [decode_dictionaries(piece) for piece in self.tables[table] if piece.num_rows]
        if not pieces:
            return []
        arrow = pa.concat_tables(pieces, promote_options="permissive")
        connection = _database()
        connection.register("fetched", arrow)
        connection.execute("create or replace table kept as from fetched")
        relation = connection.sql(
            f"from kept where {REMOVED} is null" if REMOVED in arrow.schema.names else "from kept"
        )
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all that is fetched: to open one takes longer than to read a few rows."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


def fetch(address: Address, folder: Path, layout: str = "v1", **settings: Any) -> Fetched:
    """Fetch everything, with no waits.

    Raises:
        Exception: what ended the run.
    """
    base = address.gateway if layout == "gateway" else address.v1
    resolved = Settings(
        access_key=dlt.TSecretStrValue(ACCESS_KEY),
        secret_key=dlt.TSecretStrValue(SECRET_KEY),
        region="global" if layout == "gateway" else "v1",
        api_url=base,
        analytics_url=base,
        bff_url=base,
        async_poll_seconds=0,
        retry_seconds=0,
        **settings,
    )
    engine = Engine(
        resolved,
        [*feeds_in(resolved.hosts().layout).values()],
        {},
        Selection(),
        folder,
        ColumnTypeRegistry(),
        PrivacyPolicy(),
    )
    fetched = Fetched()
    engine.start()
    try:
        while (result := engine.queue.get()) is not None:
            for name, table in result.tables.items():
                fetched.tables[name].append(table)
            fetched.syncs |= {(sync.airmeet_id, sync.feed): sync for sync in result.syncs}
    finally:
        engine.stop()
    if engine.queue.error is not None:
        raise engine.queue.error
    return fetched
