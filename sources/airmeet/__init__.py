"""Airmeet's event data as a dlt source: `airmeet_source()` in anyone's pipeline.

    import dlt
    from airmeet import airmeet_source

    pipeline = dlt.pipeline("airmeet", destination="duckdb", dataset_name="airmeet")
    pipeline.run(airmeet_source(), loader_file_format="parquet")

What the destination's ledger (`feed_syncs`) calls final is not fetched again.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import dlt
from dlt.common.typing import TSecretStrValue
from dlt.extract import DltResource

from .api.auth import token_folder
from .extract.engine import Engine
from .extract.ledger import TABLE as LEDGER_TABLE
from .extract.ledger import read_ledger
from .extract.lifecycle import Selection
from .extract.results import FeedResult
from .extract.schema_drift import ColumnTypeRegistry
from .feeds import feeds_of
from .privacy.erasure import read_erased
from .resources import selected_tables, table_resources
from .settings import Settings
from .write.destination import airmeet_destination, pushed

__all__ = ["airmeet_destination", "airmeet_source", "pushed", "token_folder"]


@dlt.source(name="airmeet", section="airmeet", max_table_nesting=0)
def airmeet_source(
    access_key: str = dlt.secrets.value,
    secret_key: str = dlt.secrets.value,
    region: str = Settings.region,
    api_url: str | None = None,
    analytics_url: str | None = None,
    bff_url: str | None = None,
    max_concurrency: int = Settings.max_concurrency,
    async_poll_seconds: float = Settings.async_poll_seconds,
    async_poll_max_seconds: float = Settings.async_poll_max_seconds,
    async_max_wait_seconds: float = Settings.async_max_wait_seconds,
    settle_days: float = Settings.settle_days,
    request_timeout_seconds: float = Settings.request_timeout_seconds,
    retry_seconds: float = Settings.retry_seconds,
    privacy: str = Settings.privacy,
    privacy_key: TSecretStrValue | None = None,
    airmeets: Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    full_refresh: bool = False,
    wait: bool = True,
) -> Iterable[DltResource]:
    """All of an Airmeet account's event data, one resource a table.

    Nothing is fetched before dlt extracts. Select tables with `with_resources`: only what they need
    is fetched. Rows come as Arrow tables; load them as parquet.

    Args:
        access_key: X-Airmeet-Access-Key (§1.1); `[sources.airmeet]` in dlt's secrets.
        secret_key: X-Airmeet-Secret-Key.
        region: `v1` (the specification's three hosts), or the gateway `global`, `eu`, `us`.
        api_url: base URL in place of the region's; so `analytics_url` and `bff_url`.
        analytics_url: as `api_url`.
        bff_url: as `api_url`.
        max_concurrency: requests under way at once.
        async_poll_seconds: first wait for an export that is being prepared.
        async_poll_max_seconds: longest wait between two polls of it.
        async_max_wait_seconds: after so long it is left pending for the next run.
        settle_days: days after an airmeet's end until its feeds are final.
        request_timeout_seconds: patience with one request.
        retry_seconds: first wait after a fault; it doubles with each further one.
        privacy: what is stored of people: `plain`, `pseudonymised` or `minimal` (docs/privacy.md).
        privacy_key: keys the pseudonyms.
        airmeets: only airmeets of these ids.
        since: only airmeets that start on this day (UTC) or later.
        until: only airmeets that start on this day (UTC) or earlier.
        full_refresh: fetch what is final, too.
        wait: whether to wait for exports, or leave those not ready pending.

    Raises:
        AirmeetError: while extracting, with one line that says what is wrong and how to mend it.
    """
    settings = Settings(
        access_key=access_key,
        secret_key=secret_key,
        region=region,
        api_url=api_url,
        analytics_url=analytics_url,
        bff_url=bff_url,
        max_concurrency=max_concurrency,
        async_poll_seconds=async_poll_seconds,
        async_poll_max_seconds=async_poll_max_seconds,
        async_max_wait_seconds=async_max_wait_seconds,
        settle_days=settle_days,
        request_timeout_seconds=request_timeout_seconds,
        retry_seconds=retry_seconds,
        privacy=privacy,
        privacy_key=privacy_key,
    )
    settings.on_resolved()
    ids = None if airmeets is None else frozenset(airmeets)
    selection = Selection(ids, _day(since), _day(until), full_refresh)

    def units() -> Iterator[FeedResult]:
        tables = selected_tables()
        # Without the ledger among the tables nothing would remember what was loaded.
        known = read_ledger(dlt.current.pipeline()) if LEDGER_TABLE in tables else {}
        engine = Engine(
            settings,
            feeds_of(tables - {LEDGER_TABLE}, settings.hosts().layout),
            known,
            selection,
            token_folder(),
            ColumnTypeRegistry.from_schema(dlt.current.source_schema()),
            wait,
            guard=settings.guard(read_erased(dlt.current.pipeline())),
        )
        engine.start()
        try:
            while not engine.handover.drained:
                if unit := engine.handover.get():
                    yield unit
        finally:
            engine.stop()
        if engine.handover.error is not None:
            raise engine.handover.error

    return table_resources(units, settings.hosts().layout)


def _day(moment: date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment
