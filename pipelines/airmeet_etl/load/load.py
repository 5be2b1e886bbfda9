"""A load: what is due is fetched while packages of it are loaded.

The engine runs through the whole load in its own thread. Here its results are cut into packages,
each loaded by one run of dlt; what a loaded package holds is not requested again.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from time import monotonic

import dlt
import pyarrow as pa
from airmeet.extract.engine import Engine
from airmeet.extract.known_list import TableDigest, remember, table_digests
from airmeet.extract.queue import UnitQueue
from airmeet.extract.results import FeedResult
from airmeet.feeds import AIRMEETS
from airmeet.parquet_files import parquet_folder
from airmeet.privacy.erasure import TABLE as ERASED_TABLE
from airmeet.schemas import FIELDS
from airmeet.settings import Settings
from airmeet.source import engine_for, package_source
from dlt.pipeline.exceptions import PipelineStepFailed

from ..exit_codes import CommandError, interruption_in
from ..warehouse.connection import hold_connection, loading_sparingly, merging_with_one_thread
from ..warehouse.destination_lock import DestinationLock
from ..warehouse.final_feeds import Place, note_places, unsettle
from ..warehouse.mending import mend_tables
from ..warehouse.patience import LockLost
from ..warehouse.person_column import fill_person_column
from ..warehouse.recovery import (
    complete_pending,
    count_erased,
    disown,
    remove_old_packages,
    require_nobody_erased,
)
from ..warehouse.warehouse import file_format
from ..webhooks.inbox import UNREADABLE, Inbox
from .inbox import InboxFault, take_up
from .list_upgrade import move_old_lists
from .options import LoadObserver, LoadOptions, SilentObserver
from .result import LoadResult
from .unchanged_list import count_listed, note_seen, note_unchanged, usable_list

_log = logging.getLogger(__name__)

PACKAGE_ROWS = 250_000
"""Rows after which a package is closed: what a kill can cost, against dlt's second a package."""
_IDLE_SECONDS = 5.0
"""A package is closed when nothing came for this time: all that is left waits for exports."""
_PACKAGE_SECONDS = 60.0
"""The longest time that a package is kept open."""

Writing = Callable[[], AbstractContextManager[None]]
"""What is around each step that writes at the destination: its lock, at least."""


def load(
    pipeline: dlt.Pipeline,
    settings: Settings,
    options: LoadOptions | None = None,
    observer: LoadObserver | None = None,
    result: LoadResult | None = None,
    writing: Writing | None = None,
) -> LoadResult:
    """Load what is due into the pipeline's destination; the caller holds `single_run_lock`.

    Args:
        pipeline: where to.
        settings: resolved settings.
        options: what to fetch; all that is due without any.
        observer: gets to know how it goes.
        result: is filled and returned; holds what was done also where the load ends with an error.
        writing: is entered for each step that writes; the destination's lock without one.

    Raises:
        AirmeetError: nothing could be fetched.
        DatasetBusy: another run wrote all the time.
        PipelineStepFailed: the destination failed.
        KeyboardInterrupt: it was stopped.
    """
    options, observer = options or LoadOptions(), observer or SilentObserver()
    done = LoadResult() if result is None else result
    writing = writing or DestinationLock(pipeline, "load", observer.line).held
    with hold_connection(pipeline) as checkpoint, loading_sparingly(pipeline):
        layout = settings.hosts().layout
        tables = options.tables(layout)
        pipeline.activate()
        if options.inbox is not None and options.inbox.paths():
            _take_up(pipeline, settings, options.inbox, observer, done, writing)
            checkpoint.begin()
            checkpoint.wait()
        with writing():
            erased = _prepare(pipeline, observer, done)
            all_anew = options.selection.full_refresh
            known_list = None if all_anew else usable_list(pipeline, tables)
            engine = engine_for(
                settings,
                pipeline,
                tables,
                options.selection,
                options.wait,
                known_list=known_list,
            )
        noted = {**known_list.of_community} if known_list else {}
        observer.fetching(engine.progress)
        engine.start()
        try:
            for results in _packages(engine.queue):
                began = monotonic()
                places: list[Place] = []
                counted = _counted(results, done, observer, places, engine, noted)
                with parquet_folder(pipeline) as folder:
                    package = package_source(counted, layout, folder)
                    # Not `run`, which would ask the destination for its state once more.
                    pipeline.extract(
                        package.with_resources(*tables, FIELDS.name),
                        loader_file_format=file_format(pipeline),
                    )
                pa.default_memory_pool().release_unused()  # what follows is DuckDB's
                note_places(pipeline, places)
                pipeline.normalize()
                checkpoint.wait()
                more_to_come = not engine.queue.drained
                _load_package(pipeline, writing, erased, more_to_come)
                checkpoint.begin()  # while the next package is extracted
                done.packages += 1
                observer.package_committed()
                _log.info("package %d is loaded in %.1f s", done.packages, monotonic() - began)
        except (PipelineStepFailed, CommandError) as failure:
            if stop := interruption_in(failure):
                raise stop from None
            if not done.packages:
                raise
            done.stopped_by = failure
        finally:
            engine.stop()
            done.requests = engine.progress.requests
            done.airmeets = engine.progress.airmeets
            done.unlisted = engine.progress.unlisted
            done.nameless = engine.progress.nameless
        checkpoint.wait()
        done.stopped_by = done.stopped_by or engine.queue.error
        if done.stopped_by is not None and not done.fetched:
            raise done.stopped_by
        try:
            is_empty = done.stopped_by is None and not done.airmeets
            if is_empty and (listed := count_listed(pipeline)):
                observer.line(
                    f"Airmeet lists no airmeets any more, where it listed {listed:,}; what is "
                    "loaded stays: are these the keys of the same community?"
                )
            if engine.list_seen_at:
                with writing():
                    note_seen(pipeline, engine.list_seen_at)
            if engine.unchanged:
                with writing():
                    note_unchanged(pipeline, engine.unchanged)
            with writing():
                moved = move_old_lists(pipeline, engine.ledger)
            if moved:
                observer.line(
                    f"moved the lists of {moved} airmeet(s) that were not fetched again "
                    "to tables of their own"
                )
        except Exception as failure:
            done.stopped_by = done.stopped_by or failure  # what is loaded is loaded
        return done


