"""Airmeet as a dlt destination: rows of any dlt source or query become writes.

    pipeline = dlt.pipeline("crm_to_airmeet", destination=airmeet_destination(airmeet="…"))
    pipeline.run(people, table_name="attendees")

Tables are those of `writing.WRITES`; what they have in common with `airmeet push` is all but the
dry run. The keys are the source's, `[sources.airmeet]`. A table's rows are checked before the
first of them is sent; tables that build on one another (a session on its speakers) go in runs of
their own. The outcomes are in the journal, which `airmeet push` or `pushed()` puts into `pushes`.
"""

import asyncio
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dlt
import pyarrow.parquet as pq
from dlt.common.configuration import resolve_configuration
from dlt.common.destination.exceptions import (
    DestinationTerminalException,
    DestinationTransientException,
)
from dlt.common.schema import TTableSchema
from dlt.extract import DltSource

from ..api.auth import token_folder
from ..api.client import Client
from ..errors import AirmeetError, FatalError
from ..settings import Settings
from .journal import Journal, Push, pushes
from .operations import write_of
from .pusher import Pusher, Step
from .validation import Problem, check_columns, checked

_NAMED = 5
"""So many bad rows are named in the error; the rest are counted."""


@dlt.destination(  # type: ignore[arg-type]  # it gives a file's path, for the batch size is 0
    name="airmeet",
    batch_size=0,  # a table's rows at once: all are checked before any is sent
    loader_file_format="parquet",
    naming_convention="snake_case",
    skip_dlt_columns_and_tables=True,
    max_table_nesting=0,
    loader_parallelism_strategy="sequential",
)
def airmeet_destination(
    items: str, table: TTableSchema, airmeet: str = "", skip_invalid: bool = False
) -> None:
    """Write a table's rows to Airmeet (§3, §4); safe to repeat.

    Args:
        items: the file of rows.
        table: whose name says what is written.
        airmeet: id of the airmeet of rows without a column `airmeet_id`.
        skip_invalid: leave rows out that are not in order, rather than send none.

    Raises:
        DestinationTerminalException: the table or a row is not in order.
        DestinationTransientException: some rows could not be sent; a further run takes them up.
    """
    settings = resolve_configuration(Settings(), sections=("sources", "airmeet"))
    with _in_dlts_terms():
        failed = asyncio.run(_push(items, str(table["name"]), settings, airmeet, skip_invalid))
    if failed:
        raise DestinationTransientException(
            f"{len(failed)} rows were not written: {failed[0].error}; run again"
        )


async def _push(
    file: str, table: str, settings: Settings, airmeet: str, skip_invalid: bool
) -> list[Push]:
    write = write_of(table, settings.hosts().layout)
    if write.deprecated:
        warnings.warn(write.warning, FutureWarning, stacklevel=2)
    rows = pq.read_table(file).to_pylist()
    check_columns(write, rows[0] if rows else ())
    good, problems = checked(write, enumerate(rows, 1), airmeet)
    journal = journal_of(settings)
    failed: list[Push] = []

    def notify(step: Step, push: Push) -> None:
        if push.outcome in ("failed", "unknown"):
            failed.append(push)

    with journal.held():
        async with Client(settings, token_folder()) as client:
            pusher = Pusher(client, write, journal.read(), settings.retry_seconds)
            good, more = await pusher.with_answers(good)
            if (problems := sorted(problems + more)) and not skip_invalid:
                raise DestinationTerminalException(refusal(problems))
            await pusher.apply(await pusher.plan(good), journal, notify)
    return failed


@contextmanager
def _in_dlts_terms() -> Iterator[None]:
    """What will not pass by itself ends the load job; what may, leaves it to a further try."""
    try:
        yield
    except FatalError as fault:
        raise DestinationTransientException(str(fault)) from fault
    except AirmeetError as fault:
        raise DestinationTerminalException(str(fault)) from fault


def refusal(problems: list[Problem]) -> str:
    """The bad rows in one line."""
    named = "; ".join(f"row {p.line}: {p.reason}" for p in problems[:_NAMED])
    rest = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
    return f"nothing was sent, {len(problems)} rows are not in order: {named}{rest}"


def journal_of(settings: Settings) -> Journal:
    """The journal of the settings' account."""
    return Journal(token_folder(), settings.hosts().api, settings.access_key)


def pushed() -> DltSource:
    """The journal as a source with the table `pushes`, for a pipeline of one's own."""
    settings = resolve_configuration(Settings(), sections=("sources", "airmeet"))
    return pushes(journal_of(settings).read().values())
