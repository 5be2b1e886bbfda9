"""A load: what is due, fetched while packages of it are loaded, then the reports.

The engine runs through the whole load in its own thread. Here its units are cut into packages,
each loaded by one run of dlt; a package that is loaded is never asked for again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import dlt
import pyarrow as pa
from airmeet import token_folder
from airmeet.extract.engine import Engine
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from airmeet.extract.ledger import read_ledger
from airmeet.extract.lifecycle import FeedSync, Selection
from airmeet.extract.progress import Progress
from airmeet.extract.queue import UnitQueue
from airmeet.extract.results import FeedResult
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.feeds import feeds_in, feeds_of
from airmeet.privacy.erasure import read_erased
from airmeet.resources import table_resources
from airmeet.schemas import FIELDS
from airmeet.settings import Layout, Settings
from dlt.extract import DltResource
from dlt.pipeline.exceptions import PipelineStepFailed

from ..warehouse.warehouse import PIPELINE, complete_pending, file_format
from .list_upgrade import move_old_lists

PACKAGE_ROWS = 250_000
"""Rows after which a package is closed: what a kill can cost, against dlt's second a package."""
_IDLE_SECONDS = 5.0
"""A package is closed when nothing more came for so long: all that is left waits for exports."""
_PACKAGE_SECONDS = 60.0
"""The longest time that a package is kept open."""


@dataclass
class Outcome:
    """What a load did.

    Attributes:
        rows: rows loaded by table.
        unfinished: ledger lines of feeds that are pending or failed.
        unavailable: how many feeds had nothing to give.
        fetched: how many feeds were loaded.
        resumed: packages of an earlier run that were completed first.
        packages: packages loaded by this one.
        requests: requests sent.
        airmeets: airmeets listed.
        nameless: more of them, without an id.
        left_out: fields that are not stored, as `table.column`.
        sent: fields that rows carried.
        stopped_by: why the run ended early.
    """

    rows: Counter[str] = field(default_factory=Counter)
    unfinished: list[FeedSync] = field(default_factory=list)
    unavailable: int = 0
    fetched: int = 0
    resumed: int = 0
    packages: int = 0
    requests: int = 0
    airmeets: int = 0
    nameless: int = 0
    left_out: set[str] = field(default_factory=set)
    sent: dict[tuple[str, str], datetime] = field(default_factory=dict)
    stopped_by: BaseException | None = None

    @property
    def changed(self) -> bool:
        """Whether anything beside the list of airmeets was written."""
        return bool(self.resumed or self.fetched or self.unavailable or self.unfinished)

    def note(self, unit: FeedResult) -> None:
        """Count a unit that is being loaded."""
        self.left_out |= unit.left_out
        self.sent |= unit.sent
        for name, table in unit.tables.items():
            if name == "airmeets":
                self.rows[name] += table.num_rows
        for sync in unit.syncs:
            if sync.status == "loaded":
                self.fetched += 1
                self.rows[sync.feed] += sync.rows or 0
            elif sync.status == "unavailable":
                self.unavailable += 1
            else:
                self.unfinished.append(sync)


def load(
    pipeline: dlt.Pipeline,
    settings: Settings,
    only: Sequence[str] = (),
    selection: Selection | None = None,
    wait: bool = True,
    watch: Callable[[Progress], None] = lambda progress: None,
    say: Callable[[str], None] = lambda line: None,
    settle: Callable[[], None] = lambda: None,
) -> Outcome:
    """Load what is due into the pipeline's destination; for whoever holds `only_one`.

    Args:
        pipeline: where to.
        settings: resolved settings.
        only: feeds; all without any.
        selection: airmeets and periods.
        wait: whether to wait for exports.
        watch: gets the engine's counts once, when it starts.
        say: gets a line where something worth telling happens.
        settle: called after each package.

    Raises:
        AirmeetError: nothing could be fetched.
        PipelineStepFailed: the destination failed.
    """
    outcome = Outcome()
    layout = settings.hosts().layout
    feeds = feeds_of(set(only), layout) if only else [*feeds_in(layout).values()]
    tables = {"airmeets", LEDGER_TABLE, *(table for feed in feeds for table in feed.tables)}
    pipeline.activate()
    if resumed := complete_pending(pipeline):
        outcome.resumed = resumed
        say(f"completed {resumed} package(s) of a run that was cut off")
    pipeline.sync_destination()
    ledger = read_ledger(pipeline)
    engine = Engine(
        settings,
        feeds,
        ledger,
        selection or Selection(),
        token_folder(),
        _learned(pipeline),
        wait,
        guard=settings.guard(read_erased(pipeline)),
    )
    watch(engine.progress)
    engine.start()
    try:
        with jemalloc_pool():
            for units in _packages(engine.handover):
                noted = _noted(units, outcome, engine.progress)
                package = _package(noted, layout).with_resources(*tables, FIELDS.name)
                # Not `run`, which would ask the destination for its state once more.
                pipeline.extract(package, loader_file_format=file_format(pipeline))
                pa.default_memory_pool().release_unused()  # what follows is DuckDB's
                pipeline.normalize()
                pipeline.load()
                settle()
                outcome.packages += 1
                engine.progress.loading = 0
    except PipelineStepFailed as failure:
        if not outcome.packages:
            raise
        outcome.stopped_by = failure
    finally:
        engine.stop()
        outcome.requests = engine.progress.requests
        outcome.airmeets = engine.progress.airmeets
        outcome.nameless = engine.progress.nameless
    outcome.stopped_by = outcome.stopped_by or engine.handover.error
    if outcome.stopped_by is not None and not outcome.fetched:
        raise outcome.stopped_by
    if moved := move_old_lists(pipeline, ledger):
        say(f"moved lists of {moved} airmeet(s), which were not fetched again, to their own tables")
    return outcome


@contextmanager
def jemalloc_pool() -> Iterator[None]:
    """Let Arrow take its memory from jemalloc, where it was built with it. Columns are made in the
    engine's thread and let go of in dlt's: Arrow's own choice then keeps as much again unused."""
    before = pa.default_memory_pool()
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


@dlt.source(name="airmeet", section="airmeet", max_table_nesting=0)
def _package(units: Iterator[FeedResult], layout: Layout) -> Iterable[DltResource]:
    """One package of units, with the tables and the schema of `airmeet_source`."""
    return table_resources(lambda: units, layout, [FIELDS])


def _packages(handover: UnitQueue) -> Iterator[Iterator[FeedResult]]:
    """The units in packages; a package ends when it is large, old, or nothing more comes.

    And before a unit that is as large as a package by itself: what is loaded at once takes memory.
    """
    while (first := handover.get()) is not None:
        yield _one_package(handover, first)


def _one_package(handover: UnitQueue, first: FeedResult) -> Iterator[FeedResult]:
    began, rows = monotonic(), 0
    unit: FeedResult | None = first
    while unit is not None:
        yield unit
        rows += unit.rows
        if rows >= PACKAGE_ROWS or monotonic() - began >= _PACKAGE_SECONDS:
            return
        unit = handover.get(_IDLE_SECONDS, PACKAGE_ROWS)


def _noted(
    units: Iterator[FeedResult], outcome: Outcome, progress: Progress
) -> Iterator[FeedResult]:
    rows = 0
    for unit in units:
        outcome.note(unit)
        rows += unit.rows
        yield unit
    progress.loading = rows


def _learned(pipeline: dlt.Pipeline) -> ColumnTypeRegistry:
    known = pipeline.schemas
    return (
        ColumnTypeRegistry.from_schema(known[PIPELINE])
        if PIPELINE in known
        else ColumnTypeRegistry()
    )