def _load_package(
    pipeline: dlt.Pipeline, writing: Writing, erased: int, more_to_come: bool = False
) -> None:
    """Load what is normalized, unless people were erased since there were `erased` of them.

    Where the lock was lost meanwhile, another loader may have emptied the staging tables: such a
    package counts as never completed, and is fetched again.
    """
    info = None
    try:
        with writing():
            require_nobody_erased(pipeline, erased)
            unsettle(pipeline)
            with merging_with_one_thread(pipeline) if more_to_come else nullcontext():
                info = pipeline.load()
    except LockLost:
        if info is not None:
            disown(pipeline, info.loads_ids)
        raise


def _prepare(pipeline: dlt.Pipeline, observer: LoadObserver, done: LoadResult) -> int:
    """Complete what a run that was cut off has left, and mend what is damaged; within the lock.
    What earlier runs left in the working folder goes.

    Returns:
        How many digests of erased people there are.
    """
    if resumed := complete_pending(pipeline, observer.line):
        done.resumed += resumed
        observer.line(f"completed {resumed} package(s) of a run that was cut off")
    remove_old_packages(pipeline)
    erased = count_erased(pipeline)
    pipeline.sync_destination()
    if damaged := mend_tables(pipeline):
        observer.line(f"made anew what was missing of {', '.join(damaged)}")
        if ERASED_TABLE in damaged:
            observer.line("who was erased is not known any more: erase these people anew")
    fill_person_column(pipeline)
    return erased


def _take_up(
    pipeline: dlt.Pipeline,
    settings: Settings,
    inbox: Inbox,
    observer: LoadObserver,
    done: LoadResult,
    writing: Writing,
) -> None:
    """Take the inbox up. What is wrong with its files holds nothing else up."""
    with writing():
        erased = _prepare(pipeline, observer, done)
    try:
        due = take_up(
            pipeline,
            settings,
            inbox,
            lambda: _load_package(pipeline, writing, erased),
            writing,
            done,
        )
    except InboxFault as fault:
        done.inbox_fault = str(fault)
        observer.line(done.inbox_fault)
        return
    observer.line(f"took up {done.deliveries:,} deliveries of webhooks")
    if done.unreadable:
        observer.line(
            f"{done.unreadable:,} of them cannot be read; they are kept in "
            f"{inbox.folder / UNREADABLE}"
        )
    if due:
        observer.line(f"{len(due):,} feed(s) are due again, since webhooks say so")


def _packages(queue: UnitQueue) -> Iterator[Iterator[FeedResult]]:
    """The results in packages; a package ends when it is large, old, or nothing more comes.

    And before a result that is as large as a package by itself: each takes its memory at once.
    """
    while (first := queue.get()) is not None:
        held = [first]
        del first  # a large result would be held while it is loaded
        yield _one_package(queue, held)


def _one_package(queue: UnitQueue, held: list[FeedResult]) -> Iterator[FeedResult]:
    """The results of a package, the one that is held first; none is held once it is given."""
    began, rows = monotonic(), 0
    result: FeedResult | None = held.pop()
    while result is not None:
        rows += result.rows
        yield result
        del result
        if rows >= PACKAGE_ROWS or monotonic() - began >= _PACKAGE_SECONDS:
            return
        result = queue.get(_IDLE_SECONDS, PACKAGE_ROWS)


def _counted(
    results: Iterator[FeedResult],
    done: LoadResult,
    observer: LoadObserver,
    places: list[Place],
    engine: Engine,
    noted: dict[str, TableDigest],
) -> Iterator[FeedResult]:
    """The results of a package, counted; what it or one before it knows of the list is noted, and
    so is what they know of the community."""
    rows = 0
    for result in results:
        done.add(result)
        places += ((sync.airmeet_id, sync.feed) for sync in result.syncs)
        rows += result.rows
        noted |= table_digests(result)
        yield result
    if engine.list_digest and (engine.list_seen_at or done.rows[AIRMEETS.name]):
        remember(engine.list_digest, noted)
    observer.loading(rows)
