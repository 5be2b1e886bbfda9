"""Feeds that a package replaces are final no more until all of it is merged.

A package's tables are merged one after the other. One that is killed in between may have put an
older answer over rows that another loader fetched later, and that loader's ledger row would say of
them that they need not be fetched again. So the ledger forgets that first: whatever becomes of the
package, the next load fetches these feeds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import dlt
import orjson
from airmeet.atomic_file import write_whole
from airmeet.extract.ledger import TABLE as LEDGER_TABLE
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.job_client_impl import SqlJobClientBase

from .statements import update

Place = tuple[str, str]
"""An airmeet and a feed of it."""

_NAME = "airmeet.places"
_AT_ONCE = 300
"""Airmeets in one statement."""


def note_places(pipeline: dlt.Pipeline, places: Iterable[Place]) -> None:
    """Write down which feeds the next package replaces, for whoever completes it.

    Raises:
        OSError: the working folder cannot be written.
    """
    write_whole(_file(pipeline), orjson.dumps([*places]).decode())


def unsettle(pipeline: dlt.Pipeline) -> None:
    """Let the noted feeds be final no more; for whoever holds the destination's lock, before a
    package is merged. Where one loader at a time has the destination (DuckDB) its answers are
    always the newest, and nothing is done.

    Raises:
        Exception: what the destination raises.
    """
    if pipeline.destination.destination_type.endswith(".duckdb"):
        return
    try:
        noted = {(str(airmeet), str(feed)) for airmeet, feed in orjson.loads(_text(pipeline))}
    except ValueError:  # nothing is noted
        return
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            return
        execute = client.sql_client.execute_sql
        ledger = client.sql_client.make_qualified_table_name(LEDGER_TABLE)
        try:
            rows = execute(f"SELECT airmeet_id, feed FROM {ledger} WHERE is_final = true") or ()
        except DatabaseUndefinedRelation:
            return
        for feed, airmeets in _by_feed(noted & {(str(a), str(f)) for a, f in rows}):
            marks = ", ".join(["%s"] * len(airmeets))
            condition = f"feed = %s AND airmeet_id IN ({marks})"
            execute(
                update(client.sql_client, ledger, "is_final = false", condition), feed, *airmeets
            )


def _by_feed(places: Collection[Place]) -> Iterator[tuple[str, list[str]]]:
    by_feed: defaultdict[str, list[str]] = defaultdict(list)
    for airmeet, feed in sorted(places):
        by_feed[feed].append(airmeet)
    for feed, airmeets in by_feed.items():
        for first in range(0, len(airmeets), _AT_ONCE):
            yield feed, airmeets[first : first + _AT_ONCE]


def _file(pipeline: dlt.Pipeline) -> Path:
    return Path(pipeline.pipelines_dir) / _NAME


def _text(pipeline: dlt.Pipeline) -> str:
    try:
        return _file(pipeline).read_text()
    except OSError:
        return ""
