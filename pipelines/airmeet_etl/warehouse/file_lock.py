"""A lock on a file beside a catalog that is a file; the system frees it when its process dies."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .patience import Holder

if TYPE_CHECKING:
    from filelock import FileLock


class CatalogFileLock:
    """One file lock for all datasets of a catalog, which takes one writer at a time anyway."""

    def __init__(self, catalog: Path, command: str) -> None:
        """Touches nothing yet.

        Args:
            catalog: the catalog's file, which may be still to come.
            command: of `airmeet` that this process runs; others are shown it.
        """
        self._file = catalog.with_name(f"{catalog.name}.airmeet.lock")
        # Of its own: whoever tries for the lock empties the file that is locked.
        self._note = catalog.with_name(f"{catalog.name}.airmeet.holder")
        self._command = command
        self._lock: FileLock | None = None

    def take(self, seconds: float) -> bool:
        """Take the lock, or wait for it so long; whether it is held is returned.

        Raises:
            OSError: the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self._file)
        try:
            lock.acquire(timeout=seconds, poll_interval=0.05)
        except Timeout:
            return False
        self._lock = lock
        this = Holder.this(self._command, f"{datetime.now(UTC):%H:%M}")
        words = this.command, this.process, this.since, this.host
        with suppress(OSError):
            self._note.write_text(" ".join(words))
        return True

    def holder(self) -> Holder:
        """Who holds it; nobody's name where that is not written down."""
        try:
            command, process, since, host = self._note.read_text().split(" ")
        except (OSError, ValueError):
            return Holder()
        return Holder(command, host, process, since)

    def is_held(self) -> bool:
        """Whether it is held; the system takes it from nobody."""
        return self._lock is not None and self._lock.is_locked

    def release(self) -> None:
        """Let it go."""
        lock, self._lock = self._lock, None
        if lock is not None:
            self._note.unlink(missing_ok=True)
            lock.release()
