"""The composition root: settings in, an engine and dlt resources out.

`airmeet_source` and `airmeet load` both go through here. The source runs one engine to its end
while dlt extracts; the command starts the engine itself and loads its results in several packages,
each a `package_source` with the resources of `airmeet_source`.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import ParamSpec

import dlt
from dlt.extract import DltResource, DltSource

from .api.auth import token_folder
from .extract.engine import Engine
from .extract.known_list import KnownList
from .extract.ledger import TABLE as LEDGER_TABLE
from .extract.ledger import read_ledger
from .extract.lifecycle import Selection
from .extract.results import FeedResult
from .extract.schema_drift import ColumnTypeRegistry
from .feeds import feeds_of
from .privacy.erasure import read_erased
from .privacy.policy import policy_of
from .resources import selected_tables, table_resources
from .schemas import FIELDS
from .settings import Layout, Settings, SourceOptions

SCHEMA = "airmeet"
"""Name of the schema in dlt, and with `sources` the section of its configuration."""

_Fields = ParamSpec("_Fields")


def engine_for(
    settings: Settings,
    pipeline: dlt.Pipeline,
    tables: Set[str],
    selection: Selection,
    wait: bool = True,
    schema: str = SCHEMA,
    known_list: KnownList | None = None,
) -> Engine:
    """An engine for one run, which knows what the pipeline's destination holds. It is not started.

    Args:
        settings: resolved settings.
        pipeline: its destination is read: the ledger, and who was erased.
        tables: those to fetch; without the ledger among them nothing is known to be loaded.
        selection: airmeets and period.
        wait: whether to wait for exports, or leave those that are not ready pending.
        schema: name of the pipeline's schema; its columns keep their types.
        known_list: the list of airmeets in the destination, if it need not be loaded again.

    Raises:
        SelectionError: a table is unknown.
        Exception: whatever the destination raises when it cannot be opened.
    """
    # Without the ledger among the tables nothing would remember what was loaded.
    ledger = read_ledger(pipeline) if LEDGER_TABLE in tables else {}
    known = pipeline.schemas
    return Engine(
        settings,
        feeds_of({*tables} - {LEDGER_TABLE}, settings.hosts().layout),
        ledger,
        replace(selection, tables=frozenset(tables)),
        token_folder(),
        ColumnTypeRegistry.from_schema(known[schema]) if schema in known else ColumnTypeRegistry(),
        policy_of(settings.privacy, settings.privacy_key, read_erased(pipeline)),
        wait,
        known_list,
    )


@dlt.source(name=SCHEMA, section=SCHEMA, max_table_nesting=0)
def package_source(
    results: Iterable[FeedResult], layout: Layout, folder: Path | None = None
) -> Iterable[DltResource]:
    """Results of a running engine, with the schema and the resources of `airmeet_source`, and with
    the fields that rows carried. With a folder, of `parquet_folder`, dlt need not write them."""
    return table_resources(lambda: results, layout, [FIELDS], folder)


def _airmeet_source(options: SourceOptions) -> list[DltResource]:
    options.on_resolved()
    selection = Selection(
        None if options.airmeets is None else frozenset(options.airmeets),
        _day(options.since),
        _day(options.until),
        options.full_refresh,
    )

    def results() -> Iterator[FeedResult]:
        engine = engine_for(
            options,
            dlt.current.pipeline(),
            selected_tables(),
            selection,
            options.wait,
            dlt.current.source_schema().name,
        )
        engine.start()
        try:
            while not engine.queue.drained:
                if result := engine.queue.get():
                    yield result
        finally:
            engine.stop()
        if engine.queue.error is not None:
            raise engine.queue.error

    return table_resources(results, options.hosts().layout)


def _day(moment: date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


def _source_with_fields_of(
    options: Callable[_Fields, SourceOptions],
) -> Callable[_Fields, DltSource]:
    """A dlt source whose arguments are the fields of `SourceOptions`, for dlt, `help` and mypy
    alike: so each of them is declared once."""

    def airmeet_source(*args: _Fields.args, **kwargs: _Fields.kwargs) -> Iterable[DltResource]:
        """All of an Airmeet account's event data, one resource a table.

        Nothing is fetched before dlt extracts. Select tables with `with_resources`: only what they
        need is fetched. Rows come as Arrow tables; load them as parquet.

        The arguments are the fields of `airmeet.settings.SourceOptions`, which describes them. dlt
        resolves those that are not given under `[sources.airmeet]`, keys among its secrets.

        Raises:
            AirmeetError: while extracting; one line says what is wrong and how to mend it.
        """
        return _airmeet_source(options(*args, **kwargs))

    vars(airmeet_source)["__signature__"] = inspect.signature(options)
    airmeet_source.__qualname__ = airmeet_source.__name__  # dlt registers no inner functions
    return dlt.source(  # type: ignore[call-overload,no-any-return]
        airmeet_source, name=SCHEMA, section=SCHEMA, max_table_nesting=0, spec=options
    )


airmeet_source = _source_with_fields_of(SourceOptions)
