"""The first part of a load: deliveries of webhooks, from the inbox into their tables.

Each delivery is in the warehouse once, whatever is killed when. Files go from the inbox once their
rows are committed, and a delivery that a completed package holds is not loaded again; what a
package that was cut off holds is, and replaces it, since rows are merged by the delivery's digest.

A delivery is a hint and never the record: it makes feeds of its airmeet due again, those that are
final, too. The ledger says so before the file goes.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import dlt
from airmeet.extract.arrow import to_arrow
from airmeet.extract.ledger import read_ledger
from airmeet.extract.schema_drift import ColumnTypeRegistry
from airmeet.privacy.erasure import read_erased
from airmeet.privacy.policy import PrivacyPolicy, policy_of
from airmeet.resources import webhook_resources
from airmeet.rows import values_of
from airmeet.schemas import WEBHOOK_TABLES
from airmeet.settings import Settings
from airmeet.source import SCHEMA
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.extract import DltResource

from ..exit_codes import CommandError
from ..warehouse.final_feeds import Place, note_places
from ..warehouse.warehouse import file_format
from ..webhooks.inbox import Inbox, InboxFile
from ..webhooks.payloads import EVENTS, Reading, Row, read_delivery
from ..webhooks.triggers import TRIGGERS
from .repair import make_due
from .result import LoadResult

_log = logging.getLogger(__name__)

_PACKAGE_BYTES = 32 * 1024**2
_PACKAGE_FILES = 5_000
"""After so much a package is closed."""
_IDS_AT_ONCE = 500
_AHEAD = timedelta(minutes=5)
"""How far the receiver's clock may be behind the API's: what came then makes due, too."""


class InboxFault(CommandError):
    """The files of the inbox cannot be read, or not be removed; what is in them stays."""


def take_up(
    pipeline: dlt.Pipeline,
    settings: Settings,
    inbox: Inbox,
    load_package: Callable[[], None],
    writing: Callable[[], AbstractContextManager[None]],
    done: LoadResult,
) -> list[Place]:
    """Load what waits in the inbox, while no package is pending.

    Args:
        pipeline: where to.
        settings: say what is stored of people.
        inbox: what waits; its files go once they are loaded.
        load_package: loads the package that is normalized.
        writing: is entered where the ledger is changed.
        done: counts what was taken up.

    Returns:
        The feeds of airmeets that were final and are due again.

    Raises:
        InboxFault: a file cannot be read or removed.
        PipelineStepFailed: the destination failed; the files stay.
    """
    due: list[Place] = []
    try:
        for files in _packages(inbox.files()):
            received = _load(pipeline, settings, inbox, files, load_package, done)
            if received:
                with writing():
                    due += make_due(pipeline, _later(pipeline, received))
            for file in files:
                file.path.unlink(missing_ok=True)
    except OSError as error:
        raise InboxFault(
            f"the inbox {inbox.folder} could not be taken up ({error.strerror}): see that whoever "
            "loads may read and write it; what is in it stays"
        ) from None
    return due


def _load(
    pipeline: dlt.Pipeline,
    settings: Settings,
    inbox: Inbox,
    files: list[InboxFile],
    load_package: Callable[[], None],
    done: LoadResult,
) -> dict[Place, list[datetime]]:
    """Load the deliveries of some files; returns when which feeds were said to have something."""
    readings: dict[str, Reading] = {}
    received: defaultdict[Place, list[datetime]] = defaultdict(list)
    for delivery in chain.from_iterable(file.deliveries for file in files):
        reading = read_delivery(delivery)
        for place in _hints(reading.event):
            received[place].append(delivery.received_at)
        if reading.id not in readings and reading.error:
            inbox.keep_unreadable(f"{reading.id}.body", delivery.body)
        readings.setdefault(reading.id, reading)
    for file in files:
        for number, line in enumerate(file.unreadable):
            inbox.keep_unreadable(f"{file.path.stem}-{number}.line", line)
            done.unreadable += 1
    known = _known(pipeline, [*readings])
    fresh = [reading for id, reading in readings.items() if id not in known]
    if fresh:
        policy = policy_of(settings.privacy, settings.privacy_key, read_erased(pipeline))
        rows = {name: _stored(name, fresh, policy) for name in WEBHOOK_TABLES}
        note_places(pipeline, ())
        pipeline.extract(_deliveries(rows), loader_file_format=file_format(pipeline))
        pipeline.normalize()
        # Before it is loaded: whoever notes that it is asks whether anything changed.
        done.deliveries += len(fresh)
        done.unreadable += sum(bool(reading.error) for reading in fresh)
        load_package()
        done.packages += 1
    _log.info("%d deliveries of %d files are taken up", len(readings), len(files))
    return received


@dlt.source(name=SCHEMA, section=SCHEMA, max_table_nesting=0)
def _deliveries(rows: dict[str, list[Row]]) -> Iterable[DltResource]:
    return webhook_resources(rows)


def _packages(files: Iterable[InboxFile]) -> Iterator[list[InboxFile]]:
    held: list[InboxFile] = []
    size = 0
    for file in files:
        held.append(file)
        size += sum(len(delivery.body) for delivery in file.deliveries)
        if size >= _PACKAGE_BYTES or len(held) >= _PACKAGE_FILES:
            yield held
            held, size = [], 0
    if held:
        yield held


def _hints(event: Row) -> Iterator[Place]:
    """The feeds of which a delivery says that they have something new."""
    trigger = TRIGGERS.get(event["trigger"] or "")
    if trigger and event["airmeet_id"]:
        yield from ((event["airmeet_id"], table) for table in trigger.hints)


def _later(pipeline: dlt.Pipeline, received: dict[Place, list[datetime]]) -> list[Place]:
    """Those of the feeds that were last asked for before somebody said that they have something."""
    if not received:
        return []
    ledger = read_ledger(pipeline, ("is_final",))
    return [
        place
        for place, moments in received.items()
        if (sync := ledger.get(place)) and sync.requested_at < max(moments) + _AHEAD
    ]


def _known(pipeline: dlt.Pipeline, ids: list[str]) -> set[str]:
    """Those of the deliveries that completed packages hold."""
    known: set[str] = set()
    with pipeline.sql_client() as client:
        events = client.make_qualified_table_name(EVENTS)
        loads = client.make_qualified_table_name("_dlt_loads")
        for first in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[first : first + _IDS_AT_ONCE]
            query = (
                f"SELECT e.delivery_id FROM {events} e JOIN {loads} l "
                f"ON l.load_id = e._dlt_load_id WHERE l.status = 0 "
                f"AND e.delivery_id IN ({', '.join(['%s'] * len(some))})"
            )
            try:
                known.update(str(id) for (id,) in client.execute_sql(query, *some) or ())
            except DatabaseUndefinedRelation:  # the first ones
                return set()
    return known


def _stored(name: str, readings: list[Reading], policy: PrivacyPolicy) -> list[dict[str, Any]]:
    """What of the deliveries' rows is stored in a table."""
    rows = [row for reading in readings for row in reading.rows.get(name, ())]
    if not rows:
        return []
    table, values = WEBHOOK_TABLES[name], values_of(rows)
    typed = to_arrow(table, values, len(rows), {}, set(), ColumnTypeRegistry())
    stored, _ = policy.apply(name, typed)
    return list(stored.to_pylist())
