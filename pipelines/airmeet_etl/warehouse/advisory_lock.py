"""A lock in a Postgres database: held by a connection, and free once that is gone.

It is no row and no table: who may connect may take it, and a process that dies leaves nothing. It
needs a connection of its own to the server: a pooler that gives each transaction another one keeps
no such lock.
"""

from importlib import import_module
from typing import Any

from .patience import ATTEMPT_SECONDS, Holder

_LONGEST_NAME = 63
"""Characters that Postgres keeps of an application's name."""
_KEEPALIVES = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10}
_SETTINGS = (
    # A machine that is gone without a word holds the lock until the server notices.
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 6",
    "SET idle_session_timeout = 0",  # of Postgres 14 on: the connection idles while it holds
)

_HOLDER = """
SELECT a.application_name, to_char(a.state_change AT TIME ZONE 'UTC', 'HH24:MI')
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32) | l.objid::bigint = %s
"""


class AdvisoryLock:
    """A session's advisory lock; it can be taken again once it was released."""

    def __init__(self, dsn: str, key: int, command: str) -> None:
        """Connects to nothing yet.

        Args:
            dsn: of the database.
            key: which lock, as a signed number of 64 bits.
            command: of `airmeet` that this process runs; others are shown it.
        """
        self._dsn, self._key = dsn, key
        this = Holder.this(command)
        # The host comes last: where the name is too long, its end is cut off.
        name = f"airmeet {command} {this.process} {this.host}"
        self._name = name[:_LONGEST_NAME]
        self._connection: Any = None

    def take(self, seconds: float) -> bool:
        """Take the lock, or wait for it so long; whether it is held is returned.

        Raises:
            psycopg2.Error: the server does not answer.
        """
        psycopg2 = _driver()
        if self._connection is None:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:
            if not seconds:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", (self._key,))
                return bool(cursor.fetchone()[0])
            try:  # in a queue: a load that takes it package by package does not keep others out
                cursor.execute("SELECT pg_advisory_lock(%s)", (self._key,))
            except psycopg2.errors.LockNotAvailable:
                return False
            return True

    def _connect(self) -> Any:
        psycopg2 = _driver()
        connection = psycopg2.connect(self._dsn, application_name=self._name, **_KEEPALIVES)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for setting in (*_SETTINGS, f"SET lock_timeout = {round(ATTEMPT_SECONDS * 1000)}"):
                try:
                    cursor.execute(setting)
                except psycopg2.ProgrammingError:  # of another version
                    continue
        return connection

    def holder(self) -> Holder:
        """Who holds it; nobody's name where the server does not say."""
        if self._connection is None:
            return Holder()
        with self._connection.cursor() as cursor:
            cursor.execute(_HOLDER, (self._key,))
            row = cursor.fetchone()
        words = str(row[0]).split(" ") if row else []
        if len(words) != 4 or words[0] != "airmeet":
            return Holder()
        _, command, process, host = words
        return Holder(command, host, process, str(row[1] or ""))

    def is_held(self) -> bool:
        """Whether the connection that holds it is still there."""
        psycopg2 = _driver()
        if self._connection is None:
            return False
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error:
            return False
        return True

    def release(self) -> None:
        """Let it go, and the connection with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _driver() -> Any:
    """psycopg2, which dlt's own client of Postgres needs: no requirement of ours."""
    return import_module("psycopg2")
