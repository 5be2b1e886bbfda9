"""One writer at a time in a dataset, wherever the writers run.

dlt has one staging dataset for each dataset: a package empties it, fills it, and merges out of it.
Two packages at once lose rows or bring them twice, and dlt ends with success. So every write takes
a lock at the destination. It is held for a package, a build of the reports or an erasure, never
while answers of the API are awaited.

| destination | lock |
|---|---|
| Postgres | advisory lock (`advisory_lock`) |
| DuckDB | the file lets in one process at a time: it is waited for until it is free |
| DuckLake | where its catalog is: Postgres, or a file beside it (`file_lock`); else a lease |
| other databases | a lease (`lease`), which promises less |
| Delta tables in a folder | a file beside the folder (`file_lock`) |
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from .advisory_lock import AdvisoryLock
from .duckdb_file import DuckDbFile
from .file_lock import CatalogFileLock
from .lease import Lease
from .patience import Holder, LockLost, Notify, wait_for
from .warehouse import stored_dataset, warehouse_file

_log = logging.getLogger(__name__)


class Lock(Protocol):
    """One of the kinds of locks."""

    def take(self, seconds: float) -> bool:
        """Take it, or wait for it so long; whether it is held is returned."""

    def holder(self) -> Holder | str:
        """Who holds it, in words or by its parts."""

    def is_held(self) -> bool:
        """Whether this process still holds it."""

    def release(self) -> None:
        """Let it go."""


class DestinationLock:
    """The lock of a pipeline's dataset, taken and released as often as needed."""

    def __init__(self, pipeline: dlt.Pipeline, command: str, notify: Notify = _log.info) -> None:
        """Connects to nothing yet.

        Args:
            pipeline: into whose dataset is written.
            command: of `airmeet` that writes; others that wait are shown it.
            notify: takes the line that says for whom it is waited.
        """
        self._lock = _lock_of(pipeline, command)
        self._dataset = f"the dataset {pipeline.dataset_name}"
        self._notify = notify
        self._depth = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; within itself it does nothing more.

        Raises:
            DatasetBusy: another run held it all the time.
            LockLost: it was not held to the end; what was written may be mixed with another run's.
        """
        if self._lock is None or self._depth:
            yield
            return
        does = f"writes into {self._dataset}"
        wait_for(self._lock.take, self._lock.holder, does, self._notify)
        self._depth += 1
        try:
            yield
            if not self._lock.is_held():
                raise LockLost(
                    f"the connection that kept others from writing into {self._dataset} broke; "
                    "run again: what was loaded meanwhile is fetched once more"
                )
        finally:
            self._depth -= 1
            self._lock.release()


def _lock_of(pipeline: dlt.Pipeline, command: str) -> Lock | None:
    """The kind of lock that a destination has; None where a lock is not needed, or not possible."""
    kind = pipeline.destination.destination_type.rpartition(".")[2]
    if not issubclass(pipeline.destination.client_class, SqlJobClientBase):
        return None
    if kind == "duckdb":
        file = warehouse_file(pipeline)
        return None if file is None else DuckDbFile(file)
    config: Any = pipeline.destination_client().config
    dataset = stored_dataset(pipeline)
    if kind == "filesystem":
        return CatalogFileLock(Path(config.credentials.database), command)
    if kind == "postgres":
        dsn = config.credentials.to_native_representation()
        return AdvisoryLock(dsn, _key(dataset), command)
    if kind == "ducklake":
        credentials = config.credentials
        catalog = credentials.catalog
        if catalog.drivername in ("sqlite", "duckdb"):
            return CatalogFileLock(Path(str(catalog.database)).absolute(), command)
        if catalog.drivername in ("postgres", "postgresql") and find_spec("psycopg2"):
            lake = credentials.metadata_schema or credentials.ducklake_name
            dsn = catalog.to_url().set(drivername="postgresql").render_as_string(False)
            return AdvisoryLock(dsn, _key(f"{lake}.{dataset}"), command)
    return Lease(pipeline, command)


def _key(name: str) -> int:
    """A number of 64 bits with a sign, as Postgres takes one; the database itself is no part of it,
    since such a lock is within one database."""
    digest = hashlib.sha256(f"airmeet {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
