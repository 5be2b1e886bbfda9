"""A lease: a row in the dataset that says who writes, for databases without a lock of their own.

The row names its holder and counts up while the holder lives. Who finds it unchanged for
`LEASE_SECONDS`, by a clock of its own, takes it over: no two machines' clocks are compared.

What it promises: two runs do not write at once where the database changes one row for one of two
that update it at the same time, as databases with transactions do. What it does not: a process that
stood still for longer than the lease (a machine asleep) and goes on finds out at the end of its
step alone, when the row names another; and where updates come late or do not exclude each other
(ClickHouse), two runs that begin within the same moment may both believe that they hold it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import dlt
from dlt.common.schema import Schema
from dlt.destinations.job_client_impl import SqlJobClientBase

from .patience import Holder
from .statements import update

TABLE = "_airmeet_lease"
LEASE_SECONDS = 120.0
"""How long the row stays as it is before its holder counts as dead."""
BEAT_SECONDS = 15.0
"""How often its holder changes it."""

_ATTEMPTS = 3
_TEXT = {"data_type": "text", "nullable": True}


class Lease:
    """The lease of one dataset; it can be taken again once it was released."""

    def __init__(
        self,
        pipeline: dlt.Pipeline,
        command: str,
        clock: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        """Connects to nothing yet.

        Args:
            pipeline: in whose raw dataset the row is.
            command: of `airmeet` that this process runs; others are shown it.
            clock: in seconds, from any beginning.
            pause: waits so many seconds between two attempts.
        """
        self._pipeline, self._clock, self._pause = pipeline, clock, pause
        this = Holder.this(command)
        self._me = f"{command} {this.process} {this.host} {uuid4().hex[:8]}"
        self._seen: tuple[tuple[str, int], float] | None = None
        self._since = ""
        self._ended = threading.Event()
        self._beating: threading.Thread | None = None

    def take(self, seconds: float) -> bool:
        """Take the lease, or wait for it so long; whether it is held is returned.

        Raises:
            Exception: what the destination raises.
        """
        self._pause(seconds)
        with self._open() as client:
            row = max(self._made_rows(client))
            if self._seen is None or self._seen[0] != row:
                self._seen = row, self._clock()
            if row[0] and self._clock() - self._seen[1] < LEASE_SECONDS:
                return False
            now = f"{datetime.now(UTC):%H:%M}"
            try:
                taking = "holder = %s, beat = 1, since = %s"
                theirs = "(holder = %s AND beat = %s) OR holder = ''"
                self._update(client, taking, theirs, self._me, now, *row)
            except Exception:  # of two that update at once some databases refuse one
                return False
            if {holder for holder, _ in self._rows(client)} != {self._me}:
                self._free(client)
                return False
        self._seen = None
        self._ended = threading.Event()
        self._beating = threading.Thread(
            target=self._beat, args=(self._ended,), name="airmeet-lease", daemon=True
        )
        self._beating.start()
        return True

    def holder(self) -> Holder:
        """Who has the lease."""
        words = self._seen[0][0].split(" ") if self._seen else []
        if len(words) != 4:
            return Holder()
        command, process, host, _ = words
        return Holder(command, host, process, self._since)

    def is_held(self) -> bool:
        """Whether a row still names this process; another one may for a moment, and takes its name
        back (`take`)."""
        with self._open() as client:
            return any(holder == self._me for holder, _ in self._rows(client))

    def release(self) -> None:
        """Give it back; where the destination does not answer it runs out by itself."""
        self._ended.set()
        if self._beating is not None:
            self._beating.join()
            self._beating = None
            with suppress(Exception), self._open() as client:
                self._free(client)

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(BEAT_SECONDS):
            # One that fails is made up for by the next.
            with suppress(Exception), self._open() as client:
                self._update(client, "beat = beat + 1", "holder = %s", self._me)

    def _rows(self, client: SqlJobClientBase) -> list[tuple[str, int]]:
        """The rows: one, or more where several processes began at once, each of which made one;
        they are changed alike from then on."""
        query = f"SELECT holder, beat, since FROM {self._table(client)}"
        rows = client.sql_client.execute_sql(query) or ()
        self._since = max((str(since) for _, _, since in rows), default="")
        return [(str(holder), int(beat)) for holder, beat, _ in rows]

    def _made_rows(self, client: SqlJobClientBase) -> list[tuple[str, int]]:
        """The rows; the table and a row are made where there is none. What was made is read again:
        another process may have made a row, too, and hold the lease by now."""
        from dlt.destinations.exceptions import DatabaseUndefinedRelation

        try:
            if rows := self._rows(client):
                return rows
        except DatabaseUndefinedRelation:
            self._make(client)
        client.sql_client.execute_sql(
            f"INSERT INTO {self._table(client)} (holder, beat, since) VALUES ('', 0, '')"
        )
        return self._rows(client)

    def _free(self, client: SqlJobClientBase) -> None:
        """Name nobody where this process is named."""
        self._update(client, "holder = '', beat = 0, since = ''", "holder = %s", self._me)

    def _make(self, client: SqlJobClientBase) -> None:
        """Make the dataset and the table; dlt looks whether they are there, and then makes them."""
        from dlt.destinations.exceptions import DatabaseException

        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                client.initialize_storage()
                client.update_stored_schema([TABLE, client.schema.version_table_name])
                return
            except DatabaseException:  # another loader has made one of them meanwhile
                if not attempts_left:
                    raise
                self._pause(1.0)

    def _update(
        self, client: SqlJobClientBase, assignments: str, condition: str, *values: object
    ) -> None:
        statement = update(client.sql_client, self._table(client), assignments, condition)
        client.sql_client.execute_sql(statement, *values)

    @staticmethod
    def _table(client: SqlJobClientBase) -> str:
        return client.sql_client.make_qualified_table_name(TABLE)

    @contextmanager
    def _open(self) -> Iterator[SqlJobClientBase]:
        client = dlt.dataset(
            self._pipeline.destination, str(self._pipeline.dataset_name), _schema()
        ).destination_client
        assert isinstance(client, SqlJobClientBase), "the destination takes no SQL"
        with client:
            yield client


def _schema() -> Schema:
    schema = Schema("airmeet_lease")
    columns: Any = {
        "holder": {"name": "holder", **_TEXT},
        "beat": {"name": "beat", "data_type": "bigint", "nullable": True},
        "since": {"name": "since", **_TEXT},
    }
    schema.update_table({"name": TABLE, "write_disposition": "append", "columns": columns})
    # As if read from a destination: dlt stores none that was changed since.
    return Schema.from_stored_schema(schema.to_dict())
